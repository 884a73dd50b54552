-- Applies a change to a user: its address, its row, its times, its deletion. All functions run under the locks of
-- clerk.lock_for_changes().

-- Ownership of an address: it belongs to the live claimant that ranks first by (verified, version, user id); the
-- others' email is null. Every writer of a claim, or of its rank, holds the lock of the address until it commits, so at
-- every commit the owner depends only on the latest claims.

-- Returns the address that a user's row gets by a new claim: the claimed address if the claim ranks before all others
-- (the user that held it loses it); otherwise null.
create function clerk.claim_address(
    claimant text, address text, verified boolean, version bigint, happened_at timestamptz
) returns text
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    rival clerk.users;
begin
    select other.* into rival
    from clerk.users as other
    where lower(other.email_address) = lower(claim_address.address) and other.user_id <> claim_address.claimant
    order by other.email_verified desc, other.version desc, other.user_id collate "C" desc
    limit 1;

    if (rival.email_verified, rival.version, rival.user_id collate "C")
        > (claim_address.verified, claim_address.version, claim_address.claimant collate "C") then
        return null;
    end if;

    if rival.user_id is not null then
        update public.users as visible
        set
            email = null,
            email_verified = false,
            updated_at = greatest(visible.updated_at, claim_address.happened_at)
        where visible.clerk_user_id = rival.user_id and visible.email is not null;
    end if;
    return claim_address.address;
end
$$;

revoke all on function clerk.claim_address(text, text, boolean, bigint, timestamptz)
from public, anon, authenticated, service_role;
grant execute on function clerk.claim_address(text, text, boolean, bigint, timestamptz) to service_role;

comment on function clerk.claim_address(text, text, boolean, bigint, timestamptz) is
'The address that a user''s row gets by a new claim; null if another claim ranks first.';

-- Gives a released address to the claimant that ranks first, if any. If the schema refuses it there, the change that
-- released the address must not fail, so the claimant's refusal is recorded instead.
create function clerk.give_address(address text, happened_at timestamptz) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    heir clerk.users;
    code text;
    schema_name text;
    table_name text;
    constraint_name text;
    column_name text;
    context text;
begin
    select stored.* into heir
    from clerk.users as stored
    where lower(stored.email_address) = lower(give_address.address)
    order by stored.email_verified desc, stored.version desc, stored.user_id collate "C" desc
    limit 1;

    if heir.user_id is null then
        return;
    end if;

    -- Deferred constraints are checked before and after, to blame either the change or the claimant.
    set constraints all immediate;
    begin
        update public.users as visible
        set
            email = heir.email_address,
            email_verified = heir.email_verified,
            updated_at = greatest(visible.updated_at, give_address.happened_at)
        where visible.clerk_user_id = heir.user_id
            and (visible.email, visible.email_verified) is distinct from (heir.email_address, heir.email_verified);
        set constraints all immediate;
    exception
        when others or assert_failure then
            get stacked diagnostics
                code = returned_sqlstate,
                schema_name = schema_name,
                table_name = table_name,
                constraint_name = constraint_name,
                column_name = column_name,
                context = pg_exception_context;
            if clerk.is_passing(code) then
                raise;
            end if;
            perform clerk.note_refusal(
                heir.user_id, 'address', 'SCHEMA_REFUSED',
                clerk.describe_failure(code, schema_name, table_name, constraint_name, column_name, context),
                heir.version, heir.version_event + 1
            );
    end;
end
$$;

revoke all on function clerk.give_address(text, timestamptz) from public, anon, authenticated, service_role;
grant execute on function clerk.give_address(text, timestamptz) to service_role;

comment on function clerk.give_address(text, timestamptz) is
'Writes a released address into the row of the claimant that ranks first.';

-- Writes a user's row together with the adopter's own columns in one statement, because such a column may be not null,
-- and a trigger must see the complete row. Only columns that differ are written. clerk.check_own_columns() has already
-- checked the own columns, so none of them belongs to the bundle.
create function clerk.write_row_and_own(
    row_id uuid, change clerk.change, email text, is_verified boolean, created_at timestamptz, last_sign_in_at timestamptz, happened_at timestamptz
) returns clerk.outcome
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    given jsonb;
    before public.users;
    after public.users;
    differing text;
