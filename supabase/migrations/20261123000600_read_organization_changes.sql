-- Reads changes of organizations and memberships. They have a type of their own, so that a user's change does not pay
-- for their fields, and so that no adopter's column of public.users conflicts with one of these fields.

-- A change as received, and values derived from it alone. Times are milliseconds by Clerk's clock.
create type clerk.organization_change as (
    type text,
    message_id varchar(255),
    carried_by varchar(255),
    organization_id varchar(255),
    membership_id varchar(255),
    user_id varchar(255),
    name text,
    slug text,
    image_url text,
    role varchar(255),
    metadata jsonb,
    delete_mode clerk.delete_mode,
    sent_at double precision,
    event_at double precision,
    updated_at double precision,
    created_at double precision,
    data jsonb,
    position integer,
    problem text,
    version bigint,
    version_event bigint,
    version_rank smallint,
    version_message text,
    told_at timestamptz,
    happened_at timestamptz
);

revoke all on type clerk.organization_change from public, anon, authenticated, service_role;
grant usage on type clerk.organization_change to service_role;

comment on type clerk.organization_change is
'One change of an organization or a membership as received; its position in the call, version, times and problem.';

-- Finds the first problem of a readable change; null if it is valid. A change with data but no id is an event that is
-- only kept. A profile must name the pair and the role; a removal may lack both, because its id is enough.
create function clerk.find_organization_problem(given clerk.organization_change) returns text
language sql immutable
security invoker
set search_path = ''
as $$
    select case
        when given.message_id = '' then 'MESSAGE_ID_INVALID'
        when given.organization_id = '' then 'ORGANIZATION_ID_INVALID'
        when given.membership_id = '' then 'MEMBERSHIP_ID_INVALID'
        when given.user_id = '' then 'USER_ID_INVALID'
        when given.type like 'organization.%' and given.organization_id is null and given.data is null
            then 'ORGANIZATION_ID_INVALID'
        when given.type not like 'organization.%' and given.membership_id is null and given.data is null
            then 'MEMBERSHIP_ID_INVALID'
        when given.type not in ('organizationMembership.created', 'organizationMembership.updated', 'organizationMembership.fetched')
            or given.membership_id is null then null
        when given.organization_id is null then 'ORGANIZATION_ID_INVALID'
        when given.user_id is null then 'USER_ID_INVALID'
        when given.role is null or given.role = '' then 'ROLE_INVALID'
    end
$$;

revoke all on function clerk.find_organization_problem(clerk.organization_change)
from public, anon, authenticated, service_role;
grant execute on function clerk.find_organization_problem(clerk.organization_change) to service_role;

comment on function clerk.find_organization_problem(clerk.organization_change) is
'The code of the problem with the ids or the role of a change; null if they are valid.';

-- Completes a readable change with its problem, or with its version and its times. A removal reports a creation time
-- only if it names one, and its updated_at belongs to the last profile, not to the removal.
create function clerk.judge_organization_change(given clerk.organization_change, place bigint)
returns clerk.organization_change
language plpgsql immutable
security invoker
set search_path = ''
as $$
declare
    is_deletion boolean := given.type like '%.deleted';
begin
    given.position := place;
    given.problem := coalesce(given.problem, clerk.find_organization_problem(given), case
        when given.sent_at is null
            or least(given.sent_at, given.event_at, given.updated_at) < 0
            or given.sent_at > 253402300799999 then 'TIME_INVALID'
        -- A time more than a day in the future would freeze the object.
        when greatest(given.event_at, given.updated_at, given.created_at) > given.sent_at + 86400000 then 'TIME_IN_FUTURE'
    end);
    if given.problem is not null then
        return given;
    end if;

    given.version := coalesce(given.updated_at, 0);
    given.version_event := coalesce(given.event_at, case when given.updated_at is null then given.sent_at else 0 end);
    given.version_rank := case when given.type like '%.created' then 0 else 1 end;
    given.version_message := coalesce(given.message_id, given.carried_by, '');
    given.happened_at := to_timestamp(
        round(coalesce(case when not is_deletion then given.updated_at end, given.event_at, given.sent_at)) / 1000
    );
    given.told_at := to_timestamp(round(greatest(
        case
            when is_deletion then given.created_at
            else coalesce(given.created_at, given.updated_at, given.event_at, given.sent_at)
        end, case when given.created_at < 0 then 0 end
    )) / 1000);

    if jsonb_typeof(given.metadata) is distinct from 'object' then
        given.metadata := jsonb '{}';
    end if;
    given.name := coalesce(given.name, '');
    given.slug := nullif(given.slug, '');
    return given;
