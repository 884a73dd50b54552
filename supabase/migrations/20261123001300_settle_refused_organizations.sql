-- Settles changes of organizations and memberships that the adopter's schema refuses, as for users: each is refused
-- alone, and a deletion always takes effect.

-- Records a refusal of an organization or of a membership. It replaces a refusal that is no longer open; an older
-- profile, refused late, replaces neither a newer one nor a deletion.
create function clerk.note_organization_refusal(
    organization_id text, membership_id text, type text, code text, detail jsonb, version bigint, version_event bigint
) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    delete from clerk.refusals as refusal
    where (
        refusal.organization_id = note_organization_refusal.organization_id
        or refusal.membership_id = note_organization_refusal.membership_id
    )
    and not clerk.is_open_refusal(refusal);

    update clerk.refusals as refusal
    set
        type = note_organization_refusal.type,
        code = note_organization_refusal.code,
        detail = note_organization_refusal.detail,
        version = note_organization_refusal.version,
        version_event = note_organization_refusal.version_event,
        attempts = refusal.attempts + 1,
        last_refused_at = now()
    where (
        refusal.organization_id = note_organization_refusal.organization_id
        or refusal.membership_id = note_organization_refusal.membership_id
    )
    and (
        note_organization_refusal.type like '%.deleted'
        or refusal.type not like '%.deleted' and (note_organization_refusal.version, note_organization_refusal.version_event)
        >= (refusal.version, refusal.version_event)
    );

    insert into clerk.refusals (organization_id, membership_id, type, code, detail, version, version_event)
    select
        note_organization_refusal.organization_id, note_organization_refusal.membership_id,
        note_organization_refusal.type, note_organization_refusal.code, note_organization_refusal.detail,
        note_organization_refusal.version, note_organization_refusal.version_event
    where not exists (
        select from clerk.refusals as refusal
        where refusal.organization_id = note_organization_refusal.organization_id
            or refusal.membership_id = note_organization_refusal.membership_id
    );
end
$$;

revoke all on function clerk.note_organization_refusal(text, text, text, text, jsonb, bigint, bigint)
from public, anon, authenticated, service_role;
grant execute on function clerk.note_organization_refusal(text, text, text, text, jsonb, bigint, bigint) to service_role;

comment on function clerk.note_organization_refusal(text, text, text, text, jsonb, bigint, bigint) is
'Records that the schema refused a profile or the deletion of an organization or a membership.';

-- Returns whether a refusal of an organization or a membership is still open, like clerk.is_open_refusal() for a user.
create function clerk.is_open_organization_refusal(refusal clerk.refusals) returns boolean
language sql stable
security invoker
set search_path = ''
as $$
    select case
        when refusal.type = 'organization.deleted' then exists (
            select from public.organizations as visible
            where visible.clerk_organization_id = refusal.organization_id
                and (visible.deleted_at is null or refusal.code = 'DELETE_BLOCKED')
        )
        when refusal.organization_id is not null then not exists (
            select from clerk.organizations as stored
            where stored.organization_id = refusal.organization_id and (
                stored.deleted_at is not null
                or (stored.version, stored.version_event) >= (refusal.version, refusal.version_event)
            )
        )
        when refusal.type = 'organizationMembership.deleted' then exists (
            select from public.organization_memberships as visible where visible.clerk_membership_id = refusal.membership_id
        )
        -- Its state was stored before its row was refused: open until the row exists, or must no longer exist.
        when refusal.type = 'membership' then exists (
            select
            from clerk.organization_memberships as stored
            cross join lateral clerk.find_pair_states(
                array[row(stored.organization_id, stored.user_id)::clerk.pair]
            ) as state
            where stored.membership_id = refusal.membership_id
                and state.membership_id = refusal.membership_id
                and state.outcome in ('created', 'updated')
        )
        else not exists (
            select from clerk.organization_memberships as stored
            where stored.membership_id = refusal.membership_id and (
                stored.deleted_at is not null
                or (stored.version, stored.version_event) >= (refusal.version, refusal.version_event)
            )
        )
    end
