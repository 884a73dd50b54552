-- Tests clerk.organizations and clerk.organization_memberships by actor: only the service role reads and writes them,
-- it cannot delete an organization's tombstone, and no client writes the public tables.

begin;

set local search_path = extensions;

-- Sets the role and the token's claims for the transaction, like a request of the Data API.
create function pg_temp.act_as(role text, claims jsonb) returns void
language sql
as $$
    select set_config('role', act_as.role, true), set_config('request.jwt.claims', act_as.claims::text, true)
$$;

select plan(78);

insert into public.users (id, clerk_user_id) values ('00000000-0000-4000-8000-00000000000a', 'user_pgtap_owner');
insert into public.organizations (id, clerk_organization_id, name, created_at, updated_at) values
('00000000-0000-4000-8000-00000000000b', 'org_pgtap', 'Pgtap', now(), now());
insert into public.organization_memberships (clerk_membership_id, organization_id, user_id, role, created_at, updated_at) values
(
    'orgmem_pgtap', '00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-00000000000a', 'org:admin',
    now(), now()
);
insert into clerk.organizations (organization_id) values ('org_pgtap');
insert into clerk.organization_memberships (membership_id, organization_id, user_id) values
('orgmem_pgtap', 'org_pgtap', 'user_pgtap_owner');

create function pg_temp.everything_is_denied(actor text) returns setof text
language sql
as $$
    select throws_ok(statement, '42501', null, actor || ' cannot ' || statement)
    from (
        values
        ('select * from clerk.organizations'),
        ('insert into clerk.organizations (organization_id) values (''org_pgtap_new'')'),
        ('update clerk.organizations set deleted_at = null'),
        ('delete from clerk.organizations'),
        ('select * from clerk.organization_memberships'),
        ('insert into clerk.organization_memberships (membership_id) values (''orgmem_pgtap_new'')'),
        ('update clerk.organization_memberships set deleted_at = null'),
        ('delete from clerk.organization_memberships'),
        ('insert into public.organizations (clerk_organization_id, name, created_at, updated_at) values (''org_new'', '''', now(), now())'),
        ('update public.organizations set name = ''mine'''),
        ('delete from public.organizations'),
        ('insert into public.organization_memberships (clerk_membership_id, organization_id, user_id, role, created_at, updated_at) values (''orgmem_new'', ''00000000-0000-4000-8000-00000000000b'', ''00000000-0000-4000-8000-00000000000a'', ''org:admin'', now(), now())'),
        ('update public.organization_memberships set role = ''org:admin'''),
        ('delete from public.organization_memberships')
    ) as statements (statement)
$$;

---------------------------------------------------------------------------------------------------
-- Member
---------------------------------------------------------------------------------------------------

select pg_temp.act_as(
    'authenticated',
    '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "active", "org_id": "org_pgtap", "org_role": "org:admin"}'
);
select * from pg_temp.everything_is_denied('an admin of the organization');

---------------------------------------------------------------------------------------------------
-- Stranger
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_stranger", "sts": "active"}');
select * from pg_temp.everything_is_denied('a stranger');

select pg_temp.act_as('authenticated', '{"role": "authenticated"}');
select * from pg_temp.everything_is_denied('a token without sub');

---------------------------------------------------------------------------------------------------
-- Anonymous
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('anon', '{"role": "anon"}');
select * from pg_temp.everything_is_denied('anonymous');

---------------------------------------------------------------------------------------------------
-- Pending session
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "pending"}');
select * from pg_temp.everything_is_denied('a pending session');

---------------------------------------------------------------------------------------------------
-- Service
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('service_role', '{"role": "service_role"}');
select lives_ok('update clerk.organizations set version = 1', 'the service updates an organization''s state');
select throws_ok(
    'delete from clerk.organizations', '42501', 'permission denied for table organizations',
    'the service cannot delete an organization''s state: a tombstone stays'
);
select results_eq(
    'select version from clerk.organizations where organization_id = ''org_pgtap''', array[1::bigint],
    'the service reads an organization''s state'
);
select lives_ok('update clerk.organization_memberships set version = 1', 'the service updates a membership''s state');
select lives_ok('delete from clerk.organization_memberships', 'the service deletes a membership''s state');
select lives_ok('update public.organizations set name = ''Service''', 'the service updates organizations');
select lives_ok('delete from public.organization_memberships', 'the service deletes memberships');
select lives_ok('delete from public.organizations', 'the service deletes organizations');

reset role;
select * from finish();
rollback;
