-- Applies a change to an organization or a membership. All functions run under the locks of apply_clerk_changes(); see
-- docs/adr/0010-organizations-as-rights.md for the rules.
--
-- A row of public.organization_memberships grants access. It exists if and only if the current generation of its pair
-- (organization, user) has a profile and no tombstone, and both parents have live rows. So every change ends in
-- clerk.settle_pairs(), which writes the resulting rows of the pairs that the change touched.

create type clerk.pair as (organization_id text, user_id text);

revoke all on type clerk.pair from public, anon, authenticated, service_role;
grant usage on type clerk.pair to service_role;

comment on type clerk.pair is 'An organization and a user, by Clerk''s ids.';

-- The current state of a pair, and the state to reach.
create type clerk.pair_state as (
    row_id uuid,
    row_membership_id text,
    membership_id text,
    organization_id uuid,
    user_id uuid,
    role text,
    metadata jsonb,
    created_at timestamptz,
    happened_at timestamptz,
    outcome clerk.outcome
);

revoke all on type clerk.pair_state from public, anon, authenticated, service_role;
grant usage on type clerk.pair_state to service_role;

comment on type clerk.pair_state is
'The row of a pair, its current membership, and its outcome: deleted if there is a row without a valid membership.';

-- The current generation is the membership created last, tombstones included: an older one never reappears, even if its
-- own removal was lost. A removal without a creation time has no place in the order yet. The outcome is null for a
-- tombstone without a row.
create function clerk.find_pair_states(pairs clerk.pair []) returns setof clerk.pair_state
language sql stable
security invoker
set search_path = ''
as $$
    select
        visible.id,
        visible.clerk_membership_id,
        newest.membership_id,
        organization.id,
        member.id,
        newest.role,
        newest.metadata,
        newest.created_at,
        to_timestamp(case when newest.version > 0 then newest.version else newest.version_event end / 1000.0),
        case
            when newest.membership_id is null or newest.deleted_at is not null
                then case when visible.id is not null then 'deleted'::clerk.outcome end
            when organization.id is null or member.id is null
                or organization.deleted_at is not null or member.deleted_at is not null then 'pending'
            when visible.id is null or visible.clerk_membership_id <> newest.membership_id then 'created'
            when (visible.role, visible.metadata, visible.created_at)
                is distinct from (newest.role, newest.metadata, newest.created_at) then 'updated'
            else 'unchanged'
        end
    from (
        select distinct pair.organization_id, pair.user_id
        from unnest(pairs) as pair
        where pair.organization_id is not null and pair.user_id is not null
    ) as pair
    left join lateral (
        select one.*
        from clerk.organization_memberships as one
        where one.organization_id = pair.organization_id and one.user_id = pair.user_id and one.created_at is not null
        order by one.created_at desc, one.membership_id collate "C" desc
        limit 1
    ) as newest on true
    left join lateral (
        select one.id, one.deleted_at from public.organizations as one
        where one.clerk_organization_id = pair.organization_id offset 0
    ) as organization on true
    left join lateral (
        select one.id, one.deleted_at from public.users as one where one.clerk_user_id = pair.user_id offset 0
    ) as member on true
    left join lateral (
        select one.* from public.organization_memberships as one
        where one.organization_id = organization.id and one.user_id = member.id offset 0
    ) as visible on true
$$;

revoke all on function clerk.find_pair_states(clerk.pair []) from public, anon, authenticated, service_role;
grant execute on function clerk.find_pair_states(clerk.pair []) to service_role;

comment on function clerk.find_pair_states(clerk.pair []) is 'The current state of each pair, and the state to reach.';

-- Brings pairs to the state that they must reach. A membership of a new generation gets a new row: the app's data that
-- refers to the old row is deleted with it. Raises if an adopter's trigger keeps a row.
create function clerk.settle_pairs(pairs clerk.pair []) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    states clerk.pair_state [];
    state clerk.pair_state;
    doomed uuid [];
    removed integer;
