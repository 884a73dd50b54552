-- What operators ask, by `deno task clerk status` and `doctor` and by their monitoring: the facts, without a judgement.

-- How fresh the users are.
create function public.clerk_status() returns jsonb
language sql stable
security invoker
set search_path = ''
as $$
    -- A median has to sort, so it looks at the newest messages only, however many a day has.
    with lags as (
        select
            newest.type,
            newest.outcome,
            round(
                percentile_cont(0.5) within group (
                    order by extract(epoch from newest.received_at - newest.event_at)::float8
                )::numeric, 3
            ) as median_lag_seconds
        from (
            select message.type, message.outcome, message.received_at, message.event_at
            from clerk.messages as message
            where message.received_at > now() - interval '1 day'
            order by message.received_at desc
            limit 10000
        ) as newest
        group by newest.type, newest.outcome
    ),

    counts as (
        select message.type, message.outcome, count(*) as messages
        from clerk.messages as message
        where message.received_at > now() - interval '1 day'
        group by message.type, message.outcome
    ),

    last_day as (
        select coalesce(counts.type, 'unknown') as type, counts.outcome, counts.messages, lags.median_lag_seconds
        from counts
        left join lags on lags.type is not distinct from counts.type and lags.outcome = counts.outcome
    )

    select jsonb_build_object(
        'users', public.count_clerk_users(),
        'deleted', (select count(*) from clerk.users where deleted_at is not null),
        'last_message', (
            select jsonb_build_object(
                'type', message.type,
                'received_at', message.received_at,
                'event_at', message.event_at,
                'lag_seconds', round(extract(epoch from message.received_at - message.event_at), 3)
            )
            from clerk.messages as message
            order by message.received_at desc
            limit 1
        ),
        'last_day', (select coalesce(jsonb_agg(to_jsonb(last_day) order by last_day.type, last_day.outcome::text), '[]') from last_day),
        'reconcile', (
            select held.state || jsonb_build_object('running', coalesce(held.leased_until > now(), false))
            from clerk.reconcile as held
        )
    )
$$;

revoke all on function public.clerk_status() from public, anon, authenticated, service_role;
grant execute on function public.clerk_status() to service_role;

comment on function public.clerk_status() is
'Live and deleted users, the last message, the last day''s messages by type and outcome, and the state of reconcile.';

-- service_role cannot read the Supabase CLI's own table, so this one function runs with its owner's rights. It takes no
-- argument and tells nothing but version numbers, to the service role alone.
create function clerk.applied_migrations() returns text []
language plpgsql stable
security definer
set search_path = ''
as $$
begin
    -- A project that applies migrations by other means has no such table.
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

-- Also about the adopter's own tables and policies, because those are where row level security is forgotten.
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
        'client_rights', (select coalesce(jsonb_agg(client_rights.line order by client_rights.line), '[]') from client_rights),
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
'Applied migrations, tables without row level security, policies of public, what clients may write, columns of users.';