$$;

revoke all on function clerk.is_open_organization_refusal(clerk.refusals) from public, anon, authenticated, service_role;
grant execute on function clerk.is_open_organization_refusal(clerk.refusals) to service_role;

comment on function clerk.is_open_organization_refusal(clerk.refusals) is
'Whether the refused row of an organization or a membership is still missing, or a row to delete is still there.';

-- Records that a pair could not be settled for a parent whose row was created or deleted.
create function clerk.note_pair_refusal(pair clerk.pair, detail jsonb) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    state clerk.pair_state;
begin
    select one.* into state from clerk.find_pair_states(array[pair]) as one;
    if state.row_id is not null and state.row_membership_id is distinct from state.membership_id
        or state.outcome in ('deleted', 'pending') then
        perform clerk.note_organization_refusal(
            null, state.row_membership_id, 'organizationMembership.deleted', 'SCHEMA_REFUSED', detail, 0, 0
        );
    else
        perform clerk.note_organization_refusal(null, state.membership_id, 'membership', 'SCHEMA_REFUSED', detail, 0, 0);
    end if;
end
$$;

revoke all on function clerk.note_pair_refusal(clerk.pair, jsonb) from public, anon, authenticated, service_role;
grant execute on function clerk.note_pair_refusal(clerk.pair, jsonb) to service_role;

comment on function clerk.note_pair_refusal(clerk.pair, jsonb) is
'Records which membership of a pair the schema refused: the creation or the deletion of its row.';

-- Deletes an organization whose row cannot be deleted: hides it. If the schema refuses that too, the row stays
-- unchanged and the change is refused, so that it is tried again. The tombstone is always written.
create function clerk.settle_blocked_organization(change clerk.organization_change, failure jsonb) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    known record;
    way text;
    outcome clerk.outcome;
    is_kept boolean := true;
begin
    -- The schema may have refused an event to keep. The deletion continues without it, and the message is refused.
    begin
        perform clerk.keep_organization_event(change);
        set constraints all immediate;
    exception
        when others or assert_failure then
            if clerk.is_passing(sqlstate) then
                raise;
            end if;
            is_kept := false;
    end;

    select stored.deleted_at is null as is_first, visible.id as row_id into known
    from (values (1)) as one
    left join clerk.organizations as stored on stored.organization_id = change.organization_id
    left join public.organizations as visible on visible.clerk_organization_id = change.organization_id;

    foreach way in array array['delete', 'hide', 'leave'] loop
        begin
            if way = 'hide' then
                change.delete_mode := 'soft';
            end if;
            outcome := clerk.settle_organization_deletion(
                change, case when way <> 'leave' then known.row_id end, known.is_first
            );
            set constraints all immediate;

            -- A trigger can undo an update.
            if way = 'hide' and exists (
                select from public.organizations as visible where visible.id = known.row_id and visible.deleted_at is null
            ) then
                raise exception 'Cannot hide the row: a trigger keeps it' using errcode = '27000';
            end if;
            exit;
        exception
            when others or assert_failure then
                if way = 'leave' or clerk.is_passing(sqlstate) then
                    raise;
                end if;
        end;
    end loop;

    if way <> 'delete' then
        perform clerk.note_organization_refusal(
            change.organization_id, null, change.type, case when way = 'leave' then 'SCHEMA_REFUSED' else 'DELETE_BLOCKED' end,
            failure, 0, change.version_event
        );
    end if;
    if way = 'leave' or not is_kept then
        return clerk.refuse_organization_change(change, 'SCHEMA_REFUSED', failure);
    end if;

    if change.message_id is not null then
        perform clerk.record_organization_message(
            change, outcome, case when way = 'hide' then 'DELETE_BLOCKED' end, case when way = 'hide' then failure end
        );
    end if;
    return jsonb_build_object('outcome', outcome) || case
        when way = 'hide' then jsonb_build_object('code', 'DELETE_BLOCKED', 'detail', failure) else '{}'
    end;