begin
    if cardinality(pairs) = 0 then
        return jsonb '{}';
    end if;
    states := array(select pair_state from clerk.find_pair_states(pairs) as pair_state);

    doomed := array(
        select one.row_id from unnest(states) as one
        where one.row_id is not null and one.outcome in ('deleted', 'pending', 'created')
    );
    if cardinality(doomed) > 0 then
        delete from public.organization_memberships as visible where visible.id = any (doomed);
        get diagnostics removed = row_count;
        if removed < cardinality(doomed) then
            raise exception 'Cannot remove the membership: a trigger keeps it'
            using errcode = '27000', schema = 'public', table = 'organization_memberships';
        end if;
    end if;

    foreach state in array states loop
        if state.outcome = 'created' then
            insert into public.organization_memberships (
                clerk_membership_id, organization_id, user_id, role, metadata, created_at, updated_at
            )
            values (
                state.membership_id, state.organization_id, state.user_id, state.role, state.metadata,
                state.created_at, state.happened_at
            );
        elsif state.outcome = 'updated' then
            update public.organization_memberships as visible
            set
                role = state.role,
                metadata = state.metadata,
                created_at = state.created_at,
                updated_at = greatest(visible.updated_at, state.happened_at)
            where visible.id = state.row_id;
        end if;
    end loop;

    return (
        select coalesce(jsonb_object_agg(became.membership_id, became.outcome order by became.outcome <> 'deleted'), '{}')
        from unnest(states) as one
        cross join lateral (
            values
            (one.row_membership_id, 'deleted', one.row_id is not null and one.outcome in ('deleted', 'pending', 'created')),
            (one.membership_id, one.outcome::text, one.outcome in ('created', 'updated', 'unchanged', 'pending'))
        ) as became (membership_id, outcome, is_told)
        where became.is_told
    );
end
$$;

revoke all on function clerk.settle_pairs(clerk.pair []) from public, anon, authenticated, service_role;
grant execute on function clerk.settle_pairs(clerk.pair []) to service_role;

comment on function clerk.settle_pairs(clerk.pair []) is
'Brings pairs to the state that they must reach; returns the outcome of each membership by its id: created, updated,
unchanged, deleted, or pending if a parent is missing.';

-- Settles pairs for a parent whose row was created or deleted. If the schema refuses a membership, the parent must not
-- fail, so the refusal of that pair is recorded instead. One refused member among many thousands must cost about as
-- much as none, or the parent's change would always time out: a failed batch is tried again in parts, and only then one
-- by one.
create function clerk.settle_parent_pairs(pairs clerk.pair []) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    part_size constant integer := case when cardinality(pairs) > 250 then 250 else 1 end;
    code text;
    schema_name text;
    table_name text;
    constraint_name text;
    column_name text;
    context text;
begin
    -- Deferred constraints are checked before and after, to blame either the parent or the memberships.
    set constraints all immediate;
    begin
        perform clerk.settle_pairs(pairs);
        set constraints all immediate;
    exception
        when others or assert_failure then
            get stacked diagnostics
                code = returned_sqlstate,
                schema_name = schema_name,
                table_name = table_name,
                constraint_name = constraint_name,
                column_name = column_name,
                context = pg_exception_context;
            if clerk.is_passing(code) then
                raise;
            end if;

            if cardinality(pairs) > 1 then
                for place in 1 .. cardinality(pairs) by part_size loop
                    perform clerk.settle_parent_pairs(pairs[place : place + part_size - 1]);
                end loop;
                return;
            end if;
            perform clerk.note_pair_refusal(
                pairs[1], clerk.describe_failure(code, schema_name, table_name, constraint_name, column_name, context)
            );
    end;
end
$$;

revoke all on function clerk.settle_parent_pairs(clerk.pair []) from public, anon, authenticated, service_role;
grant execute on function clerk.settle_parent_pairs(clerk.pair []) to service_role;

