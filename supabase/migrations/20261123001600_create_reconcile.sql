-- State of the function clerk-reconcile, and the functions that it calls. It works in slices: each slice takes the
-- lease, continues after the previous one, and stores its progress.

create table clerk.reconcile (
    singleton boolean primary key default true,
    lease uuid,
    leased_until timestamptz,
    state jsonb not null default '{}',
    constraint reconcile_singleton check (singleton),
    constraint reconcile_lease_ends check ((lease is null) = (leased_until is null)),
    constraint reconcile_state_is_object check (jsonb_typeof(state) = 'object')
);

insert into clerk.reconcile default values;

alter table clerk.reconcile enable row level security;
revoke all on table clerk.reconcile from public, anon, authenticated, service_role;
grant select, update on table clerk.reconcile to service_role;

comment on table clerk.reconcile is 'One row: the lease and the progress of clerk-reconcile.';
comment on column clerk.reconcile.lease is 'The lease of the running slice; null if none runs.';
comment on column clerk.reconcile.leased_until is 'When the lease expires, in case the slice was killed.';
comment on column clerk.reconcile.state is
'An object by task: backfill, pull, sweep and so on, each with the position of its next slice; the watermark in ms; and the
findings about each kind''s rows.';

-- The lease saves work and is not needed for correctness: two slices at once would only ask Clerk twice.
create function public.lease_reconcile(seconds integer) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    held clerk.reconcile;
begin
    update clerk.reconcile
    set lease = gen_random_uuid(), leased_until = clock_timestamp() + make_interval(secs => lease_reconcile.seconds)
    where leased_until is null or leased_until <= clock_timestamp()
    returning * into held;

    if found then
        return jsonb_build_object(
            'lease', held.lease,
            'state', held.state,
            'now', floor(extract(epoch from clock_timestamp()) * 1000)::bigint
        );
    end if;

    select * into strict held from clerk.reconcile;
    return jsonb_build_object(
        'lease', null,
        'retry_after', greatest(1, ceil(extract(epoch from held.leased_until - clock_timestamp())))
    );
end
$$;

revoke all on function public.lease_reconcile(integer) from public, anon, authenticated, service_role;
grant execute on function public.lease_reconcile(integer) to service_role;

comment on function public.lease_reconcile(integer) is
'Takes the lease of clerk-reconcile; returns it, its state and this database''s time in ms. If another call holds it, returns
in how many seconds to try again.';

create function public.save_reconcile(lease uuid, state jsonb, seconds integer) returns boolean
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    update clerk.reconcile as held
    set
        state = save_reconcile.state,
        lease = case when save_reconcile.seconds > 0 then held.lease end,
        leased_until = case
            when save_reconcile.seconds > 0 then clock_timestamp() + make_interval(secs => save_reconcile.seconds)
        end
    where held.lease = save_reconcile.lease;

    return found;
end
$$;

revoke all on function public.save_reconcile(uuid, jsonb, integer) from public, anon, authenticated, service_role;
grant execute on function public.save_reconcile(uuid, jsonb, integer) to service_role;

comment on function public.save_reconcile(uuid, jsonb, integer) is
'Stores the state under a lease, and renews the lease or, for 0 seconds, returns it; false if the lease was lost.';

-- Previews apply_clerk_changes() for a dry run: runs it and rolls it back. A change that is stale because its user,
-- organization or membership is deleted here has "deleted": true.
create function public.preview_clerk_changes(changes jsonb) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    outcomes jsonb;
begin
    begin
        outcomes := public.apply_clerk_changes(changes);
        raise exception 'Take it back' using errcode = 'CK001';
    exception
        when sqlstate 'CK001' then
            null;
    end;

    return (
        select coalesce(
            jsonb_agg(
                judged.outcome || case
                    when judged.outcome ->> 'outcome' = 'stale'
                        and coalesce(known_user.deleted_at, organization.deleted_at, membership.deleted_at) is not null
                        then '{"deleted": true}'::jsonb
                    else '{}'::jsonb
                end
                order by judged.position
            ), '[]'
        )
        from jsonb_array_elements(outcomes) with ordinality as judged (outcome, position)
        cross join lateral (
            select preview_clerk_changes.changes -> (judged.position::integer - 1) as change
        ) as given
        left join clerk.users as known_user on known_user.user_id = given.change ->> 'user_id'
        left join clerk.organizations as organization on organization.organization_id = given.change ->> 'organization_id'
        left join clerk.organization_memberships as membership
            on membership.membership_id = given.change ->> 'membership_id'
    );
end
$$;

