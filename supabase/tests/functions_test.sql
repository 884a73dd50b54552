-- Tests the bundle's functions in public and clerk: who can call them, and their results by actor. A function without a
-- row here fails; remove the row of an example's trigger if you leave out its migration.

begin;

set local search_path = extensions;

-- Sets the role and the token's claims for the transaction, like a request of the Data API.
create function pg_temp.act_as(role text, claims jsonb) returns void
language sql
as $$
    select set_config('role', act_as.role, true), set_config('request.jwt.claims', act_as.claims::text, true)
$$;

create temporary table expected (
    signature text, anon boolean, authenticated boolean, service_role boolean
) on commit drop;

insert into expected values
('public.apply_clerk_changes(jsonb)', false, false, true),
('public.apply_clerk_changes_of(text,jsonb)', false, false, true),
('public.bind_clerk_instance(text,text)', false, false, true),
('public.caller_deleted_at()', false, true, true),
('public.caller_has_permission(text)', false, true, true),
('public.caller_has_role(text)', false, true, true),
('public.caller_organization_id()', false, true, true),
('public.caller_user_id()', false, true, true),
('public.clerk_diagnosis()', false, false, true),
('public.clerk_instance()', false, false, true),
('public.clerk_status()', false, false, true),
('public.count_clerk_memberships(timestamp with time zone)', false, false, true),
('public.count_clerk_organizations(timestamp with time zone)', false, false, true),
('public.count_clerk_users(timestamp with time zone)', false, false, true),
('public.lease_reconcile(integer)', false, false, true),
('public.list_clerk_memberships(text,integer)', false, false, true),
('public.list_clerk_organizations(text,integer)', false, false, true),
('public.list_clerk_refusals(text,integer)', false, false, true),
('public.list_clerk_users(text,integer)', false, false, true),
('public.move_clerk_instance(text,text)', false, false, true),
('public.preview_clerk_changes(jsonb)', false, false, true),
('public.retry_clerk_deletions(integer)', false, false, true),
('public.retry_clerk_organizations(integer,text)', false, false, true),
('public.save_reconcile(uuid,jsonb,integer)', false, false, true),
('public.touch_projects()', false, false, false),
('public.touch_resumes()', false, false, false),
('clerk.active_organization_id(jsonb)', false, true, true),
('clerk.active_permissions(jsonb)', false, true, true),
('clerk.active_role(jsonb)', false, true, true),
('clerk.applied_migrations()', false, false, true),
('clerk.are_apart(clerk.change[])', false, false, true),
('clerk.base_columns()', false, false, true),
('clerk.caller_membership()', false, true, true),
('clerk.check_own_columns(jsonb)', false, false, true),
('clerk.claim_address(text,text,boolean,bigint,timestamp with time zone)', false, false, true),
('clerk.describe_failure(text,text,text,text,text,text)', false, false, true),
('clerk.end_membership(clerk.organization_change,text,text,timestamp with time zone)', false, false, true),
('clerk.find_moving_pairs(clerk.change[],clerk.organization_change[])', false, false, true),
('clerk.find_organization_problem(clerk.organization_change)', false, false, true),
('clerk.find_pair_states(clerk.pair[])', false, false, true),
('clerk.give_address(text,timestamp with time zone)', false, false, true),
('clerk.has_unique_username()', false, false, true),
('clerk.is_open_organization_refusal(clerk.refusals)', false, false, true),
('clerk.is_open_refusal(clerk.refusals)', false, false, true),
('clerk.is_passing(text)', false, false, true),
('clerk.join_outcomes(jsonb[],jsonb[],clerk.organization_change[])', false, false, true),
('clerk.judge_organization_change(clerk.organization_change,bigint)', false, false, true),
('clerk.keep_organization_event(clerk.organization_change)', false, false, true),
('clerk.lift_organization_tombstone(text[])', false, false, false),
('clerk.lift_tombstone(text[])', false, false, false),
('clerk.lock_organization_names(clerk.change[],clerk.organization_change[])', false, false, true),
('clerk.lock_pairs(clerk.change[],clerk.organization_change[])', false, false, true),
('clerk.note_organization_refusal(text,text,text,text,jsonb,bigint,bigint)', false, false, true),
('clerk.note_pair_refusal(clerk.pair,jsonb)', false, false, true),
('clerk.note_refusal(text,text,text,jsonb,bigint,bigint)', false, false, true),
('clerk.organization_features(text)', false, true, true),
('clerk.organization_key(text)', false, true, true),
('clerk.prune_messages(interval)', false, false, false),
('clerk.read_odd_change(jsonb)', false, false, true),
('clerk.read_odd_changes(jsonb)', false, false, true),
('clerk.read_organization_change(jsonb)', false, false, true),
('clerk.read_organization_changes(jsonb)', false, false, true),
('clerk.record_message(clerk.change,clerk.outcome)', false, false, true),
('clerk.record_organization_message(clerk.organization_change,clerk.outcome,text,jsonb)', false, false, true),
('clerk.refuse_change(clerk.change,text,jsonb)', false, false, true),
('clerk.refuse_organization_by_schema(clerk.organization_change,jsonb)', false, false, true),
('clerk.refuse_organization_change(clerk.organization_change,text,jsonb)', false, false, true),
('clerk.retry_membership(text)', false, false, true),
('clerk.settle_alone(clerk.change)', false, false, true),
('clerk.settle_blocked_deletion(clerk.change,jsonb)', false, false, true),
('clerk.settle_blocked_organization(clerk.organization_change,jsonb)', false, false, true),
('clerk.settle_changes(clerk.change[])', false, false, true),
('clerk.settle_deletion(clerk.change,uuid,text,boolean,timestamp with time zone)', false, false, true),
('clerk.settle_extras(clerk.change)', false, false, true),
('clerk.settle_members(text,text)', false, false, true),
('clerk.settle_members_of(clerk.change[],jsonb[])', false, false, true),
('clerk.settle_memberships(clerk.organization_change[])', false, false, true),
('clerk.settle_organization_alone(clerk.organization_change)', false, false, true),
('clerk.settle_organization_changes(clerk.organization_change[])', false, false, true),
('clerk.settle_organization_deletion(clerk.organization_change,uuid,boolean)', false, false, true),
('clerk.settle_organizations(clerk.organization_change[])', false, false, true),
('clerk.settle_organizations_alone(clerk.organization_change[])', false, false, true),
('clerk.settle_pairs(clerk.pair[])', false, false, true),
('clerk.settle_parent_pairs(clerk.pair[])', false, false, true),
('clerk.settle_special(clerk.change,text,uuid,text,timestamp with time zone,timestamp with time zone)', false, false, true),
('clerk.settle_times(clerk.change,timestamp with time zone)', false, false, true),
('clerk.text_claim(jsonb)', false, true, true),
('clerk.settle_with_organizations(clerk.change[],jsonb[],clerk.organization_change[])', false, false, true),
('clerk.store_membership(clerk.organization_change,timestamp with time zone)', false, false, true),
('clerk.without_organizations(clerk.change[],clerk.organization_change[])', false, false, true),
('clerk.write_organization(uuid,clerk.organization_change,timestamp with time zone)', false, false, true),
('clerk.write_row(uuid,clerk.change,text,boolean,timestamp with time zone,timestamp with time zone,timestamp with time zone)', false, false, true),
('clerk.write_row_and_own(uuid,clerk.change,text,boolean,timestamp with time zone,timestamp with time zone,timestamp with time zone)', false, false, true);