comment on function clerk.settle_parent_pairs(clerk.pair []) is
'Settles the pairs of a parent whose row was created or deleted, and records those that the schema refuses.';

-- Settles the memberships of a user or an organization whose row was created or deleted. A tombstone of the parent ends
-- them: the state of live memberships is deleted, and tombstones of memberships stay.
create function clerk.settle_members(user_id text, organization_id text) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    pairs clerk.pair [];
begin
    pairs := array(
        select row(stored.organization_id, stored.user_id)::clerk.pair
        from clerk.organization_memberships as stored
        where stored.user_id = settle_members.user_id or stored.organization_id = settle_members.organization_id
        union
        select row(organization.clerk_organization_id, member.clerk_user_id)::clerk.pair
        from public.organization_memberships as visible
        inner join public.organizations as organization on organization.id = visible.organization_id
        inner join public.users as member on member.id = visible.user_id
        where visible.user_id = (
            select one.id from public.users as one where one.clerk_user_id = settle_members.user_id
        )
        or visible.organization_id = (
            select one.id from public.organizations as one
            where one.clerk_organization_id = settle_members.organization_id
        )
    );

    if exists (
        select from clerk.users as stored
        where stored.user_id = settle_members.user_id and stored.deleted_at is not null
    ) then
        delete from clerk.organization_memberships as stored
        where stored.user_id = settle_members.user_id and stored.deleted_at is null;
    end if;

    if exists (
        select from clerk.organizations as stored
        where stored.organization_id = settle_members.organization_id and stored.deleted_at is not null
    ) then
        delete from clerk.organization_memberships as stored
        where stored.organization_id = settle_members.organization_id and stored.deleted_at is null;
    end if;

    if cardinality(pairs) > 0 then
        perform clerk.settle_parent_pairs(pairs);
    end if;
end
$$;

revoke all on function clerk.settle_members(text, text) from public, anon, authenticated, service_role;
grant execute on function clerk.settle_members(text, text) to service_role;

comment on function clerk.settle_members(text, text) is
'Settles the memberships of a user, or of an organization, whose row was created or deleted.';

-- Settles the memberships of users whose rows were created or deleted. A deletion ends them even if the schema kept the
-- row.
create function clerk.settle_members_of(users clerk.change [], outcomes jsonb []) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    for place in 1 .. cardinality(users) loop
        if users[place].type = 'user.deleted' or outcomes[place] ->> 'outcome' = 'created' then
            perform clerk.settle_members(users[place].user_id, null);
        end if;
    end loop;
end
$$;

revoke all on function clerk.settle_members_of(clerk.change [], jsonb []) from public, anon, authenticated, service_role;
grant execute on function clerk.settle_members_of(clerk.change [], jsonb []) to service_role;

comment on function clerk.settle_members_of(clerk.change [], jsonb []) is
'Settles the memberships of those users whose rows were created or deleted, according to the outcomes.';

-- Writes an organization's row if a column differs.
create function clerk.write_organization(
    row_id uuid, change clerk.organization_change, created_at timestamptz
) returns clerk.outcome
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    if write_organization.row_id is null then
        insert into public.organizations (
            clerk_organization_id, name, slug, image_url, metadata, created_at, updated_at
        )
        values (
            change.organization_id, change.name, change.slug, change.image_url, change.metadata,
            write_organization.created_at, change.happened_at
        );
        return 'created'::clerk.outcome;
    end if;

    update public.organizations as visible
    set
        name = change.name,
        slug = change.slug,
        image_url = change.image_url,
        metadata = change.metadata,
        created_at = write_organization.created_at,
        updated_at = greatest(visible.updated_at, change.happened_at)
    where visible.id = write_organization.row_id and (
        visible.name, visible.slug, visible.image_url, visible.metadata, visible.created_at
    ) is distinct from (
        change.name, change.slug, change.image_url, change.metadata, write_organization.created_at
    );
    return case when found then 'updated'::clerk.outcome else 'unchanged' end;
