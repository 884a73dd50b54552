-- What `deno task clerk doctor` asks the database: the facts, without a judgement. Of the adopter's own tables and
-- policies too, because they are where row level security is forgotten.

-- service_role cannot read the Supabase CLI's own table, so this one function runs with its owner's rights. It takes no
-- argument and tells nothing but version numbers, to the service role alone.
create function clerk.applied_migrations() returns text []
language plpgsql stable
security definer
set search_path = ''
as $$
begin
    -- Whoever applies migrations by other means has no such table.
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
'Versions of the migrations that the Supabase CLI applied; null where it applied none. Runs as its owner.';

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
            -- Not what belongs to an extension.
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
    )

    select jsonb_build_object(
        'migrations', to_jsonb(clerk.applied_migrations()),
        'tables', (select count(*) from tables),
        'tables_without_rls', (
            select coalesce(jsonb_agg(tables.name order by tables.name), '[]') from tables where not tables.relrowsecurity
        ),
        -- The search path is empty, so that every function in the expressions has its schema before it.
        'policies', (
            select coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'table', format('%I.%I', policy.schemaname, policy.tablename),
                        'name', policy.policyname,
                        'using', policy.qual,
                        'check', policy.with_check
                    )
                    order by policy.tablename, policy.policyname
                ), '[]'
            )
            from pg_catalog.pg_policies as policy
            where policy.schemaname = 'public'
        ),
        'client_rights', (select coalesce(jsonb_agg(client_rights.line order by client_rights.line), '[]') from client_rights)
    )
$$;

revoke all on function public.clerk_diagnosis() from public, anon, authenticated, service_role;
grant execute on function public.clerk_diagnosis() to service_role;

comment on function public.clerk_diagnosis() is
'Applied migrations, tables without row level security, policies of public, and what clients may write in public.users.';
