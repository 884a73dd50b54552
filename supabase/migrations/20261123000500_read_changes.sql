-- Reads the JSON argument of apply_clerk_changes().

create type clerk.delete_mode as enum ('hard', 'soft');

revoke all on type clerk.delete_mode from public, anon, authenticated, service_role;
grant usage on type clerk.delete_mode to service_role;

comment on type clerk.delete_mode is 'How user.deleted treats the row: hard deletes it, soft hides it.';

-- A change as received: each field is read from the key with its name. Reading finds values that do not fit a field's
-- type or length, so nothing else checks them. Times are milliseconds by Clerk's clock.
create type clerk.change as (
    problem text,
    detail jsonb,
    type text,
    message_id varchar(255),
    user_id varchar(255),
    delete_mode clerk.delete_mode,
    sent_at double precision,
    event_at double precision,
    updated_at double precision,
    created_at double precision,
    last_sign_in_at double precision,
    email varchar(320),
    email_verified jsonb,
    first_name text,
    last_name text,
    username text,
    profile_image_url text,
    metadata jsonb,
    own jsonb,
    data jsonb
);

revoke all on type clerk.change from public, anon, authenticated, service_role;
grant usage on type clerk.change to service_role;

comment on type clerk.change is 'One change of apply_clerk_changes() as received, or its problem.';

-- Reduces a change that cannot be read to the code of its problem and the fields that the ledger records.
create function clerk.read_odd_change(element jsonb) returns clerk.change
language sql immutable
security invoker
set search_path = ''
as $$
    select jsonb_populate_record(null::clerk.change, jsonb_build_object(
        'problem', case
            when jsonb_typeof(element) <> 'object' then 'CHANGE_INVALID'
            when length(element ->> 'message_id') > 255 then 'MESSAGE_ID_INVALID'
            when length(element ->> 'user_id') > 255 then 'USER_ID_INVALID'
            when element ->> 'delete_mode' not in ('hard', 'soft') then 'DELETE_MODE_INVALID'
            when length(element ->> 'email') > 320 then 'EMAIL_TOO_LONG'
            else 'TIME_INVALID'
        end,
        'type', element ->> 'type',
        'message_id', case when length(element ->> 'message_id') <= 255 then element ->> 'message_id' end,
        'user_id', case when length(element ->> 'user_id') <= 255 then element ->> 'user_id' end,
        'event_at', case
            -- Rounded, because a value too close to zero is out of range as well.
            when jsonb_typeof(element -> 'event_at') = 'number' and (element -> 'event_at')::numeric between 0 and 1e15
                then to_jsonb(round((element -> 'event_at')::numeric))
        end
    ))
$$;

revoke all on function clerk.read_odd_change(jsonb) from public, anon, authenticated, service_role;
grant execute on function clerk.read_odd_change(jsonb) to service_role;

comment on function clerk.read_odd_change(jsonb) is 'Turns a change that cannot be read into a change with a problem.';

-- Reads changes one by one, for a call in which at least one change cannot be read.
create function clerk.read_odd_changes(changes jsonb) returns clerk.change []
language plpgsql stable
security invoker
set search_path = ''
as $$
declare
    element jsonb;
    change clerk.change;
    incoming clerk.change [] := array[]::clerk.change [];
begin
    for element in select item from jsonb_array_elements(read_odd_changes.changes) as list (item) loop
        begin
            change := jsonb_populate_record(null::clerk.change, element);
        exception
            when data_exception then
                change := clerk.read_odd_change(element);
        end;
        incoming := incoming || change;
    end loop;
    return incoming;
end
$$;

revoke all on function clerk.read_odd_changes(jsonb) from public, anon, authenticated, service_role;
grant execute on function clerk.read_odd_changes(jsonb) to service_role;

comment on function clerk.read_odd_changes(jsonb) is
'Reads the argument of apply_clerk_changes() if one of its changes is malformed. No content of a change makes it raise.';