end
$$;

revoke all on function clerk.write_organization(uuid, clerk.organization_change, timestamptz)
from public, anon, authenticated, service_role;
grant execute on function clerk.write_organization(uuid, clerk.organization_change, timestamptz) to service_role;

comment on function clerk.write_organization(uuid, clerk.organization_change, timestamptz) is
'Writes an organization''s row if a column differs: created, updated or unchanged.';

-- Deletes an organization: writes a tombstone, deletes or hides its row, and ends its memberships. A deleted
-- organization may still have a row to delete, if the first deletion hid it. Raises if an adopter's trigger keeps the
-- row.
create function clerk.settle_organization_deletion(
    change clerk.organization_change, row_id uuid, is_first boolean
) returns clerk.outcome
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    if is_first then
        insert into clerk.organizations (organization_id, deleted_at, deleted_by)
        values (change.organization_id, change.happened_at, coalesce(change.message_id, 'reconcile'))
        on conflict on constraint organizations_pkey do update set
            created_at = null,
            deleted_at = excluded.deleted_at,
            deleted_by = excluded.deleted_by;
    end if;

    if change.delete_mode = 'soft' then
        update public.organizations as visible
        set deleted_at = change.happened_at, updated_at = greatest(visible.updated_at, change.happened_at)
        where visible.id = settle_organization_deletion.row_id and visible.deleted_at is null;
    else
        delete from public.organizations as visible where visible.id = settle_organization_deletion.row_id;
    end if;

    if not found and row_id is not null and (is_first or change.delete_mode is distinct from 'soft') then
        raise exception 'Cannot delete or hide the row: a trigger keeps it'
        using errcode = '27000', schema = 'public', table = 'organizations';
    end if;
    is_first := is_first or found;

    perform clerk.settle_members(null, change.organization_id);
    return case when is_first then 'deleted'::clerk.outcome else 'unchanged' end;
end
$$;

revoke all on function clerk.settle_organization_deletion(clerk.organization_change, uuid, boolean)
from public, anon, authenticated, service_role;
grant execute on function clerk.settle_organization_deletion(clerk.organization_change, uuid, boolean) to service_role;

comment on function clerk.settle_organization_deletion(clerk.organization_change, uuid, boolean) is
'Writes an organization''s tombstone, deletes or hides its row, and ends its memberships.';

-- Settles changes of organizations, any number per organization: only the first by rank is applied, a deletion before
-- any profile. The others contribute a creation time at most.
create function clerk.settle_organizations(changes clerk.organization_change [])
returns table (place integer, outcome clerk.outcome)
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    known record;
    change clerk.organization_change;