select plan(29 + 3 * count(*)::integer) from expected;

insert into public.users (id, clerk_user_id, deleted_at) values
('00000000-0000-4000-8000-00000000000a', 'user_pgtap_owner', null),
('00000000-0000-4000-8000-00000000000b', 'user_pgtap_stranger', null),
('00000000-0000-4000-8000-00000000000c', 'user_pgtap_deleted', '2026-01-02 03:04:05+00');

insert into clerk.users (user_id, deleted_at) values
('user_pgtap_owner', null),
('user_pgtap_stranger', null),
('user_pgtap_deleted', '2026-01-02 03:04:05+00');

---------------------------------------------------------------------------------------------------
-- Everyone
---------------------------------------------------------------------------------------------------

-- Skips objects of extensions.
create temporary view ours as
select oid, oid::regprocedure::text as signature, prosecdef, proconfig
from pg_proc
where pronamespace in ('public'::regnamespace, 'clerk'::regnamespace)
    and not exists (
        select from pg_depend
        where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e'
    );

select set_eq(
    'select signature from ours', 'select signature from expected',
    'every function has a row in this file'
);
select set_eq(
    'select signature from ours where prosecdef', array['clerk.applied_migrations()', 'clerk.caller_membership()'],
    'every function runs with its caller''s rights, except one that reads the Supabase CLI''s table and one for policies'
);
select is_empty(
    'select signature from ours where ''search_path=""'' <> all (coalesce(proconfig, ''{}''))',
    'every function pins its search path'
);