begin
    select visible.* into before from public.users as visible where visible.id = write_row_and_own.row_id;

    select jsonb_object_agg(field.key, field.value) into given
    from jsonb_each(to_jsonb(change)) as field
    where field.key = any (clerk.base_columns());

    given := given || change.own || jsonb_build_object(
        'clerk_user_id', change.user_id,
        'email', write_row_and_own.email,
        'email_verified', write_row_and_own.is_verified,
        'created_at', write_row_and_own.created_at,
        'updated_at', greatest(before.updated_at, write_row_and_own.happened_at),
        'last_sign_in_at', write_row_and_own.last_sign_in_at
    );
    after := jsonb_populate_record(before, given);

    -- A new row gets every given column; the others get their defaults.
    select string_agg(format('%I', name), ', ') into differing
    from jsonb_object_keys(given) as names (name)
    where before.id is null
        or name <> 'updated_at' and to_jsonb(after) -> name is distinct from to_jsonb(before) -> name;

    if before.id is null then
        execute format('insert into public.users (%1$s) select %1$s from (select ($1).*) as given', differing) using after;
        return 'created'::clerk.outcome;
    end if;

    if differing is null then
        return 'unchanged'::clerk.outcome;
    end if;

    execute format(
        'update public.users set (updated_at, %1$s) = (select updated_at, %1$s from (select ($1).*) as given) where id = $2',
        differing
    ) using after, before.id;
    return 'updated'::clerk.outcome;
end
$$;

revoke all on function clerk.write_row_and_own(uuid, clerk.change, text, boolean, timestamptz, timestamptz, timestamptz)
from public, anon, authenticated, service_role;
grant execute on function clerk.write_row_and_own(uuid, clerk.change, text, boolean, timestamptz, timestamptz, timestamptz) to service_role;

comment on function clerk.write_row_and_own(uuid, clerk.change, text, boolean, timestamptz, timestamptz, timestamptz) is
'Writes a user''s row if a column differs, the adopter''s own columns included.';

-- Writes a user's row if a column differs. Only this function and the type clerk.change list the columns of a profile.
create function clerk.write_row(
    row_id uuid, change clerk.change, email text, is_verified boolean, created_at timestamptz, last_sign_in_at timestamptz, happened_at timestamptz
) returns clerk.outcome
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    if jsonb_typeof(change.metadata) is distinct from 'object' then
        change.metadata := jsonb '{}';
    end if;
    is_verified := is_verified and email is not null;

    if write_row.row_id is null or change.own is not null then
        if change.own is not null then
            return clerk.write_row_and_own(
                write_row.row_id, change, write_row.email, write_row.is_verified, write_row.created_at, write_row.last_sign_in_at, write_row.happened_at
            );
        end if;

        insert into public.users (
            clerk_user_id, email, email_verified, created_at, updated_at, last_sign_in_at,
            first_name, last_name, username, profile_image_url, metadata
        )
        values (
            change.user_id, write_row.email, write_row.is_verified,
            write_row.created_at, write_row.happened_at, write_row.last_sign_in_at,
            change.first_name, change.last_name, change.username, change.profile_image_url, change.metadata
        );
        return 'created'::clerk.outcome;
    end if;

    update public.users as visible
    set
        email = write_row.email,
        email_verified = write_row.is_verified,
        created_at = write_row.created_at,
        last_sign_in_at = write_row.last_sign_in_at,
        updated_at = greatest(visible.updated_at, write_row.happened_at),
        first_name = change.first_name,
        last_name = change.last_name,
        username = change.username,
        profile_image_url = change.profile_image_url,
        metadata = change.metadata
    where visible.id = write_row.row_id and (
        visible.email, visible.email_verified, visible.created_at, visible.last_sign_in_at,
        visible.first_name, visible.last_name, visible.username, visible.profile_image_url, visible.metadata
    ) is distinct from (
        write_row.email, write_row.is_verified, write_row.created_at, write_row.last_sign_in_at,
        change.first_name, change.last_name, change.username, change.profile_image_url, change.metadata
    );
    return case when found then 'updated'::clerk.outcome else 'unchanged' end;
end
$$;

revoke all on function clerk.write_row(uuid, clerk.change, text, boolean, timestamptz, timestamptz, timestamptz)
from public, anon, authenticated, service_role;
grant execute on function clerk.write_row(uuid, clerk.change, text, boolean, timestamptz, timestamptz, timestamptz) to service_role;

comment on function clerk.write_row(uuid, clerk.change, text, boolean, timestamptz, timestamptz, timestamptz) is
'Writes a user''s row if a column differs: created, updated or unchanged.';

-- Applies the times that a session or an outdated profile reports, even before the user exists. If a tombstone was
-- lifted, clerk.users may lack the creation time, but the row still has it.
create function clerk.settle_times(change clerk.change, happened_at timestamptz) returns clerk.outcome
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    creation timestamptz := case
        when change.type <> 'session.created' then to_timestamp(
            greatest(coalesce(change.created_at, change.updated_at, change.event_at, change.sent_at), 1e-9) / 1000
        )
    end;
    sign_in timestamptz := to_timestamp(round(change.last_sign_in_at) / 1000);
