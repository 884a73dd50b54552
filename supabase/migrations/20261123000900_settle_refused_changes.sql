-- Settles changes that the adopter's schema refuses. apply_clerk_changes() settles all changes in one guarded block,
-- which costs almost nothing. If one of them raises, it settles them again one by one, each in its own guarded block,
-- so that the others are applied. Locks are taken before any guarded block, because a block that is rolled back
-- releases its locks.

-- Deletes a user whose row cannot be deleted. The tombstone is always written. The row is hidden and gives up its
-- address; if the schema refuses that, the row is hidden with its address; if it refuses that too, the row stays
-- unchanged and the change is refused, so that it is tried again.
create function clerk.settle_blocked_deletion(change clerk.change, failure jsonb) returns jsonb
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
    if change.data is not null then
        begin
            perform clerk.settle_extras(change);
            set constraints all immediate;
        exception
            when others or assert_failure then
                if clerk.is_passing(sqlstate) then
                    raise;
                end if;
                is_kept := false;
        end;
    end if;

    select
        stored.email_address as claimed,
        stored.deleted_at is null as is_first,
        visible.id as row_id,
        coalesce(change.event_at, change.sent_at)::bigint as version_event,
        to_timestamp(round(coalesce(change.updated_at, change.event_at, change.sent_at)) / 1000) as happened_at
    into known
    from (values (1)) as one
    left join clerk.users as stored on stored.user_id = change.user_id
    left join public.users as visible on visible.clerk_user_id = change.user_id;

    foreach way in array array['delete', 'hide', 'hide with address', 'leave'] loop
        begin
            if way = 'hide with address' then
                update public.users as visible
                set deleted_at = known.happened_at, updated_at = greatest(visible.updated_at, known.happened_at)
                where visible.id = known.row_id and visible.deleted_at is null;
            elsif way = 'hide' then
                change.delete_mode := 'soft';
            end if;

            outcome := clerk.settle_deletion(
                change, case when way in ('delete', 'hide') then known.row_id end,
                known.claimed, known.is_first, known.happened_at
            );
            set constraints all immediate;

            -- A trigger can skip or undo an update.
            if way like 'hide%' and exists (
                select from public.users as visible where visible.id = known.row_id and visible.deleted_at is null
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
        perform clerk.note_refusal(
            change.user_id, change.type, case when way = 'leave' then 'SCHEMA_REFUSED' else 'DELETE_BLOCKED' end,
            failure, 0, known.version_event
        );
    end if;

    if way = 'leave' or not is_kept then
        return clerk.refuse_change(change, 'SCHEMA_REFUSED', failure);
    end if;

    if change.message_id is not null then
        perform clerk.record_message(change, outcome);
        update clerk.messages as message set code = 'DELETE_BLOCKED', detail = failure
        where message.message_id = change.message_id and way <> 'delete';
    end if;

    return jsonb_build_object('outcome', outcome) || case
        when way = 'delete' then '{}'
        else jsonb_build_object('code', 'DELETE_BLOCKED', 'detail', failure)
    end;
end
$$;

revoke all on function clerk.settle_blocked_deletion(clerk.change, jsonb) from public, anon, authenticated, service_role;
grant execute on function clerk.settle_blocked_deletion(clerk.change, jsonb) to service_role;

comment on function clerk.settle_blocked_deletion(clerk.change, jsonb) is
'Writes a tombstone and hides the row, if the schema does not allow its deletion.';

-- Settles one change, so that a refusal by the schema affects this change alone. Transient failures are raised.
create function clerk.settle_alone(change clerk.change) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    outcome jsonb;
    failure jsonb;
    code text;
    schema_name text;
    table_name text;
    constraint_name text;
    column_name text;
    context text;
begin
    begin
        outcome := (clerk.settle_changes(array[change]))[1];
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
    end;

    failure := clerk.describe_failure(code, schema_name, table_name, constraint_name, column_name, context);

    if change.type = 'user.deleted' and change.user_id is not null then
        return clerk.settle_blocked_deletion(change, failure);
    end if;

    if change.type in ('user.created', 'user.updated', 'user.fetched') and change.user_id is not null then
        perform clerk.note_refusal(
            change.user_id, change.type, 'SCHEMA_REFUSED', failure, coalesce(change.updated_at, 0)::bigint,
            coalesce(change.event_at, case when change.updated_at is null then change.sent_at else 0 end)::bigint
        );
    end if;

    return clerk.refuse_change(change, 'SCHEMA_REFUSED', failure);
end
$$;

revoke all on function clerk.settle_alone(clerk.change) from public, anon, authenticated, service_role;
grant execute on function clerk.settle_alone(clerk.change) to service_role;

comment on function clerk.settle_alone(clerk.change) is
'Settles one change; refuses it as SCHEMA_REFUSED if the schema raises. Only transient failures are raised.';