begin
    for known in
        select
            given as change,
            row_number() over ranked as rank,
            bool_or(given.type = 'organization.deleted') over (partition by given.organization_id) as is_ended,
            least(stored.created_at, min(given.told_at) over (partition by given.organization_id)) as created_at,
            stored.created_at as stored_created_at,
            stored.deleted_at,
            (stored.version, stored.version_event, stored.version_rank, stored.version_message collate "C")
            >= (given.version, given.version_event, given.version_rank, given.version_message collate "C") as is_old,
            visible.id as row_id
        from unnest(changes) as given
        left join lateral (
            select one.* from clerk.organizations as one where one.organization_id = given.organization_id offset 0
        ) as stored on true
        left join lateral (
            select one.id from public.organizations as one
            where one.clerk_organization_id = given.organization_id offset 0
        ) as visible on true
        window ranked as (
            partition by given.organization_id
            order by
                given.type <> 'organization.deleted', given.version desc, given.version_event desc,
                given.version_rank desc, given.version_message collate "C" desc, given.position
        )
        order by given.position
    loop
        change := known.change;
        place := change.position;

        if change.type = 'organization.deleted' then
            outcome := case
                when known.rank = 1
                    then clerk.settle_organization_deletion(change, known.row_id, known.deleted_at is null)
                else 'unchanged'
            end;
        elsif known.deleted_at is not null or known.is_ended or known.rank > 1 then
            outcome := 'stale';
        elsif known.is_old then
            outcome := 'stale';
            if known.created_at < known.stored_created_at then
                update clerk.organizations as stored set created_at = known.created_at
                where stored.organization_id = change.organization_id;
                update public.organizations as visible
                set created_at = known.created_at, updated_at = greatest(visible.updated_at, change.happened_at)
                where visible.id = known.row_id;
            end if;
        else
            insert into clerk.organizations (
                organization_id, version, version_event, version_rank, version_message, created_at
            )
            values (
                change.organization_id, change.version, change.version_event, change.version_rank, change.version_message,
                known.created_at
            )
            on conflict on constraint organizations_pkey do update set
                version = excluded.version,
                version_event = excluded.version_event,
                version_rank = excluded.version_rank,
                version_message = excluded.version_message,
                created_at = excluded.created_at;
            outcome := clerk.write_organization(known.row_id, change, known.created_at);
            if outcome = 'created' then
                perform clerk.settle_members(null, change.organization_id);
            end if;
        end if;
        return next;
    end loop;
end
$$;

revoke all on function clerk.settle_organizations(clerk.organization_change [])
from public, anon, authenticated, service_role;
grant execute on function clerk.settle_organizations(clerk.organization_change []) to service_role;

comment on function clerk.settle_organizations(clerk.organization_change []) is
'Settles changes of organizations; returns the outcome of each by its place in the call.';

-- Writes the tombstone of one membership id. If the change lacks the pair or the creation time, the stored values stay.
create function clerk.end_membership(
    change clerk.organization_change, organization_id text, user_id text, told_at timestamptz
) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    insert into clerk.organization_memberships as stored (
        membership_id, organization_id, user_id, created_at, deleted_at, deleted_by
    )
    values (
        change.membership_id, end_membership.organization_id, end_membership.user_id, end_membership.told_at,
        change.happened_at, coalesce(change.message_id, 'reconcile')
    )
    on conflict on constraint organization_memberships_pkey do update set
        organization_id = coalesce(stored.organization_id, excluded.organization_id),
        user_id = coalesce(stored.user_id, excluded.user_id),
        created_at = least(stored.created_at, excluded.created_at),
        role = null,
        metadata = null,
        deleted_at = coalesce(stored.deleted_at, excluded.deleted_at),
        deleted_by = coalesce(stored.deleted_by, excluded.deleted_by);
end
$$;

revoke all on function clerk.end_membership(clerk.organization_change, text, text, timestamptz)
from public, anon, authenticated, service_role;
grant execute on function clerk.end_membership(clerk.organization_change, text, text, timestamptz) to service_role;

comment on function clerk.end_membership(clerk.organization_change, text, text, timestamptz) is
'Writes the tombstone of a membership, with its pair and creation time if known.';

-- Writes a newer profile of a membership.
create function clerk.store_membership(
    change clerk.organization_change, created_at timestamptz
) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    insert into clerk.organization_memberships as stored (
        membership_id, organization_id, user_id, role, metadata,
        version, version_event, version_rank, version_message, created_at
    )
    values (
        change.membership_id, change.organization_id, change.user_id, change.role, change.metadata,
        change.version, change.version_event, change.version_rank, change.version_message, store_membership.created_at
    )
    on conflict on constraint organization_memberships_pkey do update set
        organization_id = excluded.organization_id,
        user_id = excluded.user_id,
        role = excluded.role,
        metadata = excluded.metadata,
        version = excluded.version,
        version_event = excluded.version_event,
        version_rank = excluded.version_rank,
        version_message = excluded.version_message,
        created_at = excluded.created_at;
end
$$;

