-- Answers `deno task clerk doctor`: returns facts, without a judgement.

-- service_role cannot read the Supabase CLI's own table, so this one function runs with its owner's rights. It has no
-- argument and returns only version numbers, and only to the service role.
create function clerk.applied_migrations() returns text []
language plpgsql stable
security definer
set search_path = ''
as $$
begin
    -- A project that applies migrations by other means does not have this table.
    if to_regclass('supabase_migrations.schema_migrations') is null then
        return null;
    end if;
    return (
        select coalesce(array_agg(applied.version order by applied.version), '{}')
        from supabase_migrations.schema_migrations as applied
    );
end
$$;

revoke all on function clerk.applied_migrations() from public, anon, authenticated, service_role;
grant execute on function clerk.applied_migrations() to service_role;

comment on function clerk.applied_migrations() is
'Versions of the migrations that the Supabase CLI applied; null if it applied none. Runs as its owner.';

-- Covers the adopter's own tables and policies too, because row level security is most easily forgotten there.
create function public.clerk_diagnosis() returns jsonb
language sql stable
security invoker
set search_path = ''
as $$
    with tables as (
        select relation.oid, format('%I.%I', relation.relnamespace::regnamespace, relation.relname) as name, relation.relrowsecurity
        from pg_catalog.pg_class as relation
        where relation.relnamespace in (select oid from pg_catalog.pg_namespace where nspname in ('public', 'clerk'))
            and relation.relkind in ('r', 'p')
            -- Skips objects of extensions.
            and not exists (
                select from pg_catalog.pg_depend as dependency
                where dependency.classid = 'pg_catalog.pg_class'::regclass
                    and dependency.objid = relation.oid and dependency.deptype = 'e'
            )
    ),

    client_rights as (
        select role.rolname || ' ' || privilege.name as line
        from pg_catalog.pg_roles as role
        cross join unnest(array['insert', 'update', 'delete', 'truncate']) as privilege (name)
        where role.rolname in ('anon', 'authenticated')
            and has_table_privilege(role.oid, 'public.users'::regclass, privilege.name)
        union all
        select format('%s %s(%I)', role.rolname, privilege.name, attribute.attname)
        from pg_catalog.pg_roles as role
        cross join unnest(array['insert', 'update']) as privilege (name)
        inner join pg_catalog.pg_attribute as attribute
            on attribute.attrelid = 'public.users'::regclass and attribute.attnum > 0 and not attribute.attisdropped
        where role.rolname in ('anon', 'authenticated')
            and not has_table_privilege(role.oid, 'public.users'::regclass, privilege.name)
            and has_column_privilege(role.oid, 'public.users'::regclass, attribute.attnum, privilege.name)
    ),

    -- References that keep a deleted user's row: those that refuse its deletion, or that set a not-null column to null.
    -- PostgreSQL sets the columns of confdelsetcols, or the whole key if that is empty.
    blocking_references as (
        select jsonb_build_object(
            'table', format('%I.%I', relation.relnamespace::regnamespace, relation.relname),
            'constraint', reference.conname,
            'on_delete', case reference.confdeltype
                when 'a' then 'no action' when 'r' then 'restrict' when 'n' then 'set null' when 'd' then 'set default'
            end,
            'columns', (
                select jsonb_agg(attribute.attname order by attribute.attnum)
                from pg_catalog.pg_attribute as attribute
                where attribute.attrelid = reference.conrelid and attribute.attnum = any (reference.conkey)
            )
        ) as item
        from pg_catalog.pg_constraint as reference
        inner join pg_catalog.pg_class as relation on relation.oid = reference.conrelid
        where reference.contype = 'f' and reference.confrelid = 'public.users'::regclass
            -- A partition inherits the reference of its parent.
            and reference.conparentid = 0
            and reference.confdeltype <> 'c'
            and (
                reference.confdeltype <> 'n'
                or exists (
                    select
                    from pg_catalog.pg_attribute as attribute
                    where attribute.attrelid = reference.conrelid and attribute.attnotnull
                        and attribute.attnum = any (coalesce(reference.confdelsetcols, reference.conkey))
                )
            )
    ),

    -- A tenant's column that may be null allows rows of no tenant, and one without an index makes every policy read the
    -- whole table.
    organization_columns as (
        select jsonb_build_object(
            'column', format('%I.%I.%I', relation.relnamespace::regnamespace, relation.relname, attribute.attname),
            'nullable', not attribute.attnotnull,
            'indexed', exists (
                select from pg_catalog.pg_index as index
                where index.indrelid = reference.conrelid and index.indkey[0] = attribute.attnum
                    and index.indpred is null and index.indisvalid
            )
        ) as item
        from pg_catalog.pg_constraint as reference
        inner join pg_catalog.pg_class as relation on relation.oid = reference.conrelid
        inner join pg_catalog.pg_attribute as attribute
            on attribute.attrelid = reference.conrelid and attribute.attnum = any (reference.conkey)
        where reference.contype = 'f' and reference.confrelid = 'public.organizations'::regclass
            and reference.conparentid = 0
    ),

    -- A partial index counts: whether it leaves out rows that matter cannot be decided here.
    unique_usernames as (
        select index.indexrelid::regclass::text as name
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
    ),

    -- The text of a trigger's function is the only source for what the trigger does; functions that it calls are not
    -- examined.
    user_triggers as (
        select jsonb_build_object(
            'name', trigger.tgname,
            'function', format('%I.%I', routine.pronamespace::regnamespace, routine.proname),
            'timing', case
                when trigger.tgtype & 2 = 2 then 'before' when trigger.tgtype & 64 = 64 then 'instead of' else 'after'
            end,
            'raises', routine.prosrc ~* '\mraise\M(?!\s+(notice|info|log|debug|warning)\M)' or routine.prosrc ~* '\massert\M',
            'writes', routine.prosrc ~* '\m(insert\s+into|update\s+\S+(\s+as)?(\s+\S+)?\s+set|delete\s+from|merge\s+into|truncate)\M',
            'changes_row', trigger.tgtype & 2 = 2 and routine.prosrc ~* '\mnew\.\S+\s*:?='
        ) as item
        from pg_catalog.pg_trigger as trigger
        inner join pg_catalog.pg_proc as routine on routine.oid = trigger.tgfoid
        where trigger.tgrelid = 'public.users'::regclass and not trigger.tgisinternal and trigger.tgenabled <> 'D'
    ),

    -- Without a replica identity, a table in a publication of updates or deletes accepts neither.
    silent_publications as (
        select distinct publication.pubname::text as name
        from pg_catalog.pg_publication as publication
        inner join pg_catalog.pg_publication_tables as published on published.pubname = publication.pubname
        where published.schemaname = 'public' and published.tablename = 'users'
            and (publication.pubupdate or publication.pubdelete)
            and exists (
                select from pg_catalog.pg_class where oid = 'public.users'::regclass and relreplident = 'n'
            )
    ),

    -- Settings whose default transaction isolation differs from the one that apply_clerk_changes() needs. The Data API
    -- uses the setting of the role that it switches to.
    isolation_defaults as (
        select
            concat_ws(
                ' in ',
                coalesce('role ' || role.rolname, case when database.oid is not null then 'database ' || database.datname else 'every role' end),
                case when role.oid is not null then 'database ' || database.datname end
            ) as place,
            split_part(setting.line, '=', 2) as isolation
        from pg_catalog.pg_db_role_setting as given
        cross join unnest(given.setconfig) as setting (line)
        left join pg_catalog.pg_roles as role on role.oid = given.setrole
        left join pg_catalog.pg_database as database on database.oid = given.setdatabase
        where setting.line like 'default\_transaction\_isolation=%'
            and split_part(setting.line, '=', 2) <> 'read committed'
            and (database.oid is null or database.datname = current_database())
            and (role.oid is null or role.rolname in ('authenticator', 'service_role'))
        union all
        select 'this session', current_setting('default_transaction_isolation')
        where current_setting('default_transaction_isolation') <> 'read committed'
            and not exists (
                select
                from pg_catalog.pg_db_role_setting as given
                cross join unnest(given.setconfig) as setting (line)
                where setting.line = 'default_transaction_isolation=' || current_setting('default_transaction_isolation')
            )
    )

    select jsonb_build_object(
        'migrations', to_jsonb(clerk.applied_migrations()),
        'tables', (select count(*) from tables),
        'tables_without_rls', (
            select coalesce(jsonb_agg(tables.name order by tables.name), '[]') from tables where not tables.relrowsecurity
        ),
        -- With an empty search path, every function in the expressions is printed with its schema.
        'policies', (
            select coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'table', format('%I.%I', policy.schemaname, policy.tablename),
                        'name', policy.policyname,
                        'using', policy.qual,
                        'check', policy.with_check
                    )
                    order by policy.schemaname, policy.tablename, policy.policyname
                ), '[]'
            )
            from pg_catalog.pg_policies as policy
            -- A faulty policy of storage.objects fails every query of that table, for all buckets.
            where policy.schemaname in ('public', 'realtime', 'storage')
        ),
        'client_rights', (select coalesce(jsonb_agg(client_rights.line order by client_rights.line), '[]') from client_rights),
        'blocking_references', (
            select coalesce(
                jsonb_agg(blocking_references.item order by blocking_references.item ->> 'table', blocking_references.item ->> 'constraint'),
                '[]'
            )
            from blocking_references
        ),
        'organization_columns', (
            select coalesce(
                jsonb_agg(organization_columns.item order by organization_columns.item ->> 'column'), '[]'
            )
            from organization_columns
        ),
        -- Objects that Clerk created after the ledger began, although the ledger has no message of their kind:
        -- reconcile or an import brought them. Older objects may come from a first backfill, and the message of a new
        -- object may be on its way. The ledger is searched only if such objects exist.
        'unannounced_organizations', (
            select
                case
                    when count(*) = 0 then 0
                    when exists (
                        select from clerk.messages as message
                        where message.type in ('organization.created', 'organization.updated', 'organization.deleted')
                    ) then 0
                    else count(*)
                end
            from clerk.organizations as known
            where known.created_at > (select min(message.received_at) from clerk.messages as message)
                and known.created_at < now() - interval '10 minutes'
        ),
        'unannounced_memberships', (
            select
                case
                    when count(*) = 0 then 0
                    when exists (
                        select from clerk.messages as message
                        where message.type in ('organizationMembership.created', 'organizationMembership.updated', 'organizationMembership.deleted')
                    ) then 0
                    else count(*)
                end
            from clerk.organization_memberships as known
            where known.created_at > (select min(message.received_at) from clerk.messages as message)
                and known.created_at < now() - interval '10 minutes'
        ),
        'email_is_not_null', (
            select attribute.attnotnull
            from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = 'public.users'::regclass and attribute.attname = 'email'
        ),
        'unique_usernames', (
            select coalesce(jsonb_agg(unique_usernames.name order by unique_usernames.name), '[]') from unique_usernames
        ),
        'triggers', (
            select coalesce(jsonb_agg(user_triggers.item order by user_triggers.item ->> 'name'), '[]') from user_triggers
        ),
        'silent_publications', (
            select coalesce(jsonb_agg(silent_publications.name order by silent_publications.name), '[]') from silent_publications
        ),
        'isolation_defaults', (
            select coalesce(
                jsonb_agg(jsonb_build_object('place', isolation_defaults.place, 'isolation', isolation_defaults.isolation)
                    order by isolation_defaults.place), '[]'
            )
            from isolation_defaults
        ),
        'user_columns', (
            select
                jsonb_object_agg(
                    attribute.attname,
                    case
                        when attribute.attname = any (clerk.base_columns()) then 'base'
                        when attribute.attgenerated <> '' or attribute.attidentity = 'a' then 'generated'
                        else 'own'
                    end
                )
            from pg_catalog.pg_attribute as attribute
            where attribute.attrelid = 'public.users'::regclass and attribute.attnum > 0 and not attribute.attisdropped
        )
    )
$$;

revoke all on function public.clerk_diagnosis() from public, anon, authenticated, service_role;
grant execute on function public.clerk_diagnosis() to service_role;

comment on function public.clerk_diagnosis() is
'Applied migrations, tables without row level security, policies of public, storage and realtime, client write privileges,
columns of users, schema objects that may refuse a user or block a deletion, columns that refer to organizations, and how
many organizations and memberships arrived without messages.';
