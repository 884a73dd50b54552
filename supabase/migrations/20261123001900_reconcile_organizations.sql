-- Functions about organizations and memberships that clerk-reconcile calls, like list_clerk_users() and its neighbors
-- for users.

-- Returns the organizations that the sweep asks Clerk about. newest_at is the latest known time of an organization, by
-- Clerk's clock: if it is later than the start of the last complete listing, the listing included the organization, or
-- an event has arrived since.
create function public.list_clerk_organizations(after text, size integer) returns jsonb
language sql stable
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
    select coalesce(jsonb_agg(to_jsonb(page) order by page.organization_id), '[]')
    from (
        select
            known.organization_id,
            visible.clerk_organization_id is not null as live,
            floor(extract(epoch from known.known_since) * 1000)::bigint as known_since,
            greatest(
                floor(extract(epoch from known.created_at) * 1000)::bigint, known.version, known.version_event
            ) as newest_at
        from (
            select stored.organization_id, stored.known_since, stored.created_at, stored.version, stored.version_event
            from clerk.organizations as stored
            where stored.organization_id > list_clerk_organizations.after and stored.deleted_at is null
            order by stored.organization_id
            limit list_clerk_organizations.size
        ) as known
        left join public.organizations as visible
            on visible.clerk_organization_id = known.organization_id and visible.deleted_at is null
    ) as page
$$;

revoke all on function public.list_clerk_organizations(text, integer) from public, anon, authenticated, service_role;
grant execute on function public.list_clerk_organizations(text, integer) to service_role;

comment on function public.list_clerk_organizations(text, integer) is
'A page of organizations by id, behind a given id: [{"organization_id", "live", "known_since" in ms, "newest_at" in ms}].';

-- Members of one organization are listed together, because Clerk is asked about one organization at a time. A pending
-- membership, and one replaced by a newer one of its pair, has no row, so it is not live.
create function public.list_clerk_memberships(after text, size integer) returns jsonb
language sql stable
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
    select coalesce(jsonb_agg(to_jsonb(page) order by page.organization_id, page.membership_id), '[]')
    from (
        select
            known.membership_id,
            known.organization_id,
            known.user_id,
            visible.clerk_membership_id is not null as live,
            floor(extract(epoch from known.known_since) * 1000)::bigint as known_since,
            greatest(
                floor(extract(epoch from known.created_at) * 1000)::bigint, known.version, known.version_event
            ) as newest_at
        from (
            select
                stored.membership_id, stored.organization_id, stored.user_id,
                stored.known_since, stored.created_at, stored.version, stored.version_event
            from clerk.organization_memberships as stored
            where (stored.organization_id, stored.membership_id) > (
                split_part(list_clerk_memberships.after, '/', 1), split_part(list_clerk_memberships.after, '/', 2)
            )
            and stored.deleted_at is null
            order by stored.organization_id, stored.membership_id
            limit list_clerk_memberships.size
        ) as known
        left join public.organization_memberships as visible on visible.clerk_membership_id = known.membership_id
    ) as page
$$;

revoke all on function public.list_clerk_memberships(text, integer) from public, anon, authenticated, service_role;
grant execute on function public.list_clerk_memberships(text, integer) to service_role;

comment on function public.list_clerk_memberships(text, integer) is
'A page of memberships by organization and id, behind a given "organization_id/membership_id": [{"membership_id",
"organization_id", "user_id", "live", "known_since" in ms, "newest_at" in ms}].';

create function public.count_clerk_organizations(known_before timestamptz default null) returns bigint
language sql stable
security invoker
set search_path = ''
as $$
    select case
        when count_clerk_organizations.known_before is null
            then (select count(*) from public.organizations where deleted_at is null)
        else (
            select count(*)
            from public.organizations as visible
            inner join clerk.organizations as stored on stored.organization_id = visible.clerk_organization_id
            where visible.deleted_at is null and stored.known_since < count_clerk_organizations.known_before
        )
    end
$$;

revoke all on function public.count_clerk_organizations(timestamptz) from public, anon, authenticated, service_role;
grant execute on function public.count_clerk_organizations(timestamptz) to service_role;

comment on function public.count_clerk_organizations(timestamptz) is
'How many organizations have a live row; with a time, only those that this database had received before it.';

create function public.count_clerk_memberships(known_before timestamptz default null) returns bigint
language sql stable
security invoker
set search_path = ''
as $$
    select case
        when count_clerk_memberships.known_before is null then (select count(*) from public.organization_memberships)
        else (
            select count(*)
            from public.organization_memberships as visible
            inner join clerk.organization_memberships as stored on stored.membership_id = visible.clerk_membership_id
            where stored.known_since < count_clerk_memberships.known_before
        )
    end
$$;

revoke all on function public.count_clerk_memberships(timestamptz) from public, anon, authenticated, service_role;
grant execute on function public.count_clerk_memberships(timestamptz) to service_role;

comment on function public.count_clerk_memberships(timestamptz) is
'How many memberships have a row; with a time, only those that this database had received before it.';
