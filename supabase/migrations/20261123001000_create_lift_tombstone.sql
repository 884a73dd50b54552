-- Deletes are final: no message brings a user back. Where one was wrong (the wrong key, a test event in
-- production), the database's owner lifts the tombstone, and the next profile of the user, of whatever version,
-- makes or completes the row.

create function clerk.lift_tombstone(user_id text) returns boolean
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    -- The same lock as in apply_clerk_changes.
    perform pg_advisory_xact_lock(1664525, hashtext(lift_tombstone.user_id) & 1023);

    update clerk.users as stored
    set version = -1, version_event = 0, version_rank = 0, version_message = '', deleted_at = null, deleted_by = null
    where stored.user_id = lift_tombstone.user_id and stored.deleted_at is not null;

    if not found then
        return false;
    end if;

    update public.users as visible set deleted_at = null where visible.clerk_user_id = lift_tombstone.user_id;
    return true;
end
$$;

revoke all on function clerk.lift_tombstone(text) from public, anon, authenticated, service_role;

comment on function clerk.lift_tombstone(text) is
'Undoes a wrong delete; true where there was one. For the database''s owner only.';
