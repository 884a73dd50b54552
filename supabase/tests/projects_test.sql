-- Tests public.projects by actor: a member reads the projects of the active organization and writes their name and
-- description, and an admin deletes them. Belongs to the example: remove it if you leave out create_projects.sql.
--
-- Some statements have no where and no returning on purpose: with either, the policy for select would hide a hole
-- in the policies for update and delete.

begin;

set local search_path = extensions;

-- Sets the role and the token's claims for the transaction, like a request of the Data API.
create function pg_temp.act_as(role text, claims jsonb) returns void
language sql
as $$
    select set_config('role', act_as.role, true), set_config('request.jwt.claims', act_as.claims::text, true)
$$;

-- Does the same for a signed-in user in an organization. More claims replace these.
create function pg_temp.act_in(user_id text, organization_id text, role text, more jsonb default '{}') returns void
language sql
as $$
    select pg_temp.act_as('authenticated', jsonb_build_object(
        'role', 'authenticated', 'sub', user_id, 'sts', 'active', 'v', 2,
        'o', jsonb_build_object('id', organization_id, 'rol', act_in.role)
    ) || more)
$$;

select plan(70);

insert into public.users (id, clerk_user_id, deleted_at) values
('00000000-0000-4000-8000-00000000000a', 'user_pgtap_member', null),
('00000000-0000-4000-8000-00000000000b', 'user_pgtap_admin', null),
('00000000-0000-4000-8000-00000000000c', 'user_pgtap_removed', null),
('00000000-0000-4000-8000-00000000000d', 'user_pgtap_other', null),
('00000000-0000-4000-8000-00000000000e', 'user_pgtap_deleted', now());

insert into public.organizations (id, clerk_organization_id, name, created_at, updated_at, deleted_at) values
('00000000-0000-4000-8000-000000000001', 'org_pgtap_one', 'One', now(), now(), null),
('00000000-0000-4000-8000-000000000002', 'org_pgtap_two', 'Two', now(), now(), null),
('00000000-0000-4000-8000-000000000003', 'org_pgtap_gone', 'Gone', now(), now(), now());

