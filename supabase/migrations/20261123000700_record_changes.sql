-- Settles the parts of a change that are not a user's own: refusals, kept events and own columns.

-- Records and returns a refusal. A message can be refused more than once.
create function clerk.refuse_change(change clerk.change, code text, detail jsonb) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    if change.message_id <> '' then
        insert into clerk.messages (message_id, type, user_id, event_at, outcome, code, detail)
        values (
            change.message_id,
            left(change.type, 255),
            change.user_id,
            case when change.event_at between 0 and 253402300799999 then to_timestamp(round(change.event_at) / 1000) end,
            'refused',
            refuse_change.code,
            refuse_change.detail
        )
        on conflict on constraint messages_pkey do update set
            type = excluded.type,
            user_id = excluded.user_id,
            event_at = excluded.event_at,
            code = excluded.code,
            detail = excluded.detail;
    end if;

    return jsonb_strip_nulls(
        jsonb_build_object('outcome', 'refused', 'code', refuse_change.code, 'detail', refuse_change.detail)
    );
end
$$;

revoke all on function clerk.refuse_change(clerk.change, text, jsonb) from public, anon, authenticated, service_role;
grant execute on function clerk.refuse_change(clerk.change, text, jsonb) to service_role;

comment on function clerk.refuse_change(clerk.change, text, jsonb) is
'Records a refusal under its code, and returns it.';

-- Records the outcome of a message, even if the message was refused before.
create function clerk.record_message(change clerk.change, outcome clerk.outcome) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    insert into clerk.messages (message_id, type, user_id, event_at, outcome)
    values (
        change.message_id, change.type, change.user_id, to_timestamp(round(change.event_at) / 1000), record_message.outcome
    )
    on conflict on constraint messages_pkey do update set
        type = excluded.type,
        user_id = excluded.user_id,
        event_at = excluded.event_at,
        outcome = excluded.outcome,
        code = null,
        detail = null;
end
$$;

revoke all on function clerk.record_message(clerk.change, clerk.outcome) from public, anon, authenticated, service_role;
grant execute on function clerk.record_message(clerk.change, clerk.outcome) to service_role;

comment on function clerk.record_message(clerk.change, clerk.outcome) is 'Writes the outcome of a message into the ledger.';

-- Returns the columns of public.users that belong to the bundle; an own column cannot have one of these names. A field
-- of a change is a column of that name, unless it is about the change itself.
create function clerk.base_columns() returns text []
language sql stable
security invoker
set search_path = ''
as $$
    select array['id', 'clerk_user_id', 'deleted_at'] || array(
        select field.attname::text
        from pg_catalog.pg_attribute as field
        where field.attrelid = 'clerk.change'::regclass
            and field.attnum > 0
            and not field.attisdropped
            and field.attname not in (
                'problem', 'detail', 'type', 'message_id', 'user_id', 'delete_mode', 'sent_at', 'event_at',
                'own', 'data'
            )
    )
$$;

revoke all on function clerk.base_columns() from public, anon, authenticated, service_role;
grant execute on function clerk.base_columns() to service_role;

comment on function clerk.base_columns() is 'The columns of public.users that the bundle writes.';

-- Finds the first own column that cannot be written, before anything is written: {"column": …} names a column that does
-- not exist, that the bundle owns, that is generated, or that does not accept the value. Never reports a value.
create function clerk.check_own_columns(own jsonb) returns jsonb
language plpgsql stable
security invoker
set search_path = ''
as $$
declare
    given record;
begin
    if jsonb_typeof(own) <> 'object' then
        return jsonb '{}';
    end if;

    for given in
        select
            pair.key,
            pair.value,
            attribute.attname is not null
            and pair.key <> all (clerk.base_columns())
            and attribute.attgenerated = ''
            and attribute.attidentity <> 'a'
            and not (attribute.attnotnull and pair.value = 'null') as is_writable
        from jsonb_each(own) as pair
        left join pg_catalog.pg_attribute as attribute
            on attribute.attrelid = 'public.users'::regclass
            and attribute.attname = pair.key
            and attribute.attnum > 0
            and not attribute.attisdropped
        order by pair.key
    loop
        if not given.is_writable then
            return jsonb_build_object('column', left(given.key, 63));
        end if;

        begin
            perform jsonb_populate_record(null::public.users, jsonb_build_object(given.key, given.value));
        exception
            -- The second one is for the check of a domain.
            when data_exception or integrity_constraint_violation then
                return jsonb_build_object('column', left(given.key, 63));
        end;
    end loop;
    return null;
end
$$;

revoke all on function clerk.check_own_columns(jsonb) from public, anon, authenticated, service_role;
grant execute on function clerk.check_own_columns(jsonb) to service_role;

comment on function clerk.check_own_columns(jsonb) is
'Names the first own column that cannot be written with its value; null if all can.';

-- Settles the parts of a change beside its user: keeps its event, and checks its own columns. Returns the outcome if
-- nothing else remains to be done, and null if the user's part follows.
create function clerk.settle_extras(change clerk.change) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    bad_column jsonb;
begin
    if change.own is not null and change.type in ('user.created', 'user.updated', 'user.fetched') then
        bad_column := clerk.check_own_columns(change.own);
        if bad_column is not null then
            return clerk.refuse_change(change, 'OWN_COLUMN_INVALID', bad_column);
        end if;
    end if;

    if change.data is null then
        return null;
    end if;

    if change.message_id is null then
        return clerk.refuse_change(change, 'MESSAGE_ID_INVALID', null);
    end if;

    if change.type is null or length(change.type) not between 1 and 255 then
        return clerk.refuse_change(change, 'TYPE_UNKNOWN', null);
    end if;

    insert into clerk.kept_events (message_id, type, data, event_at)
    values (change.message_id, change.type, change.data, to_timestamp(round(change.event_at) / 1000))
    on conflict on constraint kept_events_pkey do nothing;

    if change.user_id is not null then
        return null;
    end if;

    perform clerk.record_message(change, 'kept');
    return jsonb '{"outcome": "kept"}';
end
$$;

revoke all on function clerk.settle_extras(clerk.change) from public, anon, authenticated, service_role;
grant execute on function clerk.settle_extras(clerk.change) to service_role;

comment on function clerk.settle_extras(clerk.change) is
'Keeps an event, and checks own columns; null if the user''s part of the change follows.';
