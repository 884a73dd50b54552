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
-- 2. Changes of which no two touch the same user, message or address are read, decided and written together, each by
--    one statement for all of them, which is as cheap for one change as for a page of a backfill. Others are applied
--    one by one, in order. Either way a batch gives the outcomes that single calls would give.
-- 3. It decides first, by reading alone, and then writes only what differs.
-- 4. It writes the ledger row in the same transaction: a crash loses nothing and repeats nothing.
--
-- Plans are kept for as long as a connection lives, and the settings make them: generic ones, because planning takes
-- longer than running; lookups by index alone, because a plan that was made while a table was small would read the whole
-- of it later; and no JIT, which compiles for longer than any of these statements runs, on every call from some
-- hundred thousand users on.

-- Decides changes of which no two touch the same: reads all that there is to know, and writes nothing.
create function clerk.decide_changes(changes clerk.change []) returns clerk.change []
language plpgsql stable
security invoker
set search_path = ''
as $$
begin
    return (
    with judged as (
        select
            change.*,
            stored.user_id as stored_id,
            stored.email_address as stored_address,
            stored.created_at as stored_created_at,
            stored.last_sign_in_at as stored_last_sign_in_at,
            least(stored.created_at, change.created_at) as earliest,
            greatest(stored.last_sign_in_at, change.last_sign_in_at) as latest,
            visible.id as row_id,
            visible.email as row_email,
            visible.created_at as row_created_at,
            visible.last_sign_in_at as row_last_sign_in_at,
            (visible.first_name, visible.last_name, visible.username, visible.profile_image_url, visible.metadata)
            is distinct from
            (change.first_name, change.last_name, change.username, change.profile_image_url, change.metadata) as differs,
            claimant.user_id as claimant,
            claimant.user_id is null
            or (change.email_verified, change.version, change.user_id collate "C")
            > (claimant.email_verified, claimant.version, claimant.user_id collate "C") as ranks_first,
            case
                when known.outcome <> 'refused' then 'duplicate'
                when change.problem is not null then 'refused'
                when change.type = 'user.deleted' and stored.deleted_at is null then 'deletion'
                when change.type = 'user.deleted' then 'deletion again'
                when stored.deleted_at is not null then 'late'
                when change.type = 'session.created' then 'session'
                when (stored.version, stored.version_event, stored.version_rank, stored.version_message collate "C")
                    >= (change.version, change.version_event, change.version_rank, coalesce(change.message_id, '') collate "C")
                    then 'old'
                else 'profile'
            end as verdict
        from unnest(changes) with ordinality as change
        left join clerk.messages as known on known.message_id = change.message_id
        left join clerk.users as stored on stored.user_id = change.user_id
        left join public.users as visible on visible.clerk_user_id = change.user_id
        left join lateral (
            select other.user_id, other.version, other.email_verified
            from clerk.users as other
            where lower(other.email_address) = lower(change.email) and other.user_id <> change.user_id
            order by other.email_verified desc, other.version desc, other.user_id collate "C" desc
            limit 1
        ) as claimant on true
        offset 0
    ),

    decided as (
        select
            *,
            case
                when verdict in ('profile', 'deletion') then verdict
                when verdict in ('session', 'old') and (
                    stored_id is null
                    or (stored_created_at, stored_last_sign_in_at) is distinct from (earliest, latest)
                ) then 'times'
            end as becomes_news,
            case
                when verdict = 'profile' and row_id is null then 'insert'
                when verdict = 'profile' and (
                    differs or (row_created_at, row_last_sign_in_at) is distinct from (earliest, latest)
                    or row_email is distinct from case when ranks_first then email end
                ) then 'update'
                when row_id is null then null
                when verdict in ('session', 'old')
                    and (row_created_at, row_last_sign_in_at) is distinct from (earliest, latest)
                    then 'update times'
                when verdict in ('deletion', 'deletion again') and not soft then 'delete'
                when verdict = 'deletion' then 'hide'
            end as becomes_action
        from judged
        offset 0
    )

    select array_agg(
        row(
            problem, type, message_id, user_id, soft, event_at, happened_at, version, version_event, version_rank,
            earliest, latest, email, email_verified, first_name, last_name, username, profile_image_url, metadata,
            becomes_news,
            becomes_action,
            ranks_first,
            case when verdict = 'profile' and ranks_first then claimant end,
            case
                when verdict = 'deletion'
                    or verdict = 'profile' and (not ranks_first or lower(stored_address) is distinct from lower(email))
                    then stored_address
            end,
            case
                when verdict in ('duplicate', 'refused') then verdict
                when verdict in ('late', 'old') then 'stale'
                when verdict = 'deletion' or becomes_action = 'delete' then 'deleted'
                when becomes_action = 'insert' then 'created'
                when becomes_action is not null then 'updated'
                else 'unchanged'
            end
        )::clerk.change
        order by ordinality
    )
    from decided
    );