end
$$;

revoke all on function clerk.settle_blocked_organization(clerk.organization_change, jsonb)
from public, anon, authenticated, service_role;
grant execute on function clerk.settle_blocked_organization(clerk.organization_change, jsonb) to service_role;

comment on function clerk.settle_blocked_organization(clerk.organization_change, jsonb) is
'Writes an organization''s tombstone and hides its row, if the schema does not allow its deletion.';

-- Refuses a change of an organization or a membership, and records the refusal. A membership's tombstone is written
-- anyway, and the row that the schema keeps is deleted as soon as the schema allows it.
create function clerk.refuse_organization_by_schema(change clerk.organization_change, failure jsonb) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    if change.type = 'organization.deleted' and change.organization_id is not null then
        return clerk.settle_blocked_organization(change, failure);
    end if;

    if change.type = 'organizationMembership.deleted' and change.membership_id is not null then
        perform clerk.end_membership(change, change.organization_id, change.user_id, change.told_at);
    end if;
    if change.organization_id is not null or change.membership_id is not null then
        perform clerk.note_organization_refusal(
            case when change.type like 'organization.%' then change.organization_id end,
            case when change.type not like 'organization.%' then change.membership_id end,
            change.type, 'SCHEMA_REFUSED', failure, change.version, change.version_event
        );
    end if;
    return clerk.refuse_organization_change(change, 'SCHEMA_REFUSED', failure);
end
$$;

revoke all on function clerk.refuse_organization_by_schema(clerk.organization_change, jsonb)
from public, anon, authenticated, service_role;
grant execute on function clerk.refuse_organization_by_schema(clerk.organization_change, jsonb) to service_role;

comment on function clerk.refuse_organization_by_schema(clerk.organization_change, jsonb) is
'Refuses a change that the schema refused, and records the refusal; a deletion still takes effect as far as possible.';

-- Settles one change, so that a refusal by the schema affects this change alone. Transient failures are raised.
create function clerk.settle_organization_alone(change clerk.organization_change) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    outcome jsonb;
    code text;
    schema_name text;
    table_name text;
    constraint_name text;
    column_name text;
    context text;
begin
    outcome := (clerk.settle_organization_changes(array[change]))[1];
    set constraints all immediate;
    return outcome;
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
        return clerk.refuse_organization_by_schema(
            change, clerk.describe_failure(code, schema_name, table_name, constraint_name, column_name, context)
        );
end
$$;

revoke all on function clerk.settle_organization_alone(clerk.organization_change)
from public, anon, authenticated, service_role;
grant execute on function clerk.settle_organization_alone(clerk.organization_change) to service_role;

comment on function clerk.settle_organization_alone(clerk.organization_change) is
'Settles one change of an organization or a membership; refuses it as SCHEMA_REFUSED if the schema raises.';

-- Settles changes one by one, organizations first; returns the outcome of each, in order.
create function clerk.settle_organizations_alone(changes clerk.organization_change []) returns jsonb []
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    known record;
    outcomes jsonb [] := array_fill(null::jsonb, array[cardinality(changes)]);
begin
    for known in
        select given.ordinality as place
        from unnest(changes) with ordinality as given
        order by given.type not like 'organization.%', given.ordinality
    loop
        outcomes[known.place] := clerk.settle_organization_alone(changes[known.place]);
    end loop;
    return outcomes;
end
$$;

revoke all on function clerk.settle_organizations_alone(clerk.organization_change [])
from public, anon, authenticated, service_role;
grant execute on function clerk.settle_organizations_alone(clerk.organization_change []) to service_role;

comment on function clerk.settle_organizations_alone(clerk.organization_change []) is
'Settles changes of organizations and memberships one by one, each refused alone.';
