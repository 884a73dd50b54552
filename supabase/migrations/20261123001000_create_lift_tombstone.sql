-- Deletes are final: no message brings a user back. Where one was wrong (the wrong key, a test event in
-- production), the database's owner lifts the tombstone, and the next profile of the user, of whatever version,
-- makes or completes the row. The user's messages leave the ledger, so that replaying them in Clerk's dashboard does
-- it too. Several users are lifted by one call: lift_tombstone(variadic array['user_…', …]).

create function clerk.lift_tombstone(variadic user_ids text []) returns integer
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    lifted text [];
begin
    -- The same locks as in clerk.lock_for_changes, in the same order.
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

    return cardinality(lifted);
end
$$;

revoke all on function clerk.lift_tombstone(text []) from public, anon, authenticated, service_role;

comment on function clerk.lift_tombstone(text []) is
'Undoes wrong deletes; returns how many there were. For the database''s owner only.';