revoke all on function clerk.store_membership(clerk.organization_change, timestamptz)
from public, anon, authenticated, service_role;
grant execute on function clerk.store_membership(clerk.organization_change, timestamptz) to service_role;

comment on function clerk.store_membership(clerk.organization_change, timestamptz) is
'Writes the newest profile of a membership.';

-- Settles changes of memberships, any number per membership, like clerk.settle_organizations(). The state of each is
-- written one by one; the resulting rows are written at the end, for all their pairs at once.
create function clerk.settle_memberships(changes clerk.organization_change [])
returns table (place integer, outcome clerk.outcome)
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    known record;
    change clerk.organization_change;
    pairs clerk.pair [] := array[]::clerk.pair [];
    -- The outcome of a change on its own; null for a newer profile, whose pair decides.
    outcomes clerk.outcome [] := array[]::clerk.outcome [];
    settled jsonb;
begin
    for known in
        select
            given as change,
            row_number() over ranked as rank,
            bool_or(given.type = 'organizationMembership.deleted') over object as is_ended,
            least(stored.created_at, min(given.told_at) over object) as created_at,
            coalesce(stored.organization_id, given.organization_id, max(given.organization_id) over object) as organization_id,
            coalesce(stored.user_id, given.user_id, max(given.user_id) over object) as user_id,
            (stored.organization_id, stored.user_id, stored.created_at) as before,
            stored.deleted_at,
            (stored.version, stored.version_event, stored.version_rank, stored.version_message collate "C")
            >= (given.version, given.version_event, given.version_rank, given.version_message collate "C") as is_old,
            exists (
                select from clerk.organizations as parent
                where parent.organization_id = given.organization_id and parent.deleted_at is not null
            ) or exists (
                select from clerk.users as parent
                where parent.user_id = given.user_id and parent.deleted_at is not null
            ) as is_orphan
        from unnest(changes) as given
        left join lateral (
            select one.* from clerk.organization_memberships as one
            where one.membership_id = given.membership_id offset 0
        ) as stored on true
        window object as (partition by given.membership_id), ranked as (
            partition by given.membership_id
            order by
                given.type <> 'organizationMembership.deleted', given.version desc, given.version_event desc,
                given.version_rank desc, given.version_message collate "C" desc, given.position
        )
        order by given.position
    loop
        change := known.change;
        pairs := pairs || row(known.organization_id, known.user_id)::clerk.pair;

        if change.type = 'organizationMembership.deleted' then
            if known.rank = 1 then
                perform clerk.end_membership(change, known.organization_id, known.user_id, known.created_at);
            end if;
            outcomes := outcomes || case
                when known.rank = 1 and known.deleted_at is null then 'deleted'::clerk.outcome else 'unchanged'
            end;
        elsif known.rank > 1 or known.is_ended or known.is_orphan and known.deleted_at is null then
            outcomes := outcomes || 'stale'::clerk.outcome;
        elsif known.deleted_at is not null or known.is_old then
            outcomes := outcomes || 'stale'::clerk.outcome;
            if (known.organization_id, known.user_id, known.created_at) is distinct from known.before then
                update clerk.organization_memberships as stored
                set organization_id = known.organization_id, user_id = known.user_id, created_at = known.created_at
                where stored.membership_id = change.membership_id;
            end if;
        else
            outcomes := outcomes || null::clerk.outcome;
            pairs := pairs || row(change.organization_id, change.user_id)::clerk.pair;
            perform clerk.store_membership(change, known.created_at);
        end if;
    end loop;

    settled := clerk.settle_pairs(pairs);
    return query
    select
        given.position,
        case
            when decided.outcome is null then coalesce(settled ->> given.membership_id, 'stale')::clerk.outcome
            when decided.outcome = 'unchanged' and settled ->> given.membership_id = 'deleted' then 'deleted'
            else decided.outcome
        end
    from unnest(changes) with ordinality as given
    inner join unnest(outcomes) with ordinality as decided (outcome, place) on decided.place = given.ordinality;
