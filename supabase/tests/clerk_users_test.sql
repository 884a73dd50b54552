-- Tests clerk.users by actor: a caller reads from its own row only whether its user is deleted.

begin;

set local search_path = extensions;

-- Sets the role and the token's claims for the transaction, like a request of the Data API.
create function pg_temp.act_as(role text, claims jsonb) returns void
language sql
as $$
    select set_config('role', act_as.role, true), set_config('request.jwt.claims', act_as.claims::text, true)
$$;

select plan(35);

insert into clerk.users (user_id, email_address, deleted_at) values
('user_pgtap_owner', 'owner@pgtap.example', null),
('user_pgtap_stranger', 'stranger@pgtap.example', null),
('user_pgtap_deleted', null, '2026-01-02 03:04:05+00');

-- Requires that each write is denied. The message distinguishes a missing grant from a refusing policy.
create function pg_temp.writes_are_denied(actor text, message text) returns setof text
language sql
as $$
    select throws_ok(statement, '42501', message, actor || ' cannot ' || statement)
    from (
        values
        ('insert into clerk.users (user_id) values (''user_pgtap_new'')'),
        ('insert into clerk.users default values'),
        ('update clerk.users set deleted_at = null'),
        ('delete from clerk.users')
    ) as statements (statement)
$$;

---------------------------------------------------------------------------------------------------
-- Owner
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "active"}');
select results_eq(
    'select user_id, deleted_at from clerk.users',
    $$ values ('user_pgtap_owner', null::timestamptz) $$,
    'the owner reads its own row and no other'
);
select throws_ok(
    'select * from clerk.users', '42501', 'permission denied for table users',
    'the owner cannot read every column'
);
select throws_ok(
    'select email_address from clerk.users', '42501', 'permission denied for table users',
    'the owner cannot read the address that it claims'
);
select throws_ok(
    'select user_id from clerk.users where email_verified', '42501', 'permission denied for table users',
    'the owner cannot filter by a column that it cannot read'
);
select * from pg_temp.writes_are_denied('the owner', 'permission denied for table users');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner"}');
select results_eq(
    'select user_id from clerk.users', array['user_pgtap_owner'],
    'a token without sts counts as an active session'
);

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_deleted", "sts": "active"}');
select results_eq(
    'select user_id, deleted_at from clerk.users',
    $$ values ('user_pgtap_deleted', '2026-01-02 03:04:05+00'::timestamptz) $$,
    'a deleted owner reads when it was deleted'
);

---------------------------------------------------------------------------------------------------
-- Stranger
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_stranger", "sts": "active"}');
select results_eq(
    'select user_id from clerk.users', array['user_pgtap_stranger'],
    'a stranger reads its own row, not the owner''s'
);
select * from pg_temp.writes_are_denied('a stranger', 'permission denied for table users');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_nobody"}');
select is_empty('select user_id from clerk.users', 'a stranger without a row reads nothing');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": null}');
select is_empty('select user_id from clerk.users', 'a null sub reads nothing');

select pg_temp.act_as('authenticated', '{"role": "authenticated"}');
select is_empty('select user_id from clerk.users', 'a token without sub reads nothing');

select set_config('request.jwt.claims', '', true);
select is_empty('select user_id from clerk.users', 'a role without claims reads nothing');

---------------------------------------------------------------------------------------------------
-- Anonymous
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('anon', '{"role": "anon", "sub": "user_pgtap_owner"}');
select throws_ok(
    'select user_id from clerk.users', '42501', 'permission denied for schema clerk',
    'anonymous cannot select'
);
select * from pg_temp.writes_are_denied('anonymous', 'permission denied for schema clerk');

---------------------------------------------------------------------------------------------------
-- Pending session
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "pending"}');
select is_empty('select user_id from clerk.users', 'a pending session reads nothing, its own row included');
select * from pg_temp.writes_are_denied('a pending session', 'permission denied for table users');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_deleted", "sts": "pending"}');
select is_empty('select user_id from clerk.users', 'a pending session cannot read the deletion');

---------------------------------------------------------------------------------------------------
-- Service
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('service_role', '{"role": "service_role"}');
select results_eq(
    'select user_id, email_address from clerk.users where user_id like ''user_pgtap_%'' order by 1',
    $$
        values
        ('user_pgtap_deleted', null),
        ('user_pgtap_owner', 'owner@pgtap.example'),
        ('user_pgtap_stranger', 'stranger@pgtap.example')
    $$,
    'the service reads every row and column'
);
select lives_ok('insert into clerk.users (user_id) values (''user_pgtap_new'')', 'the service inserts');
select lives_ok(
    'update clerk.users set version = 7 where user_id = ''user_pgtap_new''',
    'the service updates'
);
select results_eq(
    'select version from clerk.users where user_id = ''user_pgtap_new''', array[7::bigint],
    'the service''s writes are stored'
);
select throws_ok(
    'delete from clerk.users', '42501', 'permission denied for table users',
    'the service cannot delete: a tombstone stays'
);

reset role;
select * from finish();
rollback;
