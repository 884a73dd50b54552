-- Tests public.users by actor: a caller reads its own live row, and only the service role writes.

begin;

set local search_path = extensions;

-- Sets the role and the token's claims for the transaction, like a request of the Data API.
create function pg_temp.act_as(role text, claims jsonb) returns void
language sql
as $$
    select set_config('role', act_as.role, true), set_config('request.jwt.claims', act_as.claims::text, true)
$$;

select plan(45);

insert into public.users (clerk_user_id, email, deleted_at) values
('user_pgtap_owner', 'owner@pgtap.example', null),
('user_pgtap_stranger', 'stranger@pgtap.example', null),
('user_pgtap_deleted', null, now());

-- Requires that each write is denied. The message distinguishes a missing grant from a refusing policy.
create function pg_temp.writes_are_denied(actor text) returns setof text
language sql
as $$
    select throws_ok(statement, '42501', 'permission denied for table users', actor || ' cannot ' || statement)
    from (
        values
        ('insert into public.users (clerk_user_id) values (''user_pgtap_new'')'),
        ('update public.users set first_name = ''Eve'''),
        ('delete from public.users')
    ) as statements (statement)
$$;

---------------------------------------------------------------------------------------------------
-- Owner
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "active"}');

select results_eq(
    'select clerk_user_id from public.users', array['user_pgtap_owner'],
    'the owner reads only its own row'
);
select results_eq(
    'select email from public.users', array['owner@pgtap.example'],
    'the owner reads its address'
);
select * from pg_temp.writes_are_denied('the owner');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner"}');
select results_eq(
    'select clerk_user_id from public.users', array['user_pgtap_owner'],
    'a token without sts counts as an active session'
);

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": null}');
select results_eq(
    'select clerk_user_id from public.users', array['user_pgtap_owner'],
    'a token with a null sts counts as an active session'
);

-- Deleted at Clerk in delete mode soft, while the session token is still valid.
select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_deleted", "sts": "active"}');
select is_empty('select * from public.users', 'a deleted owner reads nothing, its own row included');
select * from pg_temp.writes_are_denied('a deleted owner');

---------------------------------------------------------------------------------------------------
-- Stranger
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_stranger", "sts": "active"}');
select results_eq(
    'select clerk_user_id from public.users', array['user_pgtap_stranger'],
    'a stranger reads its own row, not the owner''s'
);
select is_empty(
    'select * from public.users where clerk_user_id = ''user_pgtap_owner''',
    'a stranger cannot read the owner''s row'
);
select * from pg_temp.writes_are_denied('a stranger');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_nobody", "sts": "active"}');
select is_empty('select * from public.users', 'a stranger without a row reads nothing');
select * from pg_temp.writes_are_denied('a stranger without a row');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "USER_PGTAP_OWNER"}');
select is_empty('select * from public.users', 'a sub with different letter case is another user');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": ""}');
select is_empty('select * from public.users', 'an empty sub reads nothing');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": null}');
select is_empty('select * from public.users', 'a null sub reads nothing');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "user_id": "user_pgtap_owner"}');
select is_empty('select * from public.users', 'a token without sub reads nothing, despite other claims');
select * from pg_temp.writes_are_denied('a token without sub');

select set_config('request.jwt.claims', '', true);
select is_empty('select * from public.users', 'a role without claims reads nothing');

---------------------------------------------------------------------------------------------------
-- Anonymous
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('anon', '{"role": "anon"}');
select throws_ok(
    'select * from public.users', '42501', 'permission denied for table users',
    'anonymous cannot select'
);
select * from pg_temp.writes_are_denied('anonymous');

select pg_temp.act_as('anon', '{"role": "anon", "sub": "user_pgtap_owner", "sts": "active"}');
select throws_ok(
    'select * from public.users', '42501', 'permission denied for table users',
    'anonymous cannot select even with the owner''s sub'
);

---------------------------------------------------------------------------------------------------
-- Pending session
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "pending"}');
select is_empty('select * from public.users', 'a pending session reads nothing, its own row included');
select * from pg_temp.writes_are_denied('a pending session');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "expired"}');
select is_empty('select * from public.users', 'a session with any status except active reads nothing');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": ""}');
select is_empty('select * from public.users', 'an empty status is not active');

---------------------------------------------------------------------------------------------------
-- Service
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('service_role', '{"role": "service_role"}');
select results_eq(
    'select clerk_user_id from public.users where clerk_user_id like ''user_pgtap_%'' order by 1',
    array['user_pgtap_deleted', 'user_pgtap_owner', 'user_pgtap_stranger'],
    'the service reads every row, including deleted ones'
);
select results_eq(
    'select first_name from public.users where clerk_user_id = ''user_pgtap_owner''', array[null::text],
    'no earlier write has succeeded'
);
select lives_ok(
    'insert into public.users (clerk_user_id) values (''user_pgtap_new'')',
    'the service inserts'
);
select lives_ok(
    'update public.users set first_name = ''Ada'' where clerk_user_id = ''user_pgtap_owner''',
    'the service updates'
);
select lives_ok(
    'delete from public.users where clerk_user_id = ''user_pgtap_stranger''',
    'the service deletes'
);
select results_eq(
    'select clerk_user_id, first_name from public.users where clerk_user_id like ''user_pgtap_%'' order by 1',
    $$
        values
        ('user_pgtap_deleted', null),
        ('user_pgtap_new', null),
        ('user_pgtap_owner', 'Ada')
    $$,
    'the service''s writes are stored'
);

reset role;
select * from finish();
rollback;