end
$$;

revoke all on function clerk.settle_memberships(clerk.organization_change [])
from public, anon, authenticated, service_role;
grant execute on function clerk.settle_memberships(clerk.organization_change []) to service_role;

comment on function clerk.settle_memberships(clerk.organization_change []) is
'Settles changes of memberships; returns the outcome of each by its place in the call.';

-- Records and returns a refusal, as clerk.refuse_change() does for a user.
create function clerk.refuse_organization_change(
    change clerk.organization_change, code text, detail jsonb
) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    if change.message_id <> '' then
        insert into clerk.messages (
            message_id, type, user_id, organization_id, membership_id, event_at, outcome, code, detail
        )
        values (
            change.message_id, change.type, change.user_id, change.organization_id, change.membership_id,
            case when change.event_at between 0 and 253402300799999 then to_timestamp(round(change.event_at) / 1000) end,
            'refused', refuse_organization_change.code, refuse_organization_change.detail
        )
        on conflict on constraint messages_pkey do update set
            type = excluded.type,
            user_id = excluded.user_id,
            organization_id = excluded.organization_id,
            membership_id = excluded.membership_id,
            event_at = excluded.event_at,
            code = excluded.code,
            detail = excluded.detail;
    end if;

    return jsonb_strip_nulls(jsonb_build_object(
        'outcome', 'refused', 'code', refuse_organization_change.code, 'detail', refuse_organization_change.detail
    ));
end
$$;

revoke all on function clerk.refuse_organization_change(clerk.organization_change, text, jsonb)
from public, anon, authenticated, service_role;
grant execute on function clerk.refuse_organization_change(clerk.organization_change, text, jsonb) to service_role;

comment on function clerk.refuse_organization_change(clerk.organization_change, text, jsonb) is
'Records a refusal of an organization''s or a membership''s change under its code, and returns it.';

-- Records the outcome of a message, even if the message was refused before.
create function clerk.record_organization_message(
    change clerk.organization_change, outcome clerk.outcome, code text, detail jsonb
) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    insert into clerk.messages (
        message_id, type, user_id, organization_id, membership_id, event_at, outcome, code, detail
    )
    values (
        change.message_id, change.type, change.user_id, change.organization_id, change.membership_id,
        to_timestamp(round(change.event_at) / 1000), record_organization_message.outcome, record_organization_message.code,
        record_organization_message.detail
    )
    on conflict on constraint messages_pkey do update set
        type = excluded.type,
        user_id = excluded.user_id,
        organization_id = excluded.organization_id,
        membership_id = excluded.membership_id,
        event_at = excluded.event_at,
        outcome = excluded.outcome,
        code = excluded.code,
        detail = excluded.detail;
end
$$;

revoke all on function clerk.record_organization_message(clerk.organization_change, clerk.outcome, text, jsonb)
from public, anon, authenticated, service_role;
grant execute on function clerk.record_organization_message(clerk.organization_change, clerk.outcome, text, jsonb)
to service_role;

comment on function clerk.record_organization_message(clerk.organization_change, clerk.outcome, text, jsonb) is
'Writes the outcome of an organization''s or a membership''s message into the ledger.';

-- Keeps the event of a change, if it carries one. True if the change names no object, so that nothing else remains to
-- do.
create function clerk.keep_organization_event(change clerk.organization_change) returns boolean
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    if change.data is null then
        return false;
    end if;
    if change.message_id is not null then
        insert into clerk.kept_events (message_id, type, data, event_at)
        values (change.message_id, change.type, change.data, to_timestamp(round(change.event_at) / 1000))
        on conflict on constraint kept_events_pkey do nothing;
    end if;
    return case when change.type like 'organization.%' then change.organization_id else change.membership_id end is null;
end
$$;

