-- Tests public.organizations, public.organization_memberships and the functions about the active organization by actor:
-- a caller reads its own memberships and their live organizations, and no client writes either table.

begin;

set local search_path = extensions;

-- Sets the role and the token's claims for the transaction, like a request of the Data API.
create function pg_temp.act_as(role text, claims jsonb) returns void
language sql
as $$
    select set_config('role', act_as.role, true), set_config('request.jwt.claims', act_as.claims::text, true)
$$;

-- Does the same for a signed-in user in an organization, with a custom permission there. More claims replace these.
create function pg_temp.act_in(user_id text, organization_id text, role text, more jsonb default '{}') returns void
language sql
as $$
    select pg_temp.act_as('authenticated', jsonb_build_object(
        'role', 'authenticated', 'sub', user_id, 'sts', 'active', 'v', 2, 'fea', 'u:export,o:projects',
        'o', jsonb_build_object('id', organization_id, 'rol', act_in.role, 'per', 'read,manage', 'fpm', '2')
    ) || more)
$$;

select plan(135);

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

-- The write path leaves no membership of a deleted user or organization. These rows show that the policies do not rely
-- on that.
insert into public.organization_memberships
(clerk_membership_id, organization_id, user_id, role, created_at, updated_at) values
('member in one', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000a', 'org:member', now(), now()),
('member in two', '00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-00000000000a', 'org:admin', now(), now()),
('member in gone', '00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-00000000000a', 'org:admin', now(), now()),
('admin in one', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000b', 'admin', now(), now()),
('other in two', '00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-00000000000d', 'org:member', now(), now()),
('deleted in one', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000e', 'org:admin', now(), now());

-- Tests the rows that an actor reads: two assertions.
create function pg_temp.reads(actor text, organizations text [], memberships text []) returns setof text
language sql
as $$
    select results_eq('select name from public.organizations order by 1', organizations, actor || ' reads organizations')
    union all
    select results_eq(
        'select clerk_membership_id from public.organization_memberships order by 1', memberships,
        actor || ' reads memberships'
    )
$$;

-- Tests an actor's active organization and rights there: four assertions.
create function pg_temp.works_in(actor text, organization_id uuid, is_admin boolean, may_manage boolean)
returns setof text
language sql
as $$
    select is(public.caller_organization_id(), organization_id, actor || ' works in the organization')
    union all
    select is(public.caller_has_role('org:admin'), is_admin, actor || ' has the role org:admin')
    union all
    select is(public.caller_has_permission('org:projects:manage'), may_manage, actor || ' has a permission')
    union all
    select is(
        public.caller_has_permission('org:projects:read'), false, actor || ' has no permission that the token lacks'
    )
$$;

-- Tests an actor without a membership of the active organization: six assertions.
create function pg_temp.is_nobody(actor text) returns setof text
language sql
as $$
    select * from pg_temp.reads(actor, '{}', '{}')
    union all
    select * from pg_temp.works_in(actor, null, false, false)
$$;

-- Requires that each write is denied: six assertions.
create function pg_temp.writes_are_denied(actor text) returns setof text
language sql
as $$
    select throws_ok(statement, '42501', 'permission denied for table ' || relation, actor || ' cannot ' || statement)
    from unnest(array['organizations', 'organization_memberships']) as relation,
        unnest(array[
            'insert into public.' || relation || ' default values',
            'update public.' || relation || ' set metadata = ''{}''',
            'delete from public.' || relation
        ]) as statement
$$;

---------------------------------------------------------------------------------------------------
-- Member
---------------------------------------------------------------------------------------------------

select pg_temp.act_in('user_pgtap_member', 'org_pgtap_one', 'member');
select * from pg_temp.reads('a member', array['One', 'Two'], array['member in gone', 'member in one', 'member in two']);
select * from pg_temp.works_in('a member', '00000000-0000-4000-8000-000000000001', false, true);
select * from pg_temp.writes_are_denied('a member');
select is(public.caller_has_role('member'), true, 'a role is compared with the prefix org: added');
select is(public.caller_has_permission('projects:manage'), true, 'a permission is compared with the prefix org: added');
select is(public.caller_has_role(null), false, 'a null role is not held');
select is(public.caller_has_permission(null), false, 'a null permission is not held');
select is(public.caller_has_role(''), false, 'an empty role is not held');

select pg_temp.act_in('user_pgtap_member', 'org_pgtap_two', 'admin');
select * from pg_temp.works_in('a member who switched', '00000000-0000-4000-8000-000000000002', true, true);

select pg_temp.act_as(
    'authenticated',
    '{"role": "authenticated", "sub": "user_pgtap_member", "org_id": "org_pgtap_one", "org_role": "org:member",
      "org_permissions": ["org:projects:manage"]}'
);
select * from pg_temp.works_in('a member by claims of version 1', '00000000-0000-4000-8000-000000000001', false, true);

-- Promoted to admin at Clerk before the webhook arrives, and demoted likewise.
select pg_temp.act_in('user_pgtap_member', 'org_pgtap_one', 'admin');
select * from pg_temp.works_in('a member promoted by the token', '00000000-0000-4000-8000-000000000001', false, true);
select pg_temp.act_in('user_pgtap_member', 'org_pgtap_two', 'member');
select * from pg_temp.works_in('an admin demoted by the token', '00000000-0000-4000-8000-000000000002', false, true);
select pg_temp.act_in('user_pgtap_other', 'org_pgtap_two', 'admin');
select * from pg_temp.works_in('an admin demoted by the table', '00000000-0000-4000-8000-000000000002', false, true);

---------------------------------------------------------------------------------------------------
-- Admin
---------------------------------------------------------------------------------------------------

select pg_temp.act_in('user_pgtap_admin', 'org_pgtap_one', 'admin');
select * from pg_temp.reads('an admin', array['One'], array['admin in one']);
select * from pg_temp.works_in('an admin', '00000000-0000-4000-8000-000000000001', true, true);
select * from pg_temp.writes_are_denied('an admin');
select is(public.caller_has_permission('org:sys_memberships:manage'), false, 'no token grants a system permission');

---------------------------------------------------------------------------------------------------
-- Not a member of the organization
---------------------------------------------------------------------------------------------------

-- The token was issued before the removal, and stays valid for up to a minute.
select pg_temp.act_in('user_pgtap_removed', 'org_pgtap_one', 'admin');
select * from pg_temp.is_nobody('a removed member');
select * from pg_temp.writes_are_denied('a removed member');

select pg_temp.act_in('user_pgtap_other', 'org_pgtap_one', 'admin');
select * from pg_temp.reads('a member of another organization', array['Two'], array['other in two']);
select * from pg_temp.works_in('a member of another organization', null, false, false);

select pg_temp.act_in('user_pgtap_member', 'org_pgtap_gone', 'admin');
select * from pg_temp.works_in('a member of a deleted organization', null, false, false);

select pg_temp.act_in('user_pgtap_member', null, null);
select * from pg_temp.works_in('a member without an active organization', null, false, false);
select * from pg_temp.reads(
    'a member without an active organization', array['One', 'Two'],
    array['member in gone', 'member in one', 'member in two']
);

select pg_temp.act_in('user_pgtap_member', 'org_pgtap_one', 'member', '{"o": null}');
select * from pg_temp.works_in('a token whose o is null', null, false, false);

select pg_temp.act_in('user_pgtap_member', 'org_pgtap_one', 'member', '{"o": null, "org_id": "org_pgtap_one"}');
select * from pg_temp.works_in('a token of version 2 with org_id', null, false, false);

select pg_temp.act_in('user_pgtap_nobody', 'org_pgtap_one', 'admin');
select * from pg_temp.is_nobody('a stranger without a row');

---------------------------------------------------------------------------------------------------
-- Pending session, deleted user
---------------------------------------------------------------------------------------------------

select pg_temp.act_in('user_pgtap_admin', 'org_pgtap_one', 'admin', '{"sts": "pending"}');
select * from pg_temp.is_nobody('a pending session');
select * from pg_temp.writes_are_denied('a pending session');

select pg_temp.act_in('user_pgtap_deleted', 'org_pgtap_one', 'admin');
select * from pg_temp.is_nobody('a deleted user');
select * from pg_temp.writes_are_denied('a deleted user');

---------------------------------------------------------------------------------------------------
-- Anonymous
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('anon', '{"role": "anon", "sub": "user_pgtap_admin", "v": 2, "o": {"id": "org_pgtap_one"}}');
select * from pg_temp.writes_are_denied('anonymous');
select throws_ok(statement, '42501', 'permission denied for ' || object, 'anonymous cannot ' || statement)
from (
    values
    ('select * from public.organizations', 'table organizations'),
    ('select * from public.organization_memberships', 'table organization_memberships'),
    ('select public.caller_organization_id()', 'function caller_organization_id'),
    ('select public.caller_has_role(''org:admin'')', 'function caller_has_role'),
    ('select public.caller_has_permission(''org:projects:manage'')', 'function caller_has_permission'),
    ('select * from clerk.caller_membership()', 'schema clerk')
) as statements (statement, object);

---------------------------------------------------------------------------------------------------
-- Service
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('service_role', '{"role": "service_role"}');
select * from pg_temp.works_in('the service', null, false, false);
select results_eq(
    'select name from public.organizations where clerk_organization_id like ''org_pgtap_%'' order by 1',
    array['Gone', 'One', 'Two'], 'the service reads every organization'
);
select lives_ok(
    'delete from public.organizations where clerk_organization_id = ''org_pgtap_one''',
    'the service deletes an organization'
);
select results_eq(
    $$ select clerk_membership_id from public.organization_memberships where clerk_membership_id like '% in %' order by 1 $$,
    array['member in gone', 'member in two', 'other in two'], 'deleting an organization deletes its memberships'
);

reset role;
select * from finish();
rollback;
