-- The one write path. A webhook, a page of a backfill, a lazy create and a repair all end here: it reads the changes,
-- locks what they touch, settles them one by one, and records each in the ledger.
--
-- apply_clerk_changes(changes) takes a JSON array of at most 500 changes and returns a JSON array of the same length, in
-- order: {"outcome": …} or {"outcome": "refused", "code": …}, some with a "detail". What the adopter's schema refuses is
-- refused as SCHEMA_REFUSED, with {"sqlstate", "table", "constraint", "column", "function"} as its detail, as far as they are
-- known. A deletion whose row the schema keeps is {"outcome": "deleted", "code": "DELETE_BLOCKED", "detail": …}: the row is
-- hidden. What passes by itself, such as a deadlock or a read-only database, is raised. A change is an object with
--
--   type              user.created, user.updated, user.deleted, session.created, or user.fetched (a user read
--                     from Clerk's Backend API); of an event that is only kept, any type
--   message_id        the svix-id header; absent for what did not come as a message
--   user_id           Clerk's user id
--   sent_at           Clerk's clock when this was sent: the verified svix-timestamp, or the Date header of the
--                     Backend API's answer; milliseconds, as all times here
--   event_at          the event's timestamp; for a fetched user the Date header
--   updated_at, created_at, last_sign_in_at     Clerk's times of the user; for a session, last_sign_in_at is the
--                     moment it was created
--   email, email_verified, first_name, last_name, username, profile_image_url, metadata
--   delete_mode       for user.deleted and organization.deleted: hard (default) or soft
--   own               for a profile: an object of the adopter's own columns of public.users and their values, written
--                     with the row. Refused as OWN_COLUMN_INVALID, with {"column": …} as its detail, if a column does
--                     not exist, is the bundle's, or does not take the value. A soft delete keeps them, as it keeps
--                     the name
--   data              an event's data object, to be kept in clerk.kept_events. With a user_id the change is settled
--                     too; without one it is only kept, whatever its type, and its outcome is kept
--   problem, detail   a code, to have the change refused with it, and what it is about
--
-- or of an organization or a membership, mixed with users': their type is organization.… or organizationMembership.… with
-- created, updated, deleted or fetched, and beside message_id, sent_at, event_at, updated_at, created_at and metadata they
-- have
--
--   organization_id, membership_id, user_id     Clerk's ids; a membership's removal may name the membership alone
--   carried_by        for an organization that a membership's event embeds: that event's message id. It orders the
--                     organization, and is not recorded for it
--   name, slug, image_url     of an organization
--   role              of a membership
--
-- A membership whose user or organization is not there yet is {"outcome": "pending"}: whoever comes last writes its row.
--
-- How it keeps its promises:
-- 1. It locks before it decides: every user and message named, then every address that those users claim or will
--    claim; what organizations add is told at clerk.lock_organization_names(). Advisory locks on 1,024 hash buckets each, so that memory is bounded; names before addresses and each class
--    in ascending order, so that there is no deadlock; each class in a statement of its own, before the statements
--    that read what it protects, because a statement that waits for a lock and then reads would read from before the
--    wait. Call it once in a transaction: a second call locks out of order.
-- 2. Changes of which no two touch the same user, message or address are looked up by one statement and settled in one
--    loop (clerk.settle_changes). Others are given to it one by one, in order. Either way a batch gives the outcomes
--    that single calls would give.
-- 3. Nothing runs that a change does not need: the cost is in setting up statements and expressions, not in the work on
--    rows. News of a user is settled in the loop itself, everything else by clerk.settle_special().
-- 4. All changes are settled in one guarded block. Only if that raises, each is settled again in a block of its own
--    (clerk.settle_alone), so that what the schema refuses does not harm its neighbours.
-- 5. The ledger row is written in the same transaction: a crash loses nothing and repeats nothing.
--
-- Plans are kept for as long as a connection lives, and the settings make them: generic ones, because planning takes
-- longer than running; look-ups by index, because a plan that was made while a table was small would read the whole of it
-- later; and no JIT, which compiles for longer than any of these statements runs. An offset of 0 keeps a look-up one
-- for each change: a join that is planned while the table is small would read the whole of it later too.

-- Settles a change that is more or less than news of a user, and records it. Null if what is left is news.
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
'Settles and records a change that is more or less than news of a user; null if what is left is news.';

-- Settles changes of which no two touch the same user, message or address: gives each its outcome, and writes what
-- follows from it. Needs the locks of apply_clerk_changes().
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
    -- The limits of times are for those that are refused below. A creation before 1970, which an import may have brought to
    -- Clerk, counts as 1970. The time of a delivery attempt orders payloads without updated_at among themselves and
    -- nothing else. A time that is next to zero is raised or rounded, because dividing it would raise an underflow.
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

        -- A time that lies more than a day ahead would freeze the user.
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
'Settles and records changes of which no two touch the same; returns the outcome of each.';

-- Tells whether no two changes touch the same user, message or address, given or stored. Names are compared by their
-- hashes: if two happen to be equal, the changes are settled one by one, with the same result. Not in language sql, which
-- would plan it again on every call.
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
    -- Classes of our advisory locks, in the two-integer key space. Arbitrary; the functions that lock for
    -- organizations and clerk.lift_tombstone() use them too.
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

    -- Under one snapshot for the whole transaction, waiting for a lock would not show what its holder wrote.
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

    -- Before the first membership its table has no page, and asking for its size takes no statement. Under the locks of the
    -- names, because whoever wrote the first one may have held them.
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

    -- If the adopter's schema refuses a change, all of this is taken back, and each change is settled by itself.
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
        -- A constraint that waits for the commit would fail where nothing can be refused any more.
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
'The one write path from Clerk: applies at most 500 changes and returns an outcome for each, in order.';
