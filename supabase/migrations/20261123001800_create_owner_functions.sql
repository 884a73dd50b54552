-- For the database's owner only: neither clients nor the functions may call these.

-- Deletes are final: no message brings a user back. If one was wrong (the wrong key, a test event in
-- production), the database's owner lifts the tombstone, and the next profile of the user, of whatever version,
-- creates or completes the row. The user's messages leave the ledger, so that replaying a profile in Clerk's dashboard
-- does it too. Replay user.created or user.updated only: the deletion, replayed, deletes the user again. Several users are lifted by one call: lift_tombstone(variadic array['user_…', …]).
create function clerk.lift_tombstone(variadic user_ids text []) returns integer
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    lifted text [];
begin
    -- The same locks as in apply_clerk_changes(), in the same order.
    perform pg_advisory_xact_lock(1664525, bucket)
    from (select distinct hashtext(user_id) & 1023 as bucket from unnest(user_ids) as list (user_id) order by 1) as buckets;

    with changed as (
        update clerk.users as stored
        set version = -1, version_event = 0, version_rank = 0, version_message = '', deleted_at = null, deleted_by = null
        where stored.user_id = any (user_ids) and stored.deleted_at is not null
        returning stored.user_id
    )

    select coalesce(array_agg(changed.user_id), '{}') into lifted from changed;

    update public.users as visible set deleted_at = null where visible.clerk_user_id = any (lifted);
    delete from clerk.messages as message where message.user_id = any (lifted);
    delete from clerk.refusals as refusal where refusal.user_id = any (lifted);

    return cardinality(lifted);
end
$$;

revoke all on function clerk.lift_tombstone(text []) from public, anon, authenticated, service_role;

comment on function clerk.lift_tombstone(text []) is
'Undoes wrong deletes; returns how many there were. Do not replay the deletion afterwards. For the database''s owner only.';

-- The same for organizations. Their memberships come back by a refetch, such as a backfill: the deletion ended them, and
-- tombstones of single memberships stay.
create function clerk.lift_organization_tombstone(variadic organization_ids text []) returns integer
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    lifted text [];
begin
    perform pg_advisory_xact_lock(1664525, bucket)
    from (
        select distinct hashtext(organization_id) & 1023 as bucket
        from unnest(organization_ids) as list (organization_id)
        order by 1
    ) as buckets;

    with changed as (
        update clerk.organizations as stored
        set version = -1, version_event = 0, version_rank = 0, version_message = '', deleted_at = null, deleted_by = null
        where stored.organization_id = any (organization_ids) and stored.deleted_at is not null
        returning stored.organization_id
    )

    select coalesce(array_agg(changed.organization_id), '{}') into lifted from changed;

    update public.organizations as visible set deleted_at = null where visible.clerk_organization_id = any (lifted);
    delete from clerk.messages as message where message.organization_id = any (lifted);
    delete from clerk.refusals as refusal where refusal.organization_id = any (lifted);

    return cardinality(lifted);
end
$$;

revoke all on function clerk.lift_organization_tombstone(text []) from public, anon, authenticated, service_role;

comment on function clerk.lift_organization_tombstone(text []) is
'Undoes wrong deletes of organizations; returns how many there were. Do not replay the deletion afterwards. For the
database''s owner only.';

-- Retention of the ledger and of kept events. Correctness rests on versions and tombstones, not on the ledger: a
-- message that is delivered again after its row has gone is stale, and changes nothing. A kept event would be kept
-- again, so its retention should be longer than Svix's retries.
create function clerk.prune_messages(older_than interval) returns bigint
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    messages bigint;
    events bigint;
begin
    delete from clerk.messages where received_at < now() - prune_messages.older_than;
    get diagnostics messages = row_count;
    delete from clerk.kept_events where received_at < now() - prune_messages.older_than;
    get diagnostics events = row_count;
    -- Of no use to anybody, and so not counted.
    delete from clerk.refusals as refusal where not clerk.is_open_refusal(refusal);
    return messages + events;
end
$$;

revoke all on function clerk.prune_messages(interval) from public, anon, authenticated, service_role;

comment on function clerk.prune_messages(interval) is
'Removes messages and kept events that are older; returns how many. For the database''s owner only, such as a pg_cron job.';
