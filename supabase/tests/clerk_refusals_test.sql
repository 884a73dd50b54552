-- Tests clerk.refusals by actor: only the service role reads and writes it.

begin;

set local search_path = extensions;

-- Sets the role and the token's claims for the transaction, like a request of the Data API.
create function pg_temp.act_as(role text, claims jsonb) returns void
language sql
as $$
    select set_config('role', act_as.role, true), set_config('request.jwt.claims', act_as.claims::text, true)
$$;

select plan(28);

insert into clerk.refusals (user_id, type, code, detail, version, version_event) values
('user_pgtap_owner', 'user.updated', 'SCHEMA_REFUSED', '{"sqlstate": "23514"}', 1, 1);

create function pg_temp.everything_is_denied(actor text, message text) returns setof text
language sql
as $$
    select throws_ok(statement, '42501', message, actor || ' cannot ' || statement)
    from (
        values
        ('select * from clerk.refusals'),
        ('select user_id from clerk.refusals'),
        ('insert into clerk.refusals (user_id) values (''user_pgtap_new'')'),
        ('update clerk.refusals set attempts = 0'),
        ('delete from clerk.refusals')
    ) as statements (statement)
$$;

---------------------------------------------------------------------------------------------------
-- Owner
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "active"}');
select * from pg_temp.everything_is_denied('the owner', 'permission denied for table refusals');

---------------------------------------------------------------------------------------------------
-- Stranger
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_stranger", "sts": "active"}');
select * from pg_temp.everything_is_denied('a stranger', 'permission denied for table refusals');

select pg_temp.act_as('authenticated', '{"role": "authenticated"}');
select * from pg_temp.everything_is_denied('a token without sub', 'permission denied for table refusals');

---------------------------------------------------------------------------------------------------
-- Anonymous
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('anon', '{"role": "anon"}');
select * from pg_temp.everything_is_denied('anonymous', 'permission denied for schema clerk');

---------------------------------------------------------------------------------------------------
-- Pending session
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "pending"}');
select * from pg_temp.everything_is_denied('a pending session', 'permission denied for table refusals');

---------------------------------------------------------------------------------------------------
-- Service
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('service_role', '{"role": "service_role"}');
select results_eq(
    'select code from clerk.refusals where user_id = ''user_pgtap_owner''', array['SCHEMA_REFUSED'],
    'the service selects'
);
select lives_ok('update clerk.refusals set attempts = attempts + 1', 'the service updates');
select lives_ok('delete from clerk.refusals', 'the service deletes');

reset role;
select * from finish();
rollback;