insert into public.organization_memberships
(clerk_membership_id, organization_id, user_id, role, created_at, updated_at) values
('member in one', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000a', 'org:member', now(), now()),
('member in gone', '00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-00000000000a', 'org:member', now(), now()),
('admin in one', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000b', 'org:admin', now(), now()),
('other in two', '00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-00000000000d', 'org:admin', now(), now()),
('deleted in one', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000e', 'org:admin', now(), now());

insert into public.projects (organization_id, name) values
('00000000-0000-4000-8000-000000000001', 'one''s'),
('00000000-0000-4000-8000-000000000002', 'two''s'),
('00000000-0000-4000-8000-000000000003', 'the deleted organization''s');

-- Returns the stored rows, read without the caller's role.
create function pg_temp.names() returns text []
language sql
as $$
    select array_agg(name order by organization_id, name) from public.projects
    where organization_id::text like '00000000-0000-4000-8000-00000000000_'
$$;

-- Tests a caller without a membership of the active organization: five assertions.
create function pg_temp.has_no_projects(actor text) returns setof text
language plpgsql
as $$
begin
    return next is_empty('select * from public.projects', actor || ' reads nothing');
    return next throws_ok(
        'insert into public.projects (name) values (''new'')', '42501',
        'new row violates row-level security policy for table "projects"', actor || ' cannot insert'
    );
    return next lives_ok('update public.projects set name = ''stolen''', actor || ' updates nothing');
    return next lives_ok('delete from public.projects', actor || ' deletes nothing');
    reset role;
    return next is(
        pg_temp.names(), array['one''s', 'two''s', 'the deleted organization''s'], actor || ' has changed nothing'
    );
end
$$;

---------------------------------------------------------------------------------------------------
-- Not a member of the organization
---------------------------------------------------------------------------------------------------

-- The token was issued before the removal, and stays valid for up to a minute.
select pg_temp.act_in('user_pgtap_removed', 'org_pgtap_one', 'admin');
select * from pg_temp.has_no_projects('a removed member');

select pg_temp.act_in('user_pgtap_other', 'org_pgtap_one', 'admin');
select * from pg_temp.has_no_projects('a member of another organization');

select pg_temp.act_in('user_pgtap_member', 'org_pgtap_gone', 'member');
select * from pg_temp.has_no_projects('a member of a deleted organization');

select pg_temp.act_in('user_pgtap_admin', null, null);
select * from pg_temp.has_no_projects('an admin without an active organization');

select pg_temp.act_in('user_pgtap_nobody', 'org_pgtap_one', 'admin');
select * from pg_temp.has_no_projects('a stranger without a row');

---------------------------------------------------------------------------------------------------
-- Pending session, deleted user
---------------------------------------------------------------------------------------------------

select pg_temp.act_in('user_pgtap_admin', 'org_pgtap_one', 'admin', '{"sts": "pending"}');
select * from pg_temp.has_no_projects('a pending session');

select pg_temp.act_in('user_pgtap_deleted', 'org_pgtap_one', 'admin');
select * from pg_temp.has_no_projects('a deleted user');

---------------------------------------------------------------------------------------------------
-- Anonymous
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('anon', '{"role": "anon", "sub": "user_pgtap_admin", "v": 2, "o": {"id": "org_pgtap_one"}}');
select throws_ok(statement, '42501', 'permission denied for table projects', 'anonymous cannot ' || statement)
from (
    values
    ('select * from public.projects'),
    ('insert into public.projects (name) values (''new'')'),
    ('update public.projects set name = ''stolen'''),
    ('delete from public.projects')
) as statements (statement);

---------------------------------------------------------------------------------------------------
-- Member
---------------------------------------------------------------------------------------------------

select pg_temp.act_in('user_pgtap_member', 'org_pgtap_one', 'member');
select results_eq('select name from public.projects', array['one''s'], 'a member reads the organization''s projects');
select lives_ok('insert into public.projects (name, description) values (''new'', ''text'')', 'a member inserts');
select results_eq(
    'select organization_id, created_by from public.projects where name = ''new''',
    $$ values ('00000000-0000-4000-8000-000000000001'::uuid, '00000000-0000-4000-8000-00000000000a'::uuid) $$,
    'a member''s project belongs to the organization, and names the member'
);
select throws_ok(statement, '42501', 'permission denied for table projects', 'a member cannot ' || statement)
from (
    values
    ('insert into public.projects (organization_id, name) values (public.caller_organization_id(), ''new'')'),
    ('insert into public.projects (created_by, name) values (public.caller_user_id(), ''new'')'),
    ('insert into public.projects (id, name) values (gen_random_uuid(), ''new'')'),
    ('insert into public.projects (created_at, name) values (now(), ''new'')'),
    ('update public.projects set organization_id = ''00000000-0000-4000-8000-000000000002'''),
    ('update public.projects set created_by = null'),
    ('update public.projects set id = gen_random_uuid()'),
    ('update public.projects set updated_at = now()')
) as statements (statement);
select lives_ok('update public.projects set description = ''more''', 'a member updates');
select lives_ok('delete from public.projects', 'a member''s delete raises no error');
reset role;
select results_eq(
    'select name, description from public.projects where description <> '''' order by 1',
    $$ values ('new', 'more'), ('one''s', 'more') $$,
    'a member has updated the organization''s projects only'
);
select is(
    pg_temp.names(), array['new', 'one''s', 'two''s', 'the deleted organization''s'],
    'a member who is not an admin has deleted nothing'
);

---------------------------------------------------------------------------------------------------
-- Admin
---------------------------------------------------------------------------------------------------

-- Has the role only in the token, and only in the table.
select pg_temp.act_in('user_pgtap_member', 'org_pgtap_one', 'admin');
select lives_ok('delete from public.projects', 'the delete of a demoted admin with an old token raises no error');
select pg_temp.act_in('user_pgtap_admin', 'org_pgtap_one', 'member');
select lives_ok('delete from public.projects', 'the delete of a demoted admin with an old row raises no error');
reset role;
select is(
    pg_temp.names(), array['new', 'one''s', 'two''s', 'the deleted organization''s'],
    'a demoted admin has deleted nothing'
);

select pg_temp.act_in('user_pgtap_admin', 'org_pgtap_one', 'admin');
select results_eq(
    'select name from public.projects order by 1', array['new', 'one''s'], 'an admin reads the members'' projects'
);
select lives_ok('delete from public.projects', 'an admin deletes without a condition');
reset role;
select is(
    pg_temp.names(), array['two''s', 'the deleted organization''s'],
    'an admin has deleted only the organization''s projects'
);

---------------------------------------------------------------------------------------------------
-- Service
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('service_role', '{"role": "service_role"}');
select is(
    pg_temp.names(), array['two''s', 'the deleted organization''s'], 'the service reads every row'
);
select lives_ok(
    $$ insert into public.projects (organization_id, created_by, name) values
       ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000a', 'service''s') $$,
    'the service inserts for any organization'
);
select throws_ok(
    $$ insert into public.projects (name) values ('nobody''s') $$, '23502', null,
    'the service must name the organization'
);
select lives_ok(
    $$ update public.projects set name = 'changed' where organization_id = '00000000-0000-4000-8000-000000000002' $$,
    'the service updates'
);
select lives_ok(
    $$ delete from public.projects where organization_id = '00000000-0000-4000-8000-000000000003' $$,
    'the service deletes'
);
select is(pg_temp.names(), array['service''s', 'changed'], 'the service''s writes are stored');
select lives_ok(
    $$ delete from public.users where id = '00000000-0000-4000-8000-00000000000a' $$, 'the service deletes a user'
);
select results_eq(
    'select name from public.projects where created_by is null and name = ''service''''s''', array['service''s'],
    'a project outlives its creator'
);
select lives_ok(
    $$ delete from public.organizations where id = '00000000-0000-4000-8000-000000000001' $$,
    'the service deletes an organization'
);
select is(pg_temp.names(), array['changed'], 'deleting an organization deletes its projects');

reset role;
select * from finish();
rollback;