end
$$;

revoke all on function clerk.decide_changes(clerk.change []) from public, anon, authenticated, service_role;
grant execute on function clerk.decide_changes(clerk.change []) to service_role;

comment on function clerk.decide_changes(clerk.change []) is
'Decides what each of the changes leads to, of which no two touch the same.';

-- What a message tells of a user's times counts even where its profile is stale, and before the user exists.
create function clerk.write_times(decided clerk.change []) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    insert into clerk.users (user_id, created_at, last_sign_in_at)
    select user_id, created_at, last_sign_in_at from unnest(decided) where news = 'times'
    on conflict on constraint users_pkey do update set
        created_at = excluded.created_at,
        last_sign_in_at = excluded.last_sign_in_at;

    update public.users as visible
    set
        created_at = change.created_at,
        last_sign_in_at = change.last_sign_in_at,
        updated_at = greatest(visible.updated_at, change.happened_at)
    from unnest(decided) as change
    where visible.clerk_user_id = change.user_id and change.action = 'update times';
end
$$;

revoke all on function clerk.write_times(clerk.change []) from public, anon, authenticated, service_role;
grant execute on function clerk.write_times(clerk.change []) to service_role;

comment on function clerk.write_times(clerk.change []) is 'Accumulates the earliest creation and the latest sign-in of users.';

-- A tombstone keeps the id, the time and the source, and forgets the person.
create function clerk.write_deletions(decided clerk.change []) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    insert into clerk.users (user_id, deleted_at, deleted_by)
    select user_id, happened_at, coalesce(message_id, 'reconcile') from unnest(decided) where news = 'deletion'
    on conflict on constraint users_pkey do update set
        email_address = null,
        email_verified = false,
        created_at = null,
        last_sign_in_at = null,
        deleted_at = excluded.deleted_at,
        deleted_by = excluded.deleted_by;

    update public.users as visible
    set email = null, deleted_at = change.happened_at, updated_at = change.happened_at
    from unnest(decided) as change
    where visible.clerk_user_id = change.user_id and change.action = 'hide';

    delete from public.users as visible
    using unnest(decided) as change
    where visible.clerk_user_id = change.user_id and change.action = 'delete';
end
$$;

revoke all on function clerk.write_deletions(clerk.change []) from public, anon, authenticated, service_role;
grant execute on function clerk.write_deletions(clerk.change []) to service_role;

comment on function clerk.write_deletions(clerk.change []) is 'Writes tombstones, and removes or hides the rows.';

