-- Returns the organization that a caller works in, and the caller's rights there. The token and the table must agree:
-- after a removal the token is up to a minute late, and the table is late until the webhook arrives.
--
-- Every function here is written in plpgsql, whose plans last for a connection: clerk.caller_membership() takes about
-- 40 µs per call. Written in language sql, which plans again in each query, it takes 440 µs. A policy calls them in
-- each query, so they call few others and return values instead of rows, which cost a third more.

-- Returns a claim that is text; null for anything else.
create function clerk.text_claim(claim jsonb) returns text
language plpgsql immutable
security invoker
set search_path = ''
as $$
begin
    return case when jsonb_typeof(claim) = 'string' then nullif(claim #>> '{}', '') end;
end
$$;

revoke all on function clerk.text_claim(jsonb) from public, anon, authenticated, service_role;
grant execute on function clerk.text_claim(jsonb) to authenticated, service_role;

comment on function clerk.text_claim(jsonb) is 'The text of a claim; null if it is empty or not text.';

-- Normalizes a key like Clerk's own has(), so that 'admin' equals 'org:admin'. Payloads of older applications contain
-- 'admin' too.
create function clerk.organization_key(key text) returns text
language plpgsql immutable
security invoker
set search_path = ''
as $$
begin
    return 'org:' || regexp_replace(organization_key.key, '^(org:)+', '');
end
$$;

revoke all on function clerk.organization_key(text) from public, anon, authenticated, service_role;
grant execute on function clerk.organization_key(text) to authenticated, service_role;

comment on function clerk.organization_key(text) is 'A role or permission with the prefix org: exactly once.';

-- Reads the claims that v selects: a token of version 2 has o, and any other has org_id and org_role. Each claim has its
-- own function, because a policy that asks for the organization does not need the role.
create function clerk.active_organization_id(claims jsonb) returns text
language plpgsql immutable
security invoker
set search_path = ''
as $$
begin
    return clerk.text_claim(case when claims -> 'v' = '2' then claims -> 'o' -> 'id' else claims -> 'org_id' end);
end
$$;

revoke all on function clerk.active_organization_id(jsonb) from public, anon, authenticated, service_role;
grant execute on function clerk.active_organization_id(jsonb) to authenticated, service_role;

comment on function clerk.active_organization_id(jsonb) is
'Clerk''s id of the active organization that a token''s claims name; null without one.';

create function clerk.active_role(claims jsonb) returns text
language plpgsql immutable
security invoker
set search_path = ''
as $$
begin
    return clerk.organization_key(
        clerk.text_claim(case when claims -> 'v' = '2' then claims -> 'o' -> 'rol' else claims -> 'org_role' end)
    );
end
$$;

revoke all on function clerk.active_role(jsonb) from public, anon, authenticated, service_role;
grant execute on function clerk.active_role(jsonb) to authenticated, service_role;

comment on function clerk.active_role(jsonb) is
'The role in the active organization that a token''s claims name; null without one.';

-- Returns the organization's features, in order: the i-th mask belongs to the i-th feature. An entry without a scope
-- makes the whole claim unreadable.
create function clerk.organization_features(fea text) returns text []
language plpgsql immutable
security invoker
set search_path = ''
as $$
declare
    entries constant text [] := array(
        select btrim(entry, E' \t\r\n') from unnest(string_to_array(fea, ',')) with ordinality as listed (entry, place)
        order by place
    );
begin
    if exists (select from unnest(entries) as entry where strpos(entry, ':') = 0) then
        return array[]::text [];
    end if;
    return array(
        select substr(entry, strpos(entry, ':') + 1)
        from unnest(entries) with ordinality as listed (entry, place)
        where split_part(entry, ':', 1) in ('o', 'ou', 'uo')
        order by place
    );
end
$$;

revoke all on function clerk.organization_features(text) from public, anon, authenticated, service_role;
grant execute on function clerk.organization_features(text) to authenticated, service_role;

comment on function clerk.organization_features(text) is 'The features of the claim fea that an organization has.';

-- In version 2, bit j of a feature's mask, starting at the least significant, grants the j-th name of per. With more
-- than 53 names a mask exceeds JavaScript's exact integers, so it is read as numeric. A mask with anything but digits,
-- such as a negative one, grants nothing. System permissions (org:sys_…) belong to Clerk; apps do not ask for them.
create function clerk.active_permissions(claims jsonb) returns text []
language plpgsql immutable
security invoker
set search_path = ''
as $$
begin
    if claims -> 'v' = '2' then
        return array(
            select 'org:' || feature.name || ':' || btrim(permission.name, E' \t\r\n')
            from unnest(clerk.organization_features(clerk.text_claim(claims -> 'fea')))
                with ordinality as feature (name, place)
            inner join unnest(string_to_array(clerk.text_claim(claims -> 'o' -> 'fpm'), ','))
                with ordinality as mask (text, place) using (place)
            cross join unnest(string_to_array(clerk.text_claim(claims -> 'o' -> 'per'), ','))
                with ordinality as permission (name, bit)
            where feature.name not like 'sys\_%' and case
                when btrim(mask.text, E' \t\r\n') ~ '^[0-9]+$'
                    then mod(div(btrim(mask.text, E' \t\r\n')::numeric, power(2::numeric, permission.bit - 1)), 2) = 1
            end
            order by place, permission.bit
        );
    end if;
    return array(
        select clerk.text_claim(permission)
        from jsonb_path_query(claims, 'strict $.org_permissions[*]', '{}', true)
            with ordinality as listed (permission, place)
        where clerk.text_claim(permission) not like 'org:sys\_%'
        order by place
    );
end
$$;

revoke all on function clerk.active_permissions(jsonb) from public, anon, authenticated, service_role;
grant execute on function clerk.active_permissions(jsonb) to authenticated, service_role;

comment on function clerk.active_permissions(jsonb) is
'The custom permissions that a token''s claims grant in the active organization.';

-- Runs as its owner, because a policy on memberships that reads memberships as the caller would never end. It has no
-- argument, so callers learn only about themselves, and its schema is not exposed.
create function clerk.caller_membership(out organization_id uuid, out role text)
language plpgsql stable
security definer
set search_path = ''
as $$
declare
    claims constant jsonb := auth.jwt();
    active_id constant text := clerk.active_organization_id(claims);
begin
    select organization.id, membership.role into organization_id, role
    from public.users as caller
    inner join public.organization_memberships as membership on membership.user_id = caller.id
    inner join public.organizations as organization on organization.id = membership.organization_id
    where caller.clerk_user_id = claims ->> 'sub' and caller.deleted_at is null
        and coalesce(claims ->> 'sts', 'active') = 'active'
        and organization.clerk_organization_id = active_id
        and organization.deleted_at is null;
end
$$;

revoke all on function clerk.caller_membership() from public, anon, authenticated, service_role;
grant execute on function clerk.caller_membership() to authenticated, service_role;

comment on function clerk.caller_membership() is
'The caller''s membership in its active organization, as stored in the table; nulls without one. Runs as its owner.';

create function public.caller_organization_id() returns uuid
language plpgsql stable
security invoker
set search_path = ''
as $$
begin
    return (clerk.caller_membership()).organization_id;
end
$$;

revoke all on function public.caller_organization_id() from public, anon, authenticated, service_role;
grant execute on function public.caller_organization_id() to authenticated, service_role;

comment on function public.caller_organization_id() is
'The id of the caller''s active organization in public.organizations; null unless the caller is a member of it.';

-- Both the table's role and the token's must match: a demoted member loses the role as soon as one of the two changes.
create function public.caller_has_role(role text) returns boolean
language plpgsql stable
security invoker
set search_path = ''
as $$
declare
    asked constant text := clerk.organization_key(caller_has_role.role);
begin
    return coalesce(
        asked = clerk.active_role(auth.jwt())
        and asked = clerk.organization_key((clerk.caller_membership()).role),
        false
    );
end
$$;

revoke all on function public.caller_has_role(text) from public, anon, authenticated, service_role;
grant execute on function public.caller_has_role(text) to authenticated, service_role;

comment on function public.caller_has_role(text) is
'Whether the caller has a role in its active organization, according to both token and table; admin means org:admin.';

create function public.caller_has_permission(permission text) returns boolean
language plpgsql stable
security invoker
set search_path = ''
as $$
begin
    return coalesce(
        clerk.organization_key(caller_has_permission.permission) = any(clerk.active_permissions(auth.jwt()))
        and (clerk.caller_membership()).organization_id is not null,
        false
    );
end
$$;

revoke all on function public.caller_has_permission(text) from public, anon, authenticated, service_role;
grant execute on function public.caller_has_permission(text) to authenticated, service_role;

comment on function public.caller_has_permission(text) is
'Whether the caller''s token grants a custom permission in its active organization, which the table confirms.';

-- Compares user_id instead of caller_organization_id(), so that callers see the organizations that they can switch to.
-- Other members' rows stay hidden; docs/organizations.md has the policy that shows them. A deleted user or a pending
-- session reads nothing, even if the project adds policies to public.users.
create policy organization_memberships_select_own on public.organization_memberships for select to authenticated
using (
    user_id = (
        select caller.id
        from public.users as caller
        where caller.clerk_user_id = (select auth.jwt()) ->> 'sub' and caller.deleted_at is null
            and coalesce((select auth.jwt()) ->> 'sts', 'active') = 'active'
    )
);

comment on policy organization_memberships_select_own on public.organization_memberships is
'A caller reads its own memberships.';

-- The condition on user_id is repeated here, because the other table's policies may show more rows. It uses an array,
-- because the planner then finds its ids by the primary key; with `in` it would read every organization.
create policy organizations_select_own on public.organizations for select to authenticated
using (
    deleted_at is null
    and id = any(array(
        select membership.organization_id
        from public.organization_memberships as membership
        where membership.user_id = (
            select caller.id
            from public.users as caller
            where caller.clerk_user_id = (select auth.jwt()) ->> 'sub' and caller.deleted_at is null
                and coalesce((select auth.jwt()) ->> 'sts', 'active') = 'active'
        )
    ))
);

comment on policy organizations_select_own on public.organizations is
'A caller reads the live organizations that it is a member of.';