revoke all on function clerk.keep_organization_event(clerk.organization_change)
from public, anon, authenticated, service_role;
grant execute on function clerk.keep_organization_event(clerk.organization_change) to service_role;

comment on function clerk.keep_organization_event(clerk.organization_change) is
'Keeps the event that a change carries; true if the change names no stored object.';

-- Settles and records changes of organizations and memberships, organizations first; returns the outcome of each, in
-- order. Duplicate messages, problems and events to keep are settled here, everything else by kind.
create function clerk.settle_organization_changes(changes clerk.organization_change []) returns jsonb []
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    known record;
    change clerk.organization_change;
    done record;
    seen text [] := array[]::text [];
    organizations clerk.organization_change [] := array[]::clerk.organization_change [];
    memberships clerk.organization_change [] := array[]::clerk.organization_change [];
    outcomes jsonb [] := array_fill(null::jsonb, array[cardinality(changes)]);
begin
    for known in
        select given as change, message.outcome as earlier, given.ordinality as place
        from unnest(changes) with ordinality as given
        left join lateral (
            select one.outcome from clerk.messages as one where one.message_id = given.message_id offset 0
        ) as message on true
        order by given.ordinality
    loop
        change := changes[known.place];
        change.position := known.place;
        if known.earlier <> 'refused' or change.message_id = any (seen) then
            outcomes[known.place] := jsonb '{"outcome": "duplicate"}';
            continue;
        elsif change.data is not null and change.message_id is null then
            change.problem := coalesce(change.problem, 'MESSAGE_ID_INVALID');
        end if;

        if change.problem is not null then
            outcomes[known.place] := clerk.refuse_organization_change(change, change.problem, null);
            continue;
        end if;

        seen := seen || change.message_id::text;
        if clerk.keep_organization_event(change) then
            perform clerk.record_organization_message(change, 'kept', null, null);
            outcomes[known.place] := jsonb '{"outcome": "kept"}';
        elsif change.type like 'organization.%' then
            organizations := organizations || change;
        else
            memberships := memberships || change;
        end if;
    end loop;

    for done in select settled.* from clerk.settle_organizations(organizations) as settled loop
        outcomes[done.place] := jsonb_build_object('outcome', done.outcome);
    end loop;
    for done in select settled.* from clerk.settle_memberships(memberships) as settled loop
        outcomes[done.place] := jsonb_build_object('outcome', done.outcome);
    end loop;

    foreach change in array organizations || memberships loop
        if change.message_id is not null then
            perform clerk.record_organization_message(
                change, (outcomes[change.position] ->> 'outcome')::clerk.outcome, null, null
            );
        end if;
    end loop;
    return outcomes;
end
$$;

revoke all on function clerk.settle_organization_changes(clerk.organization_change [])
from public, anon, authenticated, service_role;
grant execute on function clerk.settle_organization_changes(clerk.organization_change []) to service_role;

comment on function clerk.settle_organization_changes(clerk.organization_change []) is
'Settles and records changes of organizations and memberships; returns the outcome of each, in order.';

-- Settles the rest of a call after its users: the users' memberships, then organizations, then memberships. Returns the
-- outcomes of the whole call, in order.
create function clerk.settle_with_organizations(
    users clerk.change [], outcomes jsonb [], organizations clerk.organization_change []
) returns jsonb []
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    perform clerk.settle_members_of(users, outcomes);
    return clerk.join_outcomes(outcomes, clerk.settle_organization_changes(organizations), organizations);
end
$$;

revoke all on function clerk.settle_with_organizations(clerk.change [], jsonb [], clerk.organization_change [])
from public, anon, authenticated, service_role;
grant execute on function clerk.settle_with_organizations(clerk.change [], jsonb [], clerk.organization_change [])
to service_role;

comment on function clerk.settle_with_organizations(clerk.change [], jsonb [], clerk.organization_change []) is
'Settles the rest of a call after its users; returns the outcomes of the whole call, in order.';
