-- Tests clerk.instance by actor: only the service role reads and writes it, and it has at most one row.

begin;

set local search_path = extensions;

-- Sets the role and the token's claims for the transaction, like a request of the Data API.
create function pg_temp.act_as(role text, claims jsonb) returns void
language sql
as $$
    select set_config('role', act_as.role, true), set_config('request.jwt.claims', act_as.claims::text, true)
$$;

select plan(29);

insert into clerk.instance (instance_id, bound_by) values ('ins_pgtap', 'webhook');

create function pg_temp.everything_is_denied(actor text, message text) returns setof text
language sql
as $$
    select throws_ok(statement, '42501', message, actor || ' cannot ' || statement)
    from (
        values
        ('select * from clerk.instance'),
        ('select instance_id from clerk.instance'),
        ('insert into clerk.instance (instance_id, bound_by) values (''ins_new'', ''webhook'')'),
        ('update clerk.instance set instance_id = ''ins_new'''),
        ('delete from clerk.instance')
    ) as statements (statement)
$$;

---------------------------------------------------------------------------------------------------
-- Owner
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "active"}');
select * from pg_temp.everything_is_denied('the owner', 'permission denied for table instance');

---------------------------------------------------------------------------------------------------
-- Stranger
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_stranger", "sts": "active"}');
select * from pg_temp.everything_is_denied('a stranger', 'permission denied for table instance');

select pg_temp.act_as('authenticated', '{"role": "authenticated"}');
select * from pg_temp.everything_is_denied('a token without sub', 'permission denied for table instance');

---------------------------------------------------------------------------------------------------
-- Anonymous
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('anon', '{"role": "anon"}');
select * from pg_temp.everything_is_denied('anonymous', 'permission denied for schema clerk');

---------------------------------------------------------------------------------------------------
-- Pending session
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "pending"}');
select * from pg_temp.everything_is_denied('a pending session', 'permission denied for table instance');

---------------------------------------------------------------------------------------------------
-- Service
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('service_role', '{"role": "service_role"}');
select results_eq('select instance_id from clerk.instance', array['ins_pgtap'], 'the service selects');
select lives_ok('update clerk.instance set moved_from = ''ins_old''', 'the service updates');
select throws_ok(
    'insert into clerk.instance (instance_id, bound_by) values (''ins_new'', ''webhook'')', '23505',
    'duplicate key value violates unique constraint "instance_pkey"', 'the table holds at most one instance'
);
select throws_ok(
    'delete from clerk.instance', '42501', 'permission denied for table instance',
    'the service cannot unbind the database'
);

reset role;
select * from finish();
rollback;
