-- The one write path. A webhook, a page of a backfill, a lazy create and a repair all end here.
--
-- apply_clerk_changes(changes) takes a JSON array of at most 500 changes and returns a JSON array of the same
-- length: {"outcome": …} or {"outcome": "refused", "code": …}, in order. A change is an object with
--
--   type              user.created, user.updated, user.deleted, session.created, or user.fetched (a user read
--                     from Clerk's Backend API)
--   message_id        the svix-id header; absent for what did not come as a message
--   user_id           Clerk's user id
--   sent_at           Clerk's clock when this was sent: the verified svix-timestamp, or the Date header of the
--                     Backend API's answer; milliseconds, as all times here
--   event_at          the event's timestamp; for a fetched user the Date header
--   updated_at, created_at, last_sign_in_at     Clerk's times of the user; for a session, last_sign_in_at is the
--                     moment it was created
--   email, email_verified, first_name, last_name, username, profile_image_url, metadata
--   delete_mode       for user.deleted: hard (default) or soft
--
-- How it keeps its promises:
-- 1. It locks first (clerk.lock_for_changes): every user and message named, then every address that those users
--    claim or will claim. Advisory locks on 1,024 hash buckets each, so that memory is bounded; names before
--    addresses and each class in ascending order, so that there is no deadlock; each class in a statement of its
--    own, before the statements that read what it protects, because a statement that waits for a lock and then
--    reads would read from before the wait. Call it once in a transaction: a second call locks out of order.
-- 2. It applies the changes one by one, in order: a batch gives the outcomes that single calls would give.
-- 3. It writes the ledger row in the same transaction: a crash loses nothing and repeats nothing.
--
-- Sequential scans are off because plans are kept for as long as a connection lives: one made while a table was
-- small would read the whole of it later.

-- What a message tells of a user's times counts even where its profile is stale, and before the user exists.
-- True where a row of public.users changed.
create function clerk.note_times(change clerk.change) returns boolean
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    insert into clerk.users as stored (user_id, created_at, last_sign_in_at)
    values (change.user_id, change.created_at, change.last_sign_in_at)
    on conflict on constraint users_pkey do update set
        created_at = least(stored.created_at, excluded.created_at),
        last_sign_in_at = greatest(stored.last_sign_in_at, excluded.last_sign_in_at)
    where excluded.created_at < stored.created_at
        or excluded.last_sign_in_at > coalesce(stored.last_sign_in_at, '-infinity');

    if not found then
        return false;
    end if;

    update public.users as visible
    set
        created_at = stored.created_at,
        last_sign_in_at = stored.last_sign_in_at,
        updated_at = greatest(visible.updated_at, change.happened_at)
    from clerk.users as stored
    where stored.user_id = change.user_id
        and visible.clerk_user_id = change.user_id
        and (visible.created_at, visible.last_sign_in_at) is distinct from (stored.created_at, stored.last_sign_in_at);

    return found;
end
$$;

revoke all on function clerk.note_times(clerk.change) from public, anon, authenticated, service_role;
grant execute on function clerk.note_times(clerk.change) to service_role;

comment on function clerk.note_times(clerk.change) is 'Accumulates the earliest creation and the latest sign-in of a user.';

-- Writes the row of a user from its newest profile. Quiet: where no stored column differs, nothing is written.
create function clerk.write_row(change clerk.change, stored clerk.users, holds boolean) returns text
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    address text := case when write_row.holds then change.email end;
begin
    update public.users as visible
    set
        email = address,
        first_name = change.first_name,
        last_name = change.last_name,
        username = change.username,
        profile_image_url = change.profile_image_url,
        metadata = change.metadata,
        created_at = stored.created_at,
        last_sign_in_at = stored.last_sign_in_at,
        updated_at = greatest(visible.updated_at, change.happened_at)
    where visible.clerk_user_id = change.user_id
        and (
            visible.email, visible.first_name, visible.last_name, visible.username, visible.profile_image_url,
            visible.metadata, visible.created_at, visible.last_sign_in_at
        )
        is distinct from (
            address, change.first_name, change.last_name, change.username, change.profile_image_url,
            change.metadata, stored.created_at, stored.last_sign_in_at
        );

    if found then
        return 'updated';
    end if;

    insert into public.users (
        clerk_user_id, email, first_name, last_name, username, profile_image_url, metadata,
        created_at, updated_at, last_sign_in_at
    )
    values (
        change.user_id, address, change.first_name, change.last_name, change.username, change.profile_image_url,
        change.metadata, stored.created_at, change.happened_at, stored.last_sign_in_at
    )
    on conflict on constraint users_clerk_user_id_key do nothing;

    return case when found then 'created' else 'unchanged' end;
end
$$;

revoke all on function clerk.write_row(clerk.change, clerk.users, boolean)
from public, anon, authenticated, service_role;
grant execute on function clerk.write_row(clerk.change, clerk.users, boolean) to service_role;

comment on function clerk.write_row(clerk.change, clerk.users, boolean) is
'Creates or updates one row of public.users, if anything differs.';

-- Stores a profile and settles the addresses: first the others let go, then the row itself, then whoever gains.
create function clerk.apply_profile(change clerk.change, before clerk.users) returns text
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    stored clerk.users;
    claimants text [];
    outcome text;
begin
    if (before.version, before.version_event, before.version_rank, before.version_message collate "C")
        >= (change.version, change.version_event, change.version_rank, coalesce(change.message_id, '') collate "C")
    then
        perform clerk.note_times(change);
        return 'stale';
    end if;

    insert into clerk.users as known (
        user_id, version, version_event, version_rank, version_message,
        email_address, email_verified, created_at, last_sign_in_at
    )
    values (
        change.user_id, change.version, change.version_event, change.version_rank, coalesce(change.message_id, ''),
        change.email, change.email_verified, change.created_at, change.last_sign_in_at
    )
    on conflict on constraint users_pkey do update set
        version = excluded.version,
        version_event = excluded.version_event,
        version_rank = excluded.version_rank,
        version_message = excluded.version_message,
        email_address = excluded.email_address,
        email_verified = excluded.email_verified,
        created_at = least(known.created_at, excluded.created_at),
        last_sign_in_at = greatest(known.last_sign_in_at, excluded.last_sign_in_at)
    returning known.* into stored;

    claimants := clerk.rank_claimants(change.email);

    if cardinality(claimants) > 1 then
        update public.users as visible
        set email = null, updated_at = greatest(visible.updated_at, change.happened_at)
        where visible.clerk_user_id = any (claimants)
            and visible.clerk_user_id not in (claimants [1], change.user_id)
            and visible.email is not null;
    end if;

    outcome := clerk.write_row(change, stored, claimants [1] = change.user_id);

    if claimants [1] <> change.user_id then
        perform clerk.give_address(change.email, change.happened_at);
    end if;

    if lower(before.email_address) is distinct from lower(change.email) then
        perform clerk.give_address(before.email_address, change.happened_at);
    end if;

    return outcome;
end
$$;

revoke all on function clerk.apply_profile(clerk.change, clerk.users) from public, anon, authenticated, service_role;
grant execute on function clerk.apply_profile(clerk.change, clerk.users) to service_role;

comment on function clerk.apply_profile(clerk.change, clerk.users) is 'Applies a profile if it is newer than the stored one.';

-- A tombstone keeps the id, the time and the source, and forgets the person.
create function clerk.apply_deletion(change clerk.change, stored clerk.users) returns text
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    insert into clerk.users (user_id, deleted_at, deleted_by)
    values (change.user_id, change.happened_at, coalesce(change.message_id, 'reconcile'))
    on conflict on constraint users_pkey do update set
        email_address = null,
        email_verified = false,
        created_at = null,
        last_sign_in_at = null,
        deleted_at = excluded.deleted_at,
        deleted_by = excluded.deleted_by;

    if change.soft then
        update public.users as visible
        set email = null, deleted_at = change.happened_at, updated_at = change.happened_at
        where visible.clerk_user_id = change.user_id;
    else
        delete from public.users where clerk_user_id = change.user_id;
    end if;

    perform clerk.give_address(stored.email_address, change.happened_at);
    return 'deleted';
end
$$;

revoke all on function clerk.apply_deletion(clerk.change, clerk.users) from public, anon, authenticated, service_role;
grant execute on function clerk.apply_deletion(clerk.change, clerk.users) to service_role;

comment on function clerk.apply_deletion(clerk.change, clerk.users) is 'Writes the tombstone, and removes or hides the row.';

-- The outcome of one change whose user and addresses are locked.
create function clerk.apply_change(change clerk.change) returns text
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    stored clerk.users;
begin
    if exists (select from clerk.messages where message_id = change.message_id and outcome <> 'refused') then
        return 'duplicate';
    end if;

    if change.problem is not null then
        return 'refused';
    end if;

    select * into stored from clerk.users where user_id = change.user_id;

    if stored.deleted_at is not null then
        if change.type <> 'user.deleted' then
            return 'stale';
        end if;

        -- A row that was kept by a soft delete goes when a hard one asks for it.
        delete from public.users where clerk_user_id = change.user_id and not change.soft;
        return case when found then 'deleted' else 'unchanged' end;
    end if;

    case change.type
        when 'user.deleted' then
            return clerk.apply_deletion(change, stored);
        when 'session.created' then
            return case when clerk.note_times(change) then 'updated' else 'unchanged' end;
        else
            return clerk.apply_profile(change, stored);
    end case;
end
$$;

revoke all on function clerk.apply_change(clerk.change) from public, anon, authenticated, service_role;
grant execute on function clerk.apply_change(clerk.change) to service_role;

comment on function clerk.apply_change(clerk.change) is 'Judges and applies one change; returns its outcome.';

create function public.apply_clerk_changes(changes jsonb) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
set enable_seqscan = off
as $$
declare
    incoming clerk.change [];
    change clerk.change;
    outcome text;
    outcomes jsonb [] := array[]::jsonb [];
begin
    if jsonb_typeof(changes) is distinct from 'array' or jsonb_array_length(changes) > 500 then
        raise exception 'Cannot apply changes: expected a JSON array of at most 500' using errcode = '22023';
    end if;

    -- Under one snapshot for the whole transaction, waiting for a lock would not show what its holder wrote.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'Cannot apply changes: transaction isolation is not read committed' using errcode = '25001';
    end if;

    incoming := clerk.read_changes(changes);
    perform clerk.lock_for_changes(incoming);

    foreach change in array incoming loop
        outcome := clerk.apply_change(change);

        if change.message_id is not null and outcome <> 'duplicate' then
            insert into clerk.messages as known (message_id, type, user_id, event_at, outcome, code)
            values (change.message_id, change.type, change.user_id, change.event_at, outcome, change.problem)
            on conflict on constraint messages_pkey do update set
                type = excluded.type,
                user_id = excluded.user_id,
                event_at = excluded.event_at,
                outcome = excluded.outcome,
                code = excluded.code
            where known.outcome = 'refused';
        end if;

        outcomes := outcomes || case
            when outcome = 'refused' then jsonb_build_object('outcome', outcome, 'code', change.problem)
            else jsonb_build_object('outcome', outcome)
        end;
    end loop;

    return to_jsonb(outcomes);
end
$$;

revoke all on function public.apply_clerk_changes(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.apply_clerk_changes(jsonb) to service_role;

comment on function public.apply_clerk_changes(jsonb) is
'The one write path from Clerk: applies at most 500 changes and returns an outcome for each, in order.';