-- Writes profiles and the ledger in one statement, and what else there is in statements of its own, which most calls
-- do not need. Returns the outcomes.
create function clerk.write_changes(decided clerk.change []) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    written record;
begin
    with change as materialized (
        select * from unnest(decided)
    ),

    released as (
        update public.users as visible
        set email = null, updated_at = greatest(visible.updated_at, change.happened_at)
        from change
        where visible.clerk_user_id = change.rival and visible.email is not null
        returning visible.id
    ),

    -- Counting waits for all of them: an address is unique at every moment.
    release as (
        select count(*) as rows from released
    ),

    stored as (
        insert into clerk.users (
            user_id, version, version_event, version_rank, version_message,
            email_address, email_verified, created_at, last_sign_in_at
        )
        select
            user_id, version, version_event, version_rank, coalesce(message_id, ''),
            email, email_verified, created_at, last_sign_in_at
        from change
        where news = 'profile'
        on conflict on constraint users_pkey do update set
            version = excluded.version,
            version_event = excluded.version_event,
            version_rank = excluded.version_rank,
            version_message = excluded.version_message,
            email_address = excluded.email_address,
            email_verified = excluded.email_verified,
            created_at = excluded.created_at,
            last_sign_in_at = excluded.last_sign_in_at
    ),

    updated as (
        update public.users as visible
        set
            email = case when change.holds then change.email end,
            first_name = change.first_name,
            last_name = change.last_name,
            username = change.username,
            profile_image_url = change.profile_image_url,
            metadata = change.metadata,
            created_at = change.created_at,
            last_sign_in_at = change.last_sign_in_at,
            updated_at = greatest(visible.updated_at, change.happened_at)
        from change
        where visible.clerk_user_id = change.user_id and change.action = 'update'
            and (select release.rows from release) >= 0
    ),

    inserted as (
        insert into public.users (
            clerk_user_id, email, first_name, last_name, username, profile_image_url, metadata,
            created_at, updated_at, last_sign_in_at
        )
        select
            user_id, case when holds then email end, first_name, last_name, username, profile_image_url, metadata,
            created_at, happened_at, last_sign_in_at
        from change
        where action = 'insert' and (select release.rows from release) >= 0
        on conflict on constraint users_clerk_user_id_key do nothing
    ),

    recorded as (
        insert into clerk.messages as known (message_id, type, user_id, event_at, outcome, code)
        select message_id, type, user_id, event_at, outcome, problem
        from change
        where message_id is not null and outcome <> 'duplicate'
        on conflict on constraint messages_pkey do update set
            type = excluded.type,
            user_id = excluded.user_id,
            event_at = excluded.event_at,
            outcome = excluded.outcome,
            code = excluded.code
        where known.outcome = 'refused'
    )

    select
        coalesce(
            jsonb_agg(
                jsonb_build_object('outcome', outcome)
                || case when outcome = 'refused' then jsonb_build_object('code', problem) else '{}' end
            ), '[]'
        ) as outcomes,
        bool_or(news = 'times') as has_times,
        bool_or(outcome = 'deleted') as has_deletions,
        bool_or(left_address is not null) as has_addresses
    into written
    from change;

    if written.has_times then
        perform clerk.write_times(decided);
    end if;

    if written.has_deletions then
        perform clerk.write_deletions(decided);
    end if;

    if written.has_addresses then
        perform clerk.give_addresses(decided);
    end if;

    return written.outcomes;
end
$$;

revoke all on function clerk.write_changes(clerk.change []) from public, anon, authenticated, service_role;
grant execute on function clerk.write_changes(clerk.change []) to service_role;

comment on function clerk.write_changes(clerk.change []) is 'Writes what was decided; returns the outcomes.';

create function public.apply_clerk_changes(changes jsonb) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
    incoming clerk.change [];
    change clerk.change;
    outcomes jsonb := '[]'::jsonb;
begin
    if jsonb_typeof(changes) is distinct from 'array' or jsonb_array_length(changes) > 500 then
        raise exception 'Cannot apply changes: expected a JSON array of at most 500' using errcode = '22023';
    end if;

    -- Under one snapshot for the whole transaction, waiting for a lock would not show what its holder wrote.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'Cannot apply changes: transaction isolation is not read committed' using errcode = '25001';
    end if;

    incoming := clerk.read_changes(changes);

    if clerk.lock_for_changes(incoming) then
        return clerk.write_changes(clerk.decide_changes(incoming));
    end if;

    foreach change in array incoming loop
        outcomes := outcomes || clerk.write_changes(clerk.decide_changes(array[change]));
    end loop;

    return outcomes;
end
$$;

revoke all on function public.apply_clerk_changes(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.apply_clerk_changes(jsonb) to service_role;

comment on function public.apply_clerk_changes(jsonb) is
'The one write path from Clerk: applies at most 500 changes and returns an outcome for each, in order.';