begin
    if creation is null and sign_in is null then
        return 'unchanged'::clerk.outcome;
    end if;

    insert into clerk.users as stored (user_id, created_at, last_sign_in_at)
    values (change.user_id, creation, sign_in)
    on conflict on constraint users_pkey do update set
        created_at = least(stored.created_at, excluded.created_at),
        last_sign_in_at = greatest(stored.last_sign_in_at, excluded.last_sign_in_at)
    where (stored.created_at, stored.last_sign_in_at) is distinct from (
        least(stored.created_at, excluded.created_at), greatest(stored.last_sign_in_at, excluded.last_sign_in_at)
    );

    update public.users as visible
    set
        created_at = coalesce(stored.created_at, visible.created_at),
        last_sign_in_at = coalesce(stored.last_sign_in_at, visible.last_sign_in_at),
        updated_at = greatest(visible.updated_at, settle_times.happened_at)
    from clerk.users as stored
    where visible.clerk_user_id = change.user_id and stored.user_id = change.user_id
        and (visible.created_at, visible.last_sign_in_at) is distinct from (
            coalesce(stored.created_at, visible.created_at), coalesce(stored.last_sign_in_at, visible.last_sign_in_at)
        );
    return case when found then 'updated'::clerk.outcome else 'unchanged' end;
end
$$;

revoke all on function clerk.settle_times(clerk.change, timestamptz) from public, anon, authenticated, service_role;
grant execute on function clerk.settle_times(clerk.change, timestamptz) to service_role;

comment on function clerk.settle_times(clerk.change, timestamptz) is
'Accumulates a user''s earliest creation and latest sign-in: updated if its row changes, else unchanged.';

-- Returns whether the username of a hidden row could block the next user with that username: whether an adopter's
-- unique index or exclusion constraint covers the column or uses it in an expression.
create function clerk.has_unique_username() returns boolean
language sql stable
security invoker
set search_path = ''
as $$
    select exists (
        select
        from pg_catalog.pg_index as index
        inner join pg_catalog.pg_attribute as attribute
            on attribute.attrelid = index.indrelid and attribute.attname = 'username'
        where index.indrelid = 'public.users'::regclass and (index.indisunique or index.indisexclusion) and (
            attribute.attnum = any (index.indkey)
            or exists (
                select
                from pg_catalog.pg_depend as dependency
                where dependency.classid = 'pg_catalog.pg_class'::regclass
                    and dependency.objid = index.indexrelid
                    and dependency.refclassid = 'pg_catalog.pg_class'::regclass
                    and dependency.refobjid = index.indrelid
                    and dependency.refobjsubid = attribute.attnum
            )
        )
    )
$$;

revoke all on function clerk.has_unique_username() from public, anon, authenticated, service_role;
grant execute on function clerk.has_unique_username() to service_role;

comment on function clerk.has_unique_username() is 'Whether the adopter made username of public.users unique.';

-- Deletes a user: a tombstone keeps the id, the time and the source, and no personal data. A user that is already
-- deleted may still have a row to delete, if the first deletion hid it. Raises if an adopter's trigger makes the
-- statement do nothing; clerk.settle_blocked_deletion() then takes over.
create function clerk.settle_deletion(
    change clerk.change, row_id uuid, address text, is_first boolean, happened_at timestamptz
) returns clerk.outcome
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    if is_first then
        insert into clerk.users (user_id, deleted_at, deleted_by)
        values (change.user_id, settle_deletion.happened_at, coalesce(change.message_id, 'reconcile'))
        on conflict on constraint users_pkey do update set
            email_address = null,
            email_verified = false,
            created_at = null,
            last_sign_in_at = null,
            deleted_at = excluded.deleted_at,
            deleted_by = excluded.deleted_by;
    end if;

    if change.delete_mode is distinct from 'soft' then
        delete from public.users as visible where visible.id = settle_deletion.row_id;
        if not found and settle_deletion.row_id is not null then
            raise exception 'Cannot delete the row: a trigger keeps it' using errcode = '27000', schema = 'public', table = 'users';
        end if;
        is_first := is_first or found;
    else
        update public.users as visible
        set
            email = null,
            email_verified = false,
            username = case when not clerk.has_unique_username() then visible.username end,
            deleted_at = settle_deletion.happened_at,
            updated_at = settle_deletion.happened_at
        where visible.id = settle_deletion.row_id and visible.deleted_at is null;
        if not found and settle_deletion.row_id is not null and is_first then
            raise exception 'Cannot hide the row: a trigger keeps it' using errcode = '27000', schema = 'public', table = 'users';
        end if;
        is_first := is_first or found;
    end if;

    perform clerk.give_address(settle_deletion.address, settle_deletion.happened_at);
    return case when is_first then 'deleted'::clerk.outcome else 'unchanged' end;
end
$$;

revoke all on function clerk.settle_deletion(clerk.change, uuid, text, boolean, timestamptz)
from public, anon, authenticated, service_role;
grant execute on function clerk.settle_deletion(clerk.change, uuid, text, boolean, timestamptz) to service_role;

comment on function clerk.settle_deletion(clerk.change, uuid, text, boolean, timestamptz) is
'Writes a user''s tombstone, deletes or hides its row, and gives its address to the next claimant.';