-- For a missing function has_function_privilege returns null, which fails.
select is(has_function_privilege('anon', to_regprocedure(signature), 'execute'), anon, 'anon and ' || signature)
from expected;

select is(
    has_function_privilege('authenticated', to_regprocedure(signature), 'execute'), authenticated,
    'authenticated and ' || signature
)
from expected;

select is(
    has_function_privilege('service_role', to_regprocedure(signature), 'execute'), service_role,
    'service_role and ' || signature
)
from expected;

---------------------------------------------------------------------------------------------------
-- Owner
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "active"}');
select is(public.caller_user_id(), '00000000-0000-4000-8000-00000000000a', 'the owner has its id');
select is(public.caller_deleted_at(), null, 'the owner is not deleted');
select throws_ok(
    'select public.apply_clerk_changes(''[]'')', '42501', 'permission denied for function apply_clerk_changes',
    'the owner cannot apply changes'
);
select throws_ok(
    'select clerk.lift_tombstone(''user_pgtap_owner'')', '42501', 'permission denied for function lift_tombstone',
    'the owner cannot lift a tombstone'
);
select throws_ok(
    'select clerk.prune_messages(''0 s'')', '42501', 'permission denied for function prune_messages',
    'the owner cannot prune the ledger'
);

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_deleted", "sts": "active"}');
select is(public.caller_user_id(), null, 'a deleted owner has no id');
select is(public.caller_deleted_at(), '2026-01-02 03:04:05+00', 'a deleted owner reads when it was deleted');

---------------------------------------------------------------------------------------------------
-- Stranger
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_stranger", "sts": "active"}');
select is(public.caller_user_id(), '00000000-0000-4000-8000-00000000000b', 'a stranger has its own id');
select is(public.caller_deleted_at(), null, 'a stranger is not deleted');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_nobody", "sts": "active"}');
select is(public.caller_user_id(), null, 'a stranger without a row has no id');
select is(public.caller_deleted_at(), null, 'a stranger without a row is not deleted');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": null}');
select is(public.caller_user_id(), null, 'a null sub has no id');

select pg_temp.act_as('authenticated', '{"role": "authenticated"}');
select is(public.caller_user_id(), null, 'a token without sub has no id');
select is(public.caller_deleted_at(), null, 'a token without sub reads no deletion');

---------------------------------------------------------------------------------------------------
-- Anonymous
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('anon', '{"role": "anon", "sub": "user_pgtap_owner"}');
select throws_ok(
    'select public.caller_user_id()', '42501', 'permission denied for function caller_user_id',
    'anonymous cannot ask for its id'
);
select throws_ok(
    'select public.caller_deleted_at()', '42501', 'permission denied for function caller_deleted_at',
    'anonymous cannot ask whether it is deleted'
);
select throws_ok(
    'select public.apply_clerk_changes(''[]'')', '42501', 'permission denied for function apply_clerk_changes',
    'anonymous cannot apply changes'
);
select throws_ok(
    'select clerk.base_columns()', '42501', 'permission denied for schema clerk',
    'anonymous cannot call into schema clerk'
);

---------------------------------------------------------------------------------------------------
-- Pending session
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "pending"}');
select is(public.caller_user_id(), null, 'a pending session has no id');
select throws_ok(
    'select public.apply_clerk_changes(''[]'')', '42501', 'permission denied for function apply_clerk_changes',
    'a pending session cannot apply changes'
);

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_deleted", "sts": "pending"}');
select is(public.caller_deleted_at(), null, 'a pending session cannot read that it is deleted');

---------------------------------------------------------------------------------------------------
-- Service
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('service_role', '{"role": "service_role"}');
select is(public.apply_clerk_changes('[]'), '[]', 'the service applies changes');
select is(public.caller_user_id(), null, 'the service has no user id');
select is(public.caller_deleted_at(), null, 'the service is not deleted');
select throws_ok(
    'select clerk.lift_tombstone(''user_pgtap_deleted'')', '42501', 'permission denied for function lift_tombstone',
    'the service cannot lift a tombstone: that is the database owner''s'
);
select throws_ok(
    'select clerk.prune_messages(''0 s'')', '42501', 'permission denied for function prune_messages',
    'the service cannot prune the ledger: that is the database owner''s'
);

reset role;
select * from finish();
rollback;
