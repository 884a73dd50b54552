-- The only write path. A webhook, a page of a backfill, a lazy create and a repair all end here: it reads the changes,
-- locks the objects that they touch, settles them one by one, and records each in the ledger.
--
-- apply_clerk_changes(changes) takes a JSON array of at most 500 changes and returns a JSON array of the same length,
-- in order: {"outcome": …} or {"outcome": "refused", "code": …}, some with a "detail". If the adopter's schema refuses
-- a change, the code is SCHEMA_REFUSED, and the detail is {"sqlstate", "table", "constraint", "column", "function"}, if
-- known. A deletion whose row the schema keeps is {"outcome": "deleted", "code": "DELETE_BLOCKED", "detail": …}: the
-- row is hidden. Transient failures, such as a deadlock or a read-only database, are raised. A change is an object with
--
--   type              user.created, user.updated, user.deleted, session.created, or user.fetched (a user read
--                     from Clerk's Backend API); any type for an event that is only kept
--   message_id        the svix-id header; absent if the change did not arrive as a message
--   user_id           Clerk's user id
--   sent_at           Clerk's clock when this was sent: the verified svix-timestamp, or the Date header of
--                     the Backend API's response; in milliseconds, like all times here
--   event_at          the event's timestamp; for a fetched user the Date header
--   updated_at, created_at, last_sign_in_at     Clerk's times of the user; for a session, last_sign_in_at is
--                     the creation time of the session
--   email, email_verified, first_name, last_name, username, profile_image_url, metadata
--   delete_mode       for user.deleted and organization.deleted: hard (default) or soft
--   own               for a profile: an object with the adopter's own columns of public.users and their
--                     values, written with the row. Refused as OWN_COLUMN_INVALID, with {"column": …} as its
--                     detail, if a column does not exist, belongs to the bundle, or does not accept the
--                     value. A soft delete keeps them, like the name
--   data              the data object of an event to keep in clerk.kept_events. With a user_id the change is
--                     settled too; without one it is only kept, regardless of its type, and its outcome is
--                     kept
--   problem, detail   a code that refuses the change, and its details
--
-- or of an organization or a membership, mixed with changes of users: the type is organization.… or
-- organizationMembership.… with created, updated, deleted or fetched, and beside message_id, sent_at, event_at,
-- updated_at, created_at and metadata they have
--
--   organization_id, membership_id, user_id     Clerk's ids; the removal of a membership may name the
--                     membership alone
--   carried_by        for an organization embedded in a membership's event: that event's message id. It
--                     orders the organization's versions, and is not recorded as the organization's message
--   name, slug, image_url     of an organization
--   role              of a membership
--
-- A membership whose user or organization does not exist yet is {"outcome": "pending"}: the last of the three to arrive
-- writes its row.
--
-- How it keeps its promises:
-- 1. It locks before it decides: every named user and message, then every address that those users claim or will claim;
--    clerk.lock_organization_names() adds the locks for organizations. Advisory locks use 1,024 hash buckets
--                     per class,
--    so that memory is bounded. Names come before addresses, and each class is locked in ascending order, so
--                     that no
--    deadlock arises. Each class has its own statement, before the statements that read the protected rows,
--                     because a
--    statement that waits for a lock and then reads would use a snapshot from before the wait. Call it once
--                     per
--    transaction: a second call locks out of order.
-- 2. If no two changes touch the same user, message or address, one statement looks them all up and one loop settles
--    them (clerk.settle_changes). Otherwise they are passed to it one by one, in order. Either way a batch
--                     has the same
--    outcomes as single calls.
-- 3. A change runs no statement that it does not need: the cost lies in setting up statements and expressions, not in
--    the work on rows. A user's newer profile is settled in the loop itself, everything else by
--                     clerk.settle_special().
--    rows. News of a user is settled in the loop itself, everything else by clerk.settle_special().
-- 4. All changes are settled in one guarded block. Only if that raises, each is settled again in its own block
--    (clerk.settle_alone), so that a refusal by the schema does not affect other changes.
-- 5. The ledger row is written in the same transaction, so a crash loses nothing and repeats nothing.
--
-- A connection keeps its plans, and the settings shape them. Plans are generic, because planning takes longer than
-- running. Look-ups use indexes, because a plan made while a table is small would later read the whole table. JIT is
-- off, because it compiles longer than any of these statements runs. `offset 0` keeps one look-up per change: a join
-- planned while the table is small would later read the whole table too.

-- Settles and records a change that needs more or less than writing a newer profile. Null if only that remains to be
-- done.
create function clerk.settle_special(
    change clerk.change,
    special text,
    row_id uuid,
    claimed text,
    deleted_at timestamptz,
    happened_at timestamptz
) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    done jsonb;
    outcome clerk.outcome;
begin
    if special = 'duplicate' then
        return jsonb '{"outcome": "duplicate"}';
    elsif special = 'problem' then
        return clerk.refuse_change(change, change.problem, change.detail);
    elsif special not in ('deletion', 'late', 'session', 'old', 'extras') then
        return clerk.refuse_change(change, special, null);
    end if;

    if change.own is not null or change.data is not null then
        done := clerk.settle_extras(change);
        if done is not null or special = 'extras' then
            return done;
        end if;
    end if;

    outcome := case special
        when 'deletion' then clerk.settle_deletion(change, row_id, claimed, deleted_at is null, happened_at)
        when 'session' then clerk.settle_times(change, happened_at)
        when 'old' then clerk.settle_times(change, happened_at)
    end;
    if special in ('late', 'old') then
        outcome := 'stale'::clerk.outcome;
    end if;
    if change.message_id is not null then
        perform clerk.record_message(change, outcome);
    end if;
    return jsonb_build_object('outcome', outcome);
end
$$;

revoke all on function clerk.settle_special(clerk.change, text, uuid, text, timestamptz, timestamptz)
from public, anon, authenticated, service_role;
grant execute on function clerk.settle_special(clerk.change, text, uuid, text, timestamptz, timestamptz) to service_role;

comment on function clerk.settle_special(clerk.change, text, uuid, text, timestamptz, timestamptz) is
'Settles and records a change that needs more or less than writing a newer profile; null if only that remains to be done.';

-- Settles changes of which no two touch the same user, message or address: returns the outcome of each, and writes the
-- resulting rows. Needs the locks of apply_clerk_changes().
create function clerk.settle_changes(changes clerk.change []) returns jsonb []
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    known record;
    change clerk.change;
    special text;
    done jsonb;
    outcome clerk.outcome;
    outcomes jsonb [] := array[]::jsonb [];
begin
    -- The limits on times apply to changes that are refused below. A creation before 1970, which can come from an
    -- import into Clerk, counts as 1970. The time of a delivery attempt only orders payloads without updated_at among
    -- themselves. A time close to zero is raised or rounded, because dividing it would raise an underflow.
    for known in
        select
            given as change,
            message.outcome as earlier,
            stored.version as stored_version,
            stored.version_event as stored_version_event,
            stored.version_rank as stored_version_rank,
            stored.version_message as stored_version_message,
            stored.email_address as claimed,
            stored.deleted_at,
            visible.id as row_id,
            coalesce(given.updated_at, 0) as version,
            coalesce(given.event_at, case when given.updated_at is null then given.sent_at else 0 end) as version_event,
            case when given.type = 'user.created' then 0 else 1 end as version_rank,
            coalesce(given.message_id, '') as version_message,
            nullif(given.email, '') as email,
            given.email_verified is not distinct from 'true' as email_verified,
            nullif(given.email, '') is distinct from visible.email
            or (stored.email_verified and given.email_verified is distinct from 'true') as is_contested,
            to_timestamp(
                greatest(least(coalesce(given.updated_at, given.event_at, given.sent_at), 1e15), 1e-9) / 1000
            ) as happened_at,
            least(stored.created_at, to_timestamp(
                greatest(least(coalesce(given.created_at, given.updated_at, given.event_at, given.sent_at), 1e15), 1e-9) / 1000
            )) as created_at,
            greatest(stored.last_sign_in_at, to_timestamp(
                case when given.last_sign_in_at between 0 and 1e15 then greatest(given.last_sign_in_at, 1e-9) end / 1000
            )) as last_sign_in_at
        from unnest(changes) as given
        left join lateral (
            select one.id, one.email from public.users as one where one.clerk_user_id = given.user_id offset 0
        ) as visible on true
        left join lateral (
            select one.outcome from clerk.messages as one where one.message_id = given.message_id offset 0
        ) as message on true
        left join lateral (
            select one.* from clerk.users as one where one.user_id = given.user_id offset 0
        ) as stored on true
    loop
        change := known.change;

        -- A time more than a day in the future would freeze the user.
        special := case
            when known.earlier <> 'refused' then 'duplicate'
            when change.problem is not null then 'problem'
            when change.message_id = '' then 'MESSAGE_ID_INVALID'
            when (change.user_id is not null or change.data is null) and (
                change.type is null
                or change.type not in ('user.created', 'user.updated', 'user.fetched', 'user.deleted', 'session.created')
            ) then 'TYPE_UNKNOWN'
            when change.user_id = '' or change.user_id is null and change.data is null then 'USER_ID_INVALID'
            when change.sent_at is null
                or least(change.sent_at, change.event_at, change.updated_at, change.last_sign_in_at) < 0
                or change.sent_at > 253402300799999 then 'TIME_INVALID'
            when greatest(change.event_at, change.updated_at, change.created_at, change.last_sign_in_at)
                > change.sent_at + 86400000 then 'TIME_IN_FUTURE'
            when change.type = 'user.deleted' then 'deletion'
            when known.deleted_at is not null then 'late'
            when change.type = 'session.created' then 'session'
            when (
                    known.stored_version, known.stored_version_event,
                    known.stored_version_rank, known.stored_version_message collate "C"
                )
                >= (known.version, known.version_event, known.version_rank, known.version_message collate "C") then 'old'
            when change.own is not null or change.data is not null then 'extras'
        end;

        if special is not null then
            done := clerk.settle_special(
                change, special, known.row_id, known.claimed, known.deleted_at, known.happened_at
            );
            if done is not null then
                outcomes := outcomes || done;
                continue;
            end if;
        end if;

        if known.stored_version is null then
            insert into clerk.users (
                user_id, version, version_event, version_rank, version_message,
                email_address, email_verified, created_at, last_sign_in_at
            )
            values (
                change.user_id, known.version, known.version_event, known.version_rank, known.version_message,
                known.email, known.email_verified, known.created_at, known.last_sign_in_at
            );
        else
            update clerk.users as stored
            set
                version = known.version,
                version_event = known.version_event,
                version_rank = known.version_rank,
                version_message = known.version_message,
                email_address = known.email,
                email_verified = known.email_verified,
                created_at = known.created_at,
                last_sign_in_at = known.last_sign_in_at
            where stored.user_id = change.user_id;
        end if;

        outcome := clerk.write_row(
            known.row_id,
            change,
            case
                when known.is_contested then clerk.claim_address(
                    change.user_id, known.email, known.email_verified, known.version::bigint, known.happened_at
                )
                else known.email
            end,
            known.email_verified,
            known.created_at,
            known.last_sign_in_at,
            known.happened_at
        );

        if known.is_contested then
            perform clerk.give_address(known.claimed, known.happened_at);
        end if;

        if known.earlier is not null then
            perform clerk.record_message(change, outcome);
        elsif change.message_id is not null then
            insert into clerk.messages (message_id, type, user_id, event_at, outcome)
            values (change.message_id, change.type, change.user_id, to_timestamp(round(change.event_at) / 1000), outcome);
        end if;

        outcomes := outcomes || jsonb_build_object('outcome', outcome);
    end loop;
    return outcomes;
end
$$;

revoke all on function clerk.settle_changes(clerk.change []) from public, anon, authenticated, service_role;
grant execute on function clerk.settle_changes(clerk.change []) to service_role;

comment on function clerk.settle_changes(clerk.change []) is
'Settles and records changes of which no two touch the same user, message or address; returns the outcome of each.';

-- Returns whether no two changes touch the same user, message or address, given or stored. Names are compared by their
-- hashes: if two happen to be equal, the changes are settled one by one, with the same result. Not written in language
-- sql, because every call would plan it again.
create function clerk.are_apart(changes clerk.change []) returns boolean
language plpgsql stable
security invoker
set search_path = ''
as $$
begin
    return (
    select count(*) = count(distinct hashtextextended(touched.name, touched.class))
    from unnest(are_apart.changes) as change
    cross join lateral (
        values
        (1, change.user_id::text),
        (2, change.message_id),
        (3, lower(change.email)),
        (
            3,
            (
                select nullif(lower(stored.email_address), lower(change.email))
                from clerk.users as stored
                where stored.user_id = change.user_id
            )
        )
    ) as touched (class, name)
    where touched.name is not null
    );
end
$$;

revoke all on function clerk.are_apart(clerk.change []) from public, anon, authenticated, service_role;
grant execute on function clerk.are_apart(clerk.change []) to service_role;

comment on function clerk.are_apart(clerk.change []) is
'True if no two changes touch the same user, message or address, so that one does not depend on another.';

create function public.apply_clerk_changes(changes jsonb) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
    -- Classes of the bundle's advisory locks, in the two-integer key space. The numbers are arbitrary. Other functions
    -- use the same ones: tests/project/lock_classes_test.ts compares them.
    name_locks constant integer := 1664525;
    address_locks constant integer := 1664526;
    incoming clerk.change [];
    organizations clerk.organization_change [];
    change clerk.change;
    outcomes jsonb [] := array[]::jsonb [];
begin
    if jsonb_typeof(changes) is distinct from 'array' or jsonb_array_length(changes) > 500 then
        raise exception 'Cannot apply changes: expected a JSON array of at most 500' using errcode = '22023';
    end if;

    -- With one snapshot for the whole transaction, a change that waited for a lock would not see the holder's writes.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'Cannot apply changes: transaction isolation is not read committed' using errcode = '25001';
    end if;

    begin
        incoming := array(select item from jsonb_populate_recordset(null::clerk.change, changes) as item);
    exception
        when data_exception then
            incoming := clerk.read_odd_changes(changes);
    end;

    if changes @? '$[*].type ? (@ starts with "organization")' then
        organizations := clerk.read_organization_changes(changes);
        perform clerk.lock_organization_names(incoming, organizations);
        incoming := clerk.without_organizations(incoming, organizations);
    else
        perform pg_advisory_xact_lock(name_locks, bucket)
        from (
            select unnest(array[hashtext(named.user_id) & 1023, hashtext(named.message_id) & 1023]) as bucket
            from unnest(incoming) as named
            order by 1
        ) as buckets;
    end if;

    -- Before the first membership its table has no page, and reading its size takes no statement. This runs under the
    -- locks of the names, because the writer of the first membership may have held them.
    if pg_relation_size('clerk.organization_memberships', 'main') > 0 then
        organizations := coalesce(organizations, '{}');
        perform clerk.lock_pairs(incoming, organizations);
    end if;

    perform pg_advisory_xact_lock(address_locks, bucket)
    from (
        select
            unnest(array[
                hashtext(lower(claim.email)) & 1023,
                (
                    select hashtext(lower(stored.email_address)) & 1023
                    from clerk.users as stored
                    where stored.user_id = claim.user_id
                )
            ]) as bucket
        from unnest(incoming) as claim
        order by 1
    ) as buckets;

    -- If the adopter's schema refuses a change, this block is rolled back, and each change is settled alone.
    begin
        if cardinality(incoming) = 1 or clerk.are_apart(incoming) then
            outcomes := clerk.settle_changes(incoming);
        else
            foreach change in array incoming loop
                outcomes := outcomes || clerk.settle_changes(array[change]);
            end loop;
        end if;
        if organizations is not null then
            outcomes := clerk.settle_with_organizations(incoming, outcomes, organizations);
        end if;
        -- A constraint deferred to the commit would fail when no change can be refused any more.
        set constraints all immediate;
        return to_jsonb(outcomes);
    exception
        when others or assert_failure then
            if clerk.is_passing(sqlstate) then
                raise;
            end if;
    end;

    outcomes := '{}';
    foreach change in array incoming loop
        outcomes := outcomes || clerk.settle_alone(change);
    end loop;
    if organizations is not null then
        perform clerk.settle_members_of(incoming, outcomes);
        outcomes := clerk.join_outcomes(outcomes, clerk.settle_organizations_alone(organizations), organizations);
    end if;
    return to_jsonb(outcomes);
end
$$;

revoke all on function public.apply_clerk_changes(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.apply_clerk_changes(jsonb) to service_role;

comment on function public.apply_clerk_changes(jsonb) is
'The only write path from Clerk: applies at most 500 changes and returns an outcome for each, in order.';
