-- Tests the bundle's tables in public and clerk: row level security, and the exact rights of each role of the Data API,
-- whether or not the platform grants everything by default. A table without a row here fails; remove an example's row
-- if you leave out its migration.

begin;

set local search_path = extensions;

create temporary table expected (relation text, anon text, authenticated text, service_role text) on commit drop;

insert into expected values
('public.users', '', 'select', 'select insert update delete'),
('public.resumes', '', 'select delete insert(content) insert(title) update(content) update(title)', 'select insert update delete'),
('public.organizations', '', 'select', 'select insert update delete'),
('public.organization_memberships', '', 'select', 'select insert update delete'),
('public.projects', '', 'select delete insert(description) insert(name) update(description) update(name)', 'select insert update delete'),
('clerk.users', '', 'select(deleted_at) select(user_id)', 'select insert update'),
('clerk.organizations', '', '', 'select insert update'),
('clerk.organization_memberships', '', '', 'select insert update delete'),
('clerk.messages', '', '', 'select insert update'),
('clerk.kept_events', '', '', 'select insert'),
('clerk.refusals', '', '', 'select insert update delete'),
('clerk.instance', '', '', 'select insert update'),
('clerk.reconcile', '', '', 'select update');

select plan(3 + 4 * count(*)::integer) from expected;

-- Returns a role's rights on a table, followed by its rights on single columns.
create function pg_temp.rights(grantee text, relation text) returns text
language sql
as $$
    with rights as (
        select name, has_table_privilege(grantee, relation::regclass, name) as whole, position
        from unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger'])
            with ordinality as names (name, position)
    ),

    described as (
        select name as description, position, 0 as part from rights where whole
        union all
        select rights.name || '(' || attribute.attname || ')', position, 1
        from rights
        inner join pg_attribute as attribute
            on attribute.attrelid = relation::regclass and attribute.attnum > 0 and not attribute.attisdropped
        where not rights.whole and rights.name in ('select', 'insert', 'update', 'references')
            and has_column_privilege(grantee, attribute.attrelid, attribute.attnum, rights.name)
    )

    select coalesce(string_agg(description, ' ' order by part, position, description collate "C"), '') from described
$$;

---------------------------------------------------------------------------------------------------
-- Everyone
---------------------------------------------------------------------------------------------------

select set_eq(
    -- Skips objects of extensions.
    $$
        select format('%s.%s', relnamespace::regnamespace, relname)
        from pg_class
        where relnamespace in ('public'::regnamespace, 'clerk'::regnamespace) and relkind in ('r', 'p', 'v', 'm', 'f')
            and not exists (
                select from pg_depend
                where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e'
            )
    $$,
    'select relation from expected',
    'every table and view has a row in this file'
);

select ok(
    (select relrowsecurity from pg_class where oid = to_regclass(relation)), relation || ' has row level security'
)
from expected;

select set_eq(
    $$
        select format('%s.%s %s %s %s', schemaname, tablename, policyname, cmd, roles)
        from pg_policies
        where schemaname = 'clerk' or (schemaname = 'public' and tablename in ('users', 'organizations', 'organization_memberships'))
    $$,
    array[
        'clerk.users users_select_own SELECT {authenticated}',
        'public.organization_memberships organization_memberships_select_own SELECT {authenticated}',
        'public.organizations organizations_select_own SELECT {authenticated}',
        'public.users users_select_own SELECT {authenticated}'
    ],
    'no other policy exists'
);

select is(
    (
        select string_agg(grantee || ': ' || privilege, ', ' order by grantee, privilege)
        from unnest(array['anon', 'authenticated', 'service_role']) as grantee, unnest(array['usage', 'create']) as privilege
        where has_schema_privilege(grantee, 'clerk', privilege)
    ),
    'authenticated: usage, service_role: usage',
    'anonymous cannot use schema clerk, and no role can create objects in it'
);

---------------------------------------------------------------------------------------------------
-- Anonymous, authenticated, service
---------------------------------------------------------------------------------------------------

select is(pg_temp.rights('anon', relation), anon, 'anon on ' || relation) from expected;

select is(pg_temp.rights('authenticated', relation), authenticated, 'authenticated on ' || relation) from expected;

select is(pg_temp.rights('service_role', relation), service_role, 'service_role on ' || relation) from expected;

select * from finish();
rollback;
