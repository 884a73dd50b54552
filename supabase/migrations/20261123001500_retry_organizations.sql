-- Retries refusals of organizations and memberships, for reconcile: deletions of organizations, deletions of
-- memberships' rows, and rows of memberships that were refused when a parent arrived. The content of a refused profile
-- is not stored, so reconcile fetches it from Clerk: see clerk.refusals.

-- Settles the pair of a membership again, under the locks of a call that changes the membership.
create function clerk.retry_membership(membership_id text) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    pair clerk.pair;
    had_row boolean := exists (
        select from public.organization_memberships as visible
        where visible.clerk_membership_id = retry_membership.membership_id
    );
    has_row boolean;
begin
    select organization.clerk_organization_id, member.clerk_user_id into pair
    from public.organization_memberships as visible
    inner join public.organizations as organization on organization.id = visible.organization_id
    inner join public.users as member on member.id = visible.user_id
    where visible.clerk_membership_id = retry_membership.membership_id;
    if not found then
        select stored.organization_id, stored.user_id into pair
        from clerk.organization_memberships as stored
        where stored.membership_id = retry_membership.membership_id;
    end if;

    perform clerk.settle_parent_pairs(array[pair]);
    has_row := exists (
        select from public.organization_memberships as visible
        where visible.clerk_membership_id = retry_membership.membership_id
    );
    return jsonb_build_object('membership_id', retry_membership.membership_id) || case
        when has_row and not had_row then jsonb '{"outcome": "created"}'
        when had_row and not has_row then jsonb '{"outcome": "deleted"}'
        else jsonb '{"outcome": "refused", "code": "SCHEMA_REFUSED"}'
    end;
end
$$;

revoke all on function clerk.retry_membership(text) from public, anon, authenticated, service_role;
grant execute on function clerk.retry_membership(text) to service_role;

comment on function clerk.retry_membership(text) is
'Settles the pair of a membership again, and returns the outcome of its row.';

create function public.retry_clerk_organizations(size integer, delete_mode text) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    refused clerk.refusals [] := array(
        select refusal
        from clerk.refusals as refusal
        where refusal.type in ('organization.deleted', 'organizationMembership.deleted', 'membership')
            -- In delete mode soft, the row of a hidden organization stays on purpose.
            and not (retry_clerk_organizations.delete_mode = 'soft' and refusal.code = 'DELETE_BLOCKED')
            and clerk.is_open_refusal(refusal)
        order by refusal.last_refused_at, coalesce(refusal.organization_id, refusal.membership_id)
        limit least(retry_clerk_organizations.size, 500)
    );
    -- Locks for all of them are taken at once, like the locks of removals, which also cover the stored pairs.
    locked clerk.organization_change [] := clerk.read_organization_changes((
        select coalesce(jsonb_agg(jsonb_build_object(
            'type', case when one.organization_id is null then 'organizationMembership.deleted' else 'organization.deleted' end,
            'organization_id', coalesce(one.organization_id, shown.clerk_organization_id),
            'membership_id', one.membership_id,
            'user_id', shown.clerk_user_id,
            'sent_at', floor(extract(epoch from now()) * 1000),
            'delete_mode', retry_clerk_organizations.delete_mode
        )), '[]')
        from unnest(refused) as one
        left join lateral (
            select organization.clerk_organization_id, member.clerk_user_id
            from public.organization_memberships as visible
            inner join public.organizations as organization on organization.id = visible.organization_id
            inner join public.users as member on member.id = visible.user_id
            where visible.clerk_membership_id = one.membership_id
        ) as shown on true
    ));
    change clerk.organization_change;
    outcomes jsonb := jsonb '[]';
begin
    perform clerk.lock_organization_names(
        array(select jsonb_populate_record(null::clerk.change, jsonb_build_object('user_id', one.user_id)) from unnest(locked) as one),
        locked
    );
    perform clerk.lock_pairs('{}', locked);

    foreach change in array locked loop
        -- Only now, under the locks: the owner may have lifted the tombstone, and one deletion may have completed
        -- another.
        continue when not exists (
            select
            from clerk.refusals as refusal
            where (
                refusal.membership_id = change.membership_id
                or change.membership_id is null and refusal.organization_id = change.organization_id
            )
            and clerk.is_open_refusal(refusal)
        );

        if change.type = 'organization.deleted' then
            outcomes := outcomes || (
                jsonb_build_object('organization_id', change.organization_id) || clerk.settle_organization_alone(change)
            );
        else
            outcomes := outcomes || clerk.retry_membership(change.membership_id);
        end if;
    end loop;
    return outcomes;
end
$$;

revoke all on function public.retry_clerk_organizations(integer, text) from public, anon, authenticated, service_role;
grant execute on function public.retry_clerk_organizations(integer, text) to service_role;

comment on function public.retry_clerk_organizations(integer, text) is
'Retries refusals of organizations and memberships, except profiles: [{"organization_id" or "membership_id", "outcome",
…}].';