end
$$;

revoke all on function clerk.judge_organization_change(clerk.organization_change, bigint)
from public, anon, authenticated, service_role;
grant execute on function clerk.judge_organization_change(clerk.organization_change, bigint) to service_role;

comment on function clerk.judge_organization_change(clerk.organization_change, bigint) is
'Completes a change at a place in the call with its version and times, or with the code of its problem.';

-- Reads one change. A value that does not fit a field's type or length becomes a problem.
create function clerk.read_organization_change(element jsonb) returns clerk.organization_change
language plpgsql immutable
security invoker
set search_path = ''
as $$
begin
    return jsonb_populate_record(null::clerk.organization_change, element);
exception
    when data_exception then
        return jsonb_populate_record(null::clerk.organization_change, jsonb_strip_nulls(jsonb_build_object(
            'type', element ->> 'type',
            'problem', case
                when length(element ->> 'message_id') > 255 or length(element ->> 'carried_by') > 255 then 'MESSAGE_ID_INVALID'
                when length(element ->> 'organization_id') > 255 then 'ORGANIZATION_ID_INVALID'
                when length(element ->> 'membership_id') > 255 then 'MEMBERSHIP_ID_INVALID'
                when length(element ->> 'user_id') > 255 then 'USER_ID_INVALID'
                when length(element ->> 'role') > 255 then 'ROLE_INVALID'
                when element ->> 'delete_mode' not in ('hard', 'soft') then 'DELETE_MODE_INVALID'
                else 'TIME_INVALID'
            end,
            'message_id', case when length(element ->> 'message_id') <= 255 then element ->> 'message_id' end,
            'organization_id', case when length(element ->> 'organization_id') <= 255 then element ->> 'organization_id' end,
            'membership_id', case when length(element ->> 'membership_id') <= 255 then element ->> 'membership_id' end,
            'user_id', case when length(element ->> 'user_id') <= 255 then element ->> 'user_id' end,
            'event_at', case
                when jsonb_typeof(element -> 'event_at') = 'number' and (element -> 'event_at')::numeric between 0 and 1e15
                    then round((element -> 'event_at')::numeric)
            end
        )));
end
$$;

revoke all on function clerk.read_organization_change(jsonb) from public, anon, authenticated, service_role;
grant execute on function clerk.read_organization_change(jsonb) to service_role;

comment on function clerk.read_organization_change(jsonb) is
'Reads a change of an organization or a membership; a change that cannot be read has a problem.';

-- Returns a call's changes of organizations and memberships, in order. Other types, such as organizationDomain.created,
-- are not stored, but their events can be kept.
create function clerk.read_organization_changes(changes jsonb) returns clerk.organization_change []
language sql immutable
security invoker
set search_path = ''
as $$
    select array(
        select clerk.judge_organization_change(clerk.read_organization_change(list.element), list.position)
        from jsonb_array_elements(changes) with ordinality as list (element, position)
        where list.element ->> 'type' in (
            'organization.created', 'organization.updated', 'organization.fetched', 'organization.deleted',
            'organizationMembership.created', 'organizationMembership.updated', 'organizationMembership.fetched',
            'organizationMembership.deleted'
        )
        order by list.position
    )
$$;

revoke all on function clerk.read_organization_changes(jsonb) from public, anon, authenticated, service_role;
grant execute on function clerk.read_organization_changes(jsonb) to service_role;

comment on function clerk.read_organization_changes(jsonb) is
'The changes of organizations and memberships of a call, in order.';
