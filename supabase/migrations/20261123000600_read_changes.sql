-- How the JSON argument of apply_clerk_changes is read.

-- A change: read, and once it is decided, what it leads to. Versions are milliseconds of Clerk's clock.
create type clerk.change as (
    problem text,
    type text,
    message_id text,
    user_id text,
    soft boolean,
    event_at timestamptz,
    happened_at timestamptz,
    version bigint,
    version_event bigint,
    version_rank smallint,
    created_at timestamptz,
    last_sign_in_at timestamptz,
    email text,
    email_verified boolean,
    first_name text,
    last_name text,
    username text,
    profile_image_url text,
    metadata jsonb,
    -- Decided by clerk.decide_changes(). What is news of the user: profile, times, deletion, or null.
    news text,
    -- What becomes of its row in public.users: insert, update, or null.
    action text,
    -- Whether the address is its own, who loses it then, and the address that it may have let go.
    holds boolean,
    rival text,
    left_address text,
    outcome text
);

revoke all on type clerk.change from public, anon, authenticated, service_role;
grant usage on type clerk.change to service_role;

comment on type clerk.change is 'One change of apply_clerk_changes(): sound or with its problem, and what it leads to.';

-- Reads the JSON. Raises for nothing that a change contains: what cannot be stored gets a problem, which
-- becomes the code of the refusal. A time that lies more than a day ahead would freeze the user. A creation before
-- 1970, which an import may have brought to Clerk, counts as 1970: it is no reason to lose the user.
create function clerk.read_changes(changes jsonb) returns clerk.change []
language plpgsql stable
security invoker
set search_path = ''
as $$
begin
    return (
    -- An offset of 0 keeps a step apart: one that is folded into the next repeats its expressions there.
    with elements as (
        select
            element,
            position,
            jsonb_typeof(element) = 'object' as is_object,
            element ->> 'type' as type,
            element ->> 'message_id' as message_id,
            element ->> 'user_id' as user_id,
            element ->> 'email' as email,
            element ->> 'delete_mode' as delete_mode,
            element -> 'sent_at' as sent_at,
            element -> 'event_at' as event_at,
            element -> 'updated_at' as updated_at,
            element -> 'created_at' as created_at,
            element -> 'last_sign_in_at' as last_sign_in_at
        from jsonb_array_elements(read_changes.changes) with ordinality as list (element, position)
        offset 0
    ),

    fields as (
        select
            element,
            position,
            is_object,
            type,
            message_id,
            user_id,
            email,
            delete_mode,
            case when jsonb_typeof(sent_at) = 'number' then trunc(sent_at::numeric) end as sent_at,
            case when jsonb_typeof(event_at) = 'number' then trunc(event_at::numeric) end as event_at,
            case when jsonb_typeof(updated_at) = 'number' then trunc(updated_at::numeric) end as updated_at,
            case when jsonb_typeof(created_at) = 'number' then trunc(created_at::numeric) end as created_at,
            case when jsonb_typeof(last_sign_in_at) = 'number' then trunc(last_sign_in_at::numeric) end as last_sign_in_at,
            jsonb_typeof(event_at) not in ('number', 'null')
            or jsonb_typeof(updated_at) not in ('number', 'null')
            or jsonb_typeof(created_at) not in ('number', 'null')
            or jsonb_typeof(last_sign_in_at) not in ('number', 'null') as has_odd_time
        from elements
        offset 0
    ),

    judged as (
        select
            *,
            coalesce(updated_at, event_at, sent_at) as happened_at,
            case
                when not is_object then 'CHANGE_INVALID'
                when type is null or type not in ('user.created', 'user.updated', 'user.fetched', 'user.deleted', 'session.created')
                    then 'TYPE_UNKNOWN'
                when length(message_id) not between 1 and 255 then 'MESSAGE_ID_INVALID'
                when user_id is null or length(user_id) not between 1 and 255 then 'USER_ID_INVALID'
                when delete_mode not in ('hard', 'soft') then 'DELETE_MODE_INVALID'
                when sent_at is null or has_odd_time then 'TIME_INVALID'
                when least(sent_at, event_at, updated_at, last_sign_in_at) < 0 or sent_at > 253402300799999
                    then 'TIME_INVALID'
                when greatest(event_at, updated_at, created_at, last_sign_in_at) > sent_at + 86400000 then 'TIME_IN_FUTURE'
                when length(email) > 320 then 'EMAIL_TOO_LONG'
            end as problem
        from fields
        offset 0
    )

    select coalesce(array_agg(
        case when problem is null then row(
            null,
            type,
            message_id,
            user_id,
            coalesce(delete_mode = 'soft', false),
            to_timestamp(event_at::bigint / 1000::float8),
            to_timestamp(happened_at::bigint / 1000::float8),
            coalesce(updated_at, 0),
            -- The time of a delivery attempt orders payloads without updated_at among themselves and nothing else.
            coalesce(event_at, case when updated_at is null then sent_at else 0 end),
            case when type = 'user.created' then 0 else 1 end,
            case when type <> 'session.created'
                then to_timestamp(greatest(coalesce(created_at, happened_at), 0)::bigint / 1000::float8)
            end,
            to_timestamp(last_sign_in_at::bigint / 1000::float8),
            nullif(email, ''),
            coalesce(element -> 'email_verified' = 'true', false),
            element ->> 'first_name',
            element ->> 'last_name',
            element ->> 'username',
            element ->> 'profile_image_url',
            case when jsonb_typeof(element -> 'metadata') = 'object' then element -> 'metadata' else '{}' end,
            null, null, null, null, null, null
        )::clerk.change else row(
            problem,
            left(type, 255),
            case when problem <> 'MESSAGE_ID_INVALID' then left(message_id, 255) end,
            case when problem <> 'USER_ID_INVALID' then left(user_id, 255) end,
            null,
            case when event_at between 0 and 253402300799999 then to_timestamp(event_at::bigint / 1000::float8) end,
            null, null, null, null, null, null, null, null, null, null, null, null, null,
            null, null, null, null, null, null
        )::clerk.change end
        order by position
    ), '{}')
    from judged
    );
end
$$;

revoke all on function clerk.read_changes(jsonb) from public, anon, authenticated, service_role;
grant execute on function clerk.read_changes(jsonb) to service_role;

comment on function clerk.read_changes(jsonb) is 'Reads the argument of apply_clerk_changes(). Raises for nothing that a change contains.';
