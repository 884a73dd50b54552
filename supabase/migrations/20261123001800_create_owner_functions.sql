-- Functions for the database's owner only: neither clients nor the Edge Functions can call them.

-- Deletes are final: no message restores a user. If a delete was wrong (a wrong key, a test event in production), the
-- database's owner lifts the tombstone, and the user's next profile, of any version, creates or completes the row. The
-- user's messages are removed from the ledger, so that replaying a profile in Clerk's dashboard works as well. Replay
-- user.created or user.updated only: replaying the deletion deletes the user again. One call can lift the tombstones of
-- several users: lift_tombstone(variadic array['user_…', …]).
create function clerk.lift_tombstone(variadic user_ids text []) returns integer
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    lifted text [];
begin
    -- The same locks as in apply_clerk_changes(), in the same order.
    perform pg_advisory_xact_lock(1664525, bucket) -- name_locks
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
'Undoes wrong deletes; returns how many tombstones were lifted. Do not replay the deletion afterwards. For the
database''s owner only.';

-- Does the same for organizations. A refetch, such as a backfill, restores their memberships, because the deletion
-- ended them; tombstones of single memberships stay.
create function clerk.lift_organization_tombstone(variadic organization_ids text []) returns integer
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    lifted text [];
begin
    perform pg_advisory_xact_lock(1664525, bucket) -- name_locks
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
'Undoes wrong deletes of organizations; returns how many tombstones were lifted. Do not replay the deletion afterwards. For
the database''s owner only.';

-- Applies retention to the ledger and to kept events. Correctness depends on versions and tombstones, not on the
-- ledger: a message that is delivered again after its row was removed is stale and changes nothing. A kept event would
-- be kept again, so its retention must be longer than Svix's retries.
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
    -- Closed refusals serve no purpose, so they are not counted.
    delete from clerk.refusals as refusal where not clerk.is_open_refusal(refusal);
    return messages + events;
end
$$;

revoke all on function clerk.prune_messages(interval) from public, anon, authenticated, service_role;

comment on function clerk.prune_messages(interval) is
'Removes older messages and kept events; returns how many. For the database''s owner only, such as a pg_cron job.';
