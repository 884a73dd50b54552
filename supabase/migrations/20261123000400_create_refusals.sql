-- Refusals by the adopter's schema: how a failure is classified, and which users wait for a fix.

-- Returns whether a failure is transient. A transient failure fails the whole call, and the caller tries again. Any
-- other failure of a change lasts until someone fixes the schema or the data, so clerk.settle_alone() refuses that one
-- change and continues. This is the only classification of SQLSTATE in SQL; _clerk-supabase/database/failure.ts has the
-- same list for failures outside of SQL, and a test compares the two for every code.
create function clerk.is_passing(code text) returns boolean
language sql immutable
security invoker
set search_path = ''
as $$
    select case left(is_passing.code, 2)
        when '08' then true -- connection exception: a link is down, ours or that of a trigger
        when '25' then is_passing.code in (
            '25006', -- read-only transaction: a replica, a failover, or a full disk
            '25P03', -- idle in transaction for too long
            '25P04' -- the transaction took too long
        ) -- other invalid transaction states, such as an isolation level: the project's settings
        when '40' then true -- transaction rollback: serialization failures and deadlocks
        when '53' then true -- insufficient resources: disk, memory, connections
        when '55' then is_passing.code in (
            '55006', -- object in use
            '55P03' -- lock not available
        ) -- other prerequisites, such as 55000 for a missing replica identity: the schema
        when '57' then true -- operator intervention: statement timeouts, shutdown, restart
        when '58' then true -- system error: input and output of the server itself
        when '72' then true -- snapshot too old
        when 'HV' then is_passing.code = 'HV00N' -- foreign data: the connection failed; all else is the schema
        -- 00 success, 01 warning, 02 no data: raised by a trigger, as an error
        -- 03, 0A, 0B, 0F, 0L, 0P, 0Z, 2B, 2D, 2F, 34, 38, 39, 3B, 3D, 3F: a trigger does what its statement may not do
        -- 09 triggered action, 27 triggered data change: a trigger is in the way
        -- 10, 20, 21, 24, 26, P0: code of a trigger, raise exception (P0001) and assert (P0004) among it
        -- 22 data exception: a value does not fit a column, a cast or a generated column
        -- 23 integrity constraint, 44 check option of a view: a constraint
        -- 28 authorization: a key or a role is wrong
        -- 42 syntax or access rule: a trigger uses a missing object or lacks a privilege, or a grant is missing
        -- 54 program limit: a row too large for an index, a trigger that calls itself without end
        -- F0 configuration file, XX internal error or corrupted data: the server needs an administrator
        -- Any other class: a trigger's own code
        else false
    end
$$;

revoke all on function clerk.is_passing(text) from public, anon, authenticated, service_role;
grant execute on function clerk.is_passing(text) to service_role;

comment on function clerk.is_passing(text) is 'Whether a failure with this SQLSTATE is transient.';

-- Describes a failure without values: PostgreSQL's messages quote values, so the description keeps none of their text.
create function clerk.describe_failure(
    code text, schema_name text, table_name text, constraint_name text, column_name text, context text
) returns jsonb
language plpgsql stable
security invoker
set search_path = ''
as $$
declare
    -- The function that raised. The lines of the context run from the innermost to the outermost and include the
    -- bundle's own. The context also quotes statements, which may hold values, so a name counts only if such a function
    -- exists. The search uses an index and reads only the start, so that a page of refused users stays within the
    -- statement timeout.
    raised_in text := (
        select case when namespace.nspname <> 'clerk' then format('%I.%I', namespace.nspname, routine.proname) end
        from regexp_matches(left(context, 20000), '(?n)^PL/pgSQL function ([^\n(]+)\(', 'g') with ordinality as frame (names, position)
        inner join pg_catalog.pg_proc as routine
            on routine.proname = btrim(substring(frame.names[1] from '[^.]*$'), '"')::name
        inner join pg_catalog.pg_namespace as namespace on namespace.oid = routine.pronamespace
        where frame.names[1] in (format('%I', routine.proname), format('%I.%I', namespace.nspname, routine.proname))
        order by frame.position, routine.oid
        limit 1
    );
begin
    return jsonb_strip_nulls(jsonb_build_object(
        'sqlstate', code,
        'table', case
            when table_name <> '' then format('%I.%I', nullif(schema_name, ''), table_name)
            -- PostgreSQL does not report the table of a value that does not fit; the function that writes it implies
            -- it.
            when raised_in is not null or left(code, 2) not in ('22', '54') then null
            when context like 'PL/pgSQL function clerk.write_organization(%' then 'public.organizations'
            when context like 'PL/pgSQL function clerk.settle_pairs(%' then 'public.organization_memberships'
            else 'public.users'
        end,
        'constraint', nullif(constraint_name, ''),
        'column', nullif(column_name, ''),
        'function', raised_in
    ));
end
$$;

revoke all on function clerk.describe_failure(text, text, text, text, text, text)
from public, anon, authenticated, service_role;
grant execute on function clerk.describe_failure(text, text, text, text, text, text) to service_role;