revoke all on function public.preview_clerk_changes(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.preview_clerk_changes(jsonb) to service_role;

comment on function public.preview_clerk_changes(jsonb) is
'The outcomes that apply_clerk_changes() would return; changes nothing.';

-- Returns the users that the sweep asks Clerk about: those with a live row, except rows that the app wrote itself.
-- newest_at is the latest known time of a user, by Clerk's clock, because an import may have set an older creation
-- time. known_since is when this database first received the user, by its own clock: it is later than the start of an
-- import that brought the user with wrong keys. The page is cut first and its rows are looked up one by one, because
-- any other join would read the tables from their start for every page.
create function public.list_clerk_users(after text, size integer) returns jsonb
language sql stable
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
    select coalesce(jsonb_agg(to_jsonb(page) order by page.user_id), '[]')
    from (
        select
            known.user_id,
            visible.clerk_user_id is not null as live,
            floor(extract(epoch from known.known_since) * 1000)::bigint as known_since,
            greatest(
                floor(extract(epoch from known.created_at) * 1000)::bigint, known.version, known.version_event
            ) as newest_at
        from (
            select stored.user_id, stored.known_since, stored.created_at, stored.version, stored.version_event
            from clerk.users as stored
            where stored.user_id > list_clerk_users.after and stored.deleted_at is null
            order by stored.user_id
            limit list_clerk_users.size
        ) as known
        left join public.users as visible on visible.clerk_user_id = known.user_id and visible.deleted_at is null
    ) as page
$$;

revoke all on function public.list_clerk_users(text, integer) from public, anon, authenticated, service_role;
grant execute on function public.list_clerk_users(text, integer) to service_role;

comment on function public.list_clerk_users(text, integer) is
'A page of users by id, behind a given id: [{"user_id", "live", "known_since" in ms, "newest_at" in ms}].';

-- Limits on how many users a sweep may delete count the users that are older than the first import: imported users
-- exist at Clerk, so they would only raise the limit.
create function public.count_clerk_users(known_before timestamptz default null) returns bigint
language sql stable
security invoker
set search_path = ''
as $$
    select case
        when count_clerk_users.known_before is null
            then (select count(*) from public.users where deleted_at is null)
        else (
            select count(*)
            from public.users as visible
            inner join clerk.users as stored on stored.user_id = visible.clerk_user_id
            where visible.deleted_at is null and stored.known_since < count_clerk_users.known_before
        )
    end
$$;

revoke all on function public.count_clerk_users(timestamptz) from public, anon, authenticated, service_role;
grant execute on function public.count_clerk_users(timestamptz) to service_role;

comment on function public.count_clerk_users(timestamptz) is
'How many users have a live row; with a time, only users that this database had received before it.';

-- Returns users that the schema refuses, so that reconcile tries them again: for a profile or an address it fetches the
-- user from Clerk and applies it; for a deletion it calls retry_clerk_deletions().
create function public.list_clerk_refusals(after text, size integer) returns jsonb
language sql stable
security invoker
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(page) order by page.user_id), '[]')
    from (
        select
            refusal.user_id, refusal.type, refusal.code, refusal.detail, refusal.attempts,
            refusal.first_refused_at, refusal.last_refused_at
        from clerk.refusals as refusal
        -- Excludes refusals of organizations, which have no user.
        where refusal.user_id > list_clerk_refusals.after and clerk.is_open_refusal(refusal)
        order by refusal.user_id
        limit list_clerk_refusals.size
    ) as page
$$;

revoke all on function public.list_clerk_refusals(text, integer) from public, anon, authenticated, service_role;
grant execute on function public.list_clerk_refusals(text, integer) to service_role;

comment on function public.list_clerk_refusals(text, integer) is
'A page of users that the schema refuses, behind a given id: [{"user_id", "type", "code", "detail", "attempts",
"first_refused_at", "last_refused_at"}].';

-- Retries deletions of rows that the schema kept: at most 500, those with the oldest attempt first. For delete mode
-- hard.
create function public.retry_clerk_deletions(size integer) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    user_ids text [] := array(
        select refusal.user_id
        from clerk.refusals as refusal
        where refusal.type = 'user.deleted' and clerk.is_open_refusal(refusal)
        order by refusal.last_refused_at, refusal.user_id
        limit least(retry_clerk_deletions.size, 500)
    );
    outcomes jsonb;
begin
    -- The owner may lift a tombstone meanwhile, so the list of pending deletions is certain only under the users'
    -- locks.
    perform pg_advisory_xact_lock(1664525, bucket) -- name_locks
    from (
        select distinct hashtext(listed.user_id) & 1023 as bucket from unnest(user_ids) as listed (user_id) order by 1
    ) as buckets;
    user_ids := array(
        select listed.user_id
        from unnest(user_ids) with ordinality as listed (user_id, position)
        inner join clerk.refusals as refusal using (user_id)
        where refusal.type = 'user.deleted' and clerk.is_open_refusal(refusal)
        order by listed.position
    );

    outcomes := public.apply_clerk_changes((
        select coalesce(
            jsonb_agg(
                jsonb_build_object(
                    'type', 'user.deleted',
                    'user_id', listed.user_id,
                    'sent_at', floor(extract(epoch from now()) * 1000),
                    'delete_mode', 'hard'
                )
                order by listed.position
            ), '[]'
        )
        from unnest(user_ids) with ordinality as listed (user_id, position)
    ));
    return (
        select coalesce(jsonb_agg(jsonb_build_object('user_id', listed.user_id) || result.outcome order by listed.position), '[]')
        from unnest(user_ids) with ordinality as listed (user_id, position)
        inner join jsonb_array_elements(outcomes) with ordinality as result (outcome, position) using (position)
    );
end
$$;

revoke all on function public.retry_clerk_deletions(integer) from public, anon, authenticated, service_role;
grant execute on function public.retry_clerk_deletions(integer) to service_role;

comment on function public.retry_clerk_deletions(integer) is
'Retries deletions of rows of deleted users: [{"user_id", "outcome", …}], deleted, or with the code that blocks it.';
