-- Tests clerk.messages by actor: only the service role reads and writes the ledger, and it cannot delete rows.

begin;

set local search_path = extensions;

-- Sets the role and the token's claims for the transaction, like a request of the Data API.
create function pg_temp.act_as(role text, claims jsonb) returns void
language sql
as $$
    select set_config('role', act_as.role, true), set_config('request.jwt.claims', act_as.claims::text, true)
$$;

select plan(30);

insert into clerk.messages (message_id, type, user_id, outcome) values
('msg_pgtap_owner', 'user.updated', 'user_pgtap_owner', 'updated');

create function pg_temp.everything_is_denied(actor text, message text) returns setof text
language sql
as $$
    select throws_ok(statement, '42501', message, actor || ' cannot ' || statement)
    from (
        values
        ('select * from clerk.messages'),
        ('select message_id from clerk.messages'),
        ('insert into clerk.messages (message_id, outcome) values (''msg_pgtap_new'', ''created'')'),
        ('update clerk.messages set outcome = ''stale'''),
        ('delete from clerk.messages')
    ) as statements (statement)
$$;

---------------------------------------------------------------------------------------------------
-- Owner
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "active"}');
select * from pg_temp.everything_is_denied('the owner', 'permission denied for table messages');

---------------------------------------------------------------------------------------------------
-- Stranger
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_stranger", "sts": "active"}');
select * from pg_temp.everything_is_denied('a stranger', 'permission denied for table messages');

select pg_temp.act_as('authenticated', '{"role": "authenticated"}');
select * from pg_temp.everything_is_denied('a token without sub', 'permission denied for table messages');

---------------------------------------------------------------------------------------------------
-- Anonymous
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('anon', '{"role": "anon"}');
select * from pg_temp.everything_is_denied('anonymous', 'permission denied for schema clerk');

---------------------------------------------------------------------------------------------------
-- Pending session
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "pending"}');
select * from pg_temp.everything_is_denied('a pending session', 'permission denied for table messages');

---------------------------------------------------------------------------------------------------
-- Service
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('service_role', '{"role": "service_role"}');
select results_eq(
    'select outcome from clerk.messages where message_id = ''msg_pgtap_owner''', array['updated'::clerk.outcome],
    'the service selects'
);
select lives_ok(
    'insert into clerk.messages (message_id, outcome) values (''msg_pgtap_new'', ''created'')',
    'the service inserts'
);
select lives_ok(
    'update clerk.messages set outcome = ''stale'' where message_id = ''msg_pgtap_new''',
    'the service updates'
);
select results_eq(
    'select outcome from clerk.messages where message_id = ''msg_pgtap_new''', array['stale'::clerk.outcome],
    'the service''s writes are stored'
);
select throws_ok(
    'delete from clerk.messages', '42501', 'permission denied for table messages',
    'the service cannot delete: retention is the database owner''s'
);

reset role;
select * from finish();
rollback;