comment on function clerk.describe_failure(text, text, text, text, text, text) is
'A refusal''s detail: {"sqlstate", "table", "constraint", "column", "function"}, if PostgreSQL reports them.';

-- Users, organizations and memberships that the schema refused, with or without a message: the ledger only has
-- messages. Holds no personal data. A refusal is open until the profile, or a newer one, is applied; for a deletion,
-- until the row is gone.
create table clerk.refusals (
    id uuid primary key default gen_random_uuid(),
    user_id text unique,
    organization_id text unique,
    membership_id text unique,
    type text not null,
    code text not null,
    detail jsonb not null,
    version bigint not null,
    version_event bigint not null,
    attempts integer not null default 1,
    first_refused_at timestamptz not null default now(),
    last_refused_at timestamptz not null default now(),
    constraint refusals_one_subject check (num_nonnulls(user_id, organization_id, membership_id) = 1)
);

alter table clerk.refusals enable row level security;
revoke all on table clerk.refusals from public, anon, authenticated, service_role;
grant select, insert, update, delete on table clerk.refusals to service_role;

comment on table clerk.refusals is
'Users, organizations and memberships whose profile, address or deletion the schema refused. No personal data.';
comment on column clerk.refusals.user_id is 'Clerk''s id of the user; null if something else was refused.';
comment on column clerk.refusals.organization_id is 'Clerk''s id of the organization; null if something else was refused.';
comment on column clerk.refusals.membership_id is 'Clerk''s id of the membership; null if something else was refused.';
comment on column clerk.refusals.type is
'A type that ends in .deleted for a row that could not be deleted; otherwise the type of the profile, address for an
address, or membership for a membership whose row was refused when its user or its organization arrived.';
comment on column clerk.refusals.code is 'SCHEMA_REFUSED, or DELETE_BLOCKED for a row that is hidden instead.';
comment on column clerk.refusals.detail is
'{"sqlstate", "table", "constraint", "column", "function"}, if PostgreSQL reports them. Names only, never a value.';
comment on column clerk.refusals.version is 'The version of the refused profile, as in clerk.users.';
comment on column clerk.refusals.version_event is 'Second part of the version.';
comment on column clerk.refusals.attempts is 'How many times in a row it was refused.';

-- Returns whether a refusal is still open. The write path never clears refusals, because every change would pay a
-- look-up.
create function clerk.is_open_refusal(refusal clerk.refusals) returns boolean
language plpgsql stable
security invoker
set search_path = ''
as $$
begin
    return case
        when refusal.user_id is null then clerk.is_open_organization_refusal(refusal)
        when refusal.type = 'user.deleted' then
            exists (select from clerk.users as stored where stored.user_id = refusal.user_id and stored.deleted_at is not null)
            -- A deletion that could not even hide the row is settled once the row is hidden, in delete mode soft.
            and exists (
                select from public.users as visible
                where visible.clerk_user_id = refusal.user_id
                    and (visible.deleted_at is null or refusal.code = 'DELETE_BLOCKED')
            )
        else not exists (
            select from clerk.users as stored
            where stored.user_id = refusal.user_id and (
                stored.deleted_at is not null
                or (stored.version, stored.version_event) >= (refusal.version, refusal.version_event)
            )
        )
    end;
end
$$;

revoke all on function clerk.is_open_refusal(clerk.refusals) from public, anon, authenticated, service_role;
grant execute on function clerk.is_open_refusal(clerk.refusals) to service_role;

comment on function clerk.is_open_refusal(clerk.refusals) is
'Whether the refused profile, address or membership is still missing, or the row of a deletion is still there.';

-- Records an open refusal. Needs the lock of the user, or of the address that it claims. An older profile, refused
-- late, does not replace a newer one: a profile between the two would seem to settle both.
create function clerk.note_refusal(
    user_id text, type text, code text, detail jsonb, version bigint, version_event bigint
) returns void
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    -- A refusal that is no longer open does not date this one.
    delete from clerk.refusals as refusal
    where refusal.user_id = note_refusal.user_id and not clerk.is_open_refusal(refusal);

    insert into clerk.refusals as refusal (user_id, type, code, detail, version, version_event)
    values (
        note_refusal.user_id, note_refusal.type, note_refusal.code, note_refusal.detail,
        note_refusal.version, note_refusal.version_event
    )
    on conflict on constraint refusals_user_id_key do update set
        type = excluded.type,
        code = excluded.code,
        detail = excluded.detail,
        version = excluded.version,
        version_event = excluded.version_event,
        attempts = refusal.attempts + 1,
        last_refused_at = excluded.last_refused_at
    where excluded.type = 'user.deleted'
        or (excluded.version, excluded.version_event) >= (refusal.version, refusal.version_event);
end
$$;

revoke all on function clerk.note_refusal(text, text, text, jsonb, bigint, bigint)
from public, anon, authenticated, service_role;
grant execute on function clerk.note_refusal(text, text, text, jsonb, bigint, bigint) to service_role;

comment on function clerk.note_refusal(text, text, text, jsonb, bigint, bigint) is
'Records that the schema refused a user''s profile, address or deletion.';
