-- Combines changes of organizations and memberships with changes of users in one call of apply_clerk_changes(): takes
-- their locks, and merges their outcomes.
--
-- Locks are taken class by class, each class in ascending order and in its own statement before the reads that it
-- protects. A call takes them in this order:
--
-- 1. Memberships by id. Only under these locks is the stored pair of a removal certain.
-- 2. Names: messages, and the users and organizations that change or that own a changing membership, by the given pair
--    and by the stored pair. A user's change takes this lock in any case, so it pays nothing extra for its members.
-- 3. Pairs of a user or an organization whose row is created or deleted. Two parents of a pair that arrive at once
--    would each find the other missing. New pairs of a parent need its name's lock, so the list is complete.
-- 4. Addresses, as in a call without organizations.

-- Locks the memberships and the names of a call that changes organizations or memberships.
create function clerk.lock_organization_names(
    incoming clerk.change [], organizations clerk.organization_change []
) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    membership_locks constant integer := 1664527;
    name_locks constant integer := 1664525;
begin
    perform pg_advisory_xact_lock(membership_locks, bucket)
    from (
        select distinct hashtext(change.membership_id) & 1023 as bucket from unnest(organizations) as change order by 1
    ) as buckets;

    perform pg_advisory_xact_lock(name_locks, names.bucket)
    from (
        select distinct hashtext(named.name) & 1023 as bucket
        from (
            select unnest(array[change.user_id, change.message_id]) as name from unnest(incoming) as change
            union all
            select change.organization_id from unnest(organizations) as change
            union all
            select unnest(array[stored.organization_id, stored.user_id])
            from unnest(organizations) as change
            cross join lateral (
                select one.* from clerk.organization_memberships as one
                where one.membership_id = change.membership_id offset 0
            ) as stored
        ) as named
        order by 1
    ) as names;
end
$$;

revoke all on function clerk.lock_organization_names(clerk.change [], clerk.organization_change [])
from public, anon, authenticated, service_role;
grant execute on function clerk.lock_organization_names(clerk.change [], clerk.organization_change []) to service_role;

comment on function clerk.lock_organization_names(clerk.change [], clerk.organization_change []) is
'Locks the memberships of a call, then the messages, users and organizations that it touches.';

-- Returns the pairs of each user and organization whose row is created or deleted. Needs the locks of the names,
-- because only under them is it certain whether a row is created or deleted.
create function clerk.find_moving_pairs(
    incoming clerk.change [], organizations clerk.organization_change []
) returns table (organization_id text, user_id text)
language sql stable
security invoker
set search_path = ''
as $$
    select stored.organization_id, stored.user_id
    from unnest(incoming) as change
    cross join lateral (
        select one.organization_id, one.user_id from clerk.organization_memberships as one
        where one.user_id = change.user_id
            and change.type like 'user.%'
            and (
                change.type = 'user.deleted'
                or not exists (select from public.users as visible where visible.clerk_user_id = change.user_id)
            )
        offset 0
    ) as stored
    union all
    select stored.organization_id, stored.user_id
    from unnest(organizations) as change
    cross join lateral (
        select one.organization_id, one.user_id from clerk.organization_memberships as one
        where one.organization_id = change.organization_id
            and change.type like 'organization.%'
            and (
                change.type = 'organization.deleted'
                or not exists (
                    select from public.organizations as visible
                    where visible.clerk_organization_id = change.organization_id
                )
            )
        offset 0
    ) as stored
$$;

revoke all on function clerk.find_moving_pairs(clerk.change [], clerk.organization_change [])
from public, anon, authenticated, service_role;
grant execute on function clerk.find_moving_pairs(clerk.change [], clerk.organization_change []) to service_role;

comment on function clerk.find_moving_pairs(clerk.change [], clerk.organization_change []) is
'The pairs of each user and organization whose row is created or deleted.';

create function clerk.lock_pairs(incoming clerk.change [], organizations clerk.organization_change []) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    pair_locks constant integer := 1664528;
begin
    perform pg_advisory_xact_lock(pair_locks, bucket)
    from (
        select distinct hashtext(pair.organization_id || ' ' || pair.user_id) & 1023 as bucket
        from clerk.find_moving_pairs(incoming, organizations) as pair
        order by 1
    ) as buckets;
end
$$;

revoke all on function clerk.lock_pairs(clerk.change [], clerk.organization_change [])
from public, anon, authenticated, service_role;
grant execute on function clerk.lock_pairs(clerk.change [], clerk.organization_change []) to service_role;

comment on function clerk.lock_pairs(clerk.change [], clerk.organization_change []) is
'Locks the pairs of each user and organization whose row is created or deleted.';

-- Returns a call's changes of users: all except those of organizations and memberships.
create function clerk.without_organizations(
    incoming clerk.change [], organizations clerk.organization_change []
) returns clerk.change []
language sql immutable
security invoker
set search_path = ''
as $$
    select array(
        select incoming[place]
        from generate_subscripts(incoming, 1) as list (place)
        where place not in (select change.position from unnest(organizations) as change)
        order by place
    )
$$;

revoke all on function clerk.without_organizations(clerk.change [], clerk.organization_change [])
from public, anon, authenticated, service_role;
grant execute on function clerk.without_organizations(clerk.change [], clerk.organization_change []) to service_role;

comment on function clerk.without_organizations(clerk.change [], clerk.organization_change []) is
'The users'' changes of a call, in order.';

-- Returns the outcomes of a call in the order of its changes.
create function clerk.join_outcomes(
    users jsonb [], organizations jsonb [], changes clerk.organization_change []
) returns jsonb []
language plpgsql immutable
security invoker
set search_path = ''
as $$
declare
    outcomes jsonb [] := array_fill(null::jsonb, array[cardinality(users) + cardinality(organizations)]);
    next_user integer := 1;
begin
    for place in 1 .. cardinality(changes) loop
        outcomes[changes[place].position] := organizations[place];
    end loop;
    for place in 1 .. cardinality(outcomes) loop
        if outcomes[place] is null then
            outcomes[place] := users[next_user];
            next_user := next_user + 1;
        end if;
    end loop;
    return outcomes;
end
$$;

revoke all on function clerk.join_outcomes(jsonb [], jsonb [], clerk.organization_change [])
from public, anon, authenticated, service_role;
grant execute on function clerk.join_outcomes(jsonb [], jsonb [], clerk.organization_change []) to service_role;

comment on function clerk.join_outcomes(jsonb [], jsonb [], clerk.organization_change []) is
'The outcomes of users'' changes and of organizations'' and memberships'' changes, in the order of the call.';
