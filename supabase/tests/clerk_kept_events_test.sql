-- Tests clerk.kept_events by actor: only the service role reads it, and only the owner removes events.

begin;

set local search_path = extensions;

-- Sets the role and the token's claims for the transaction, like a request of the Data API.
create function pg_temp.act_as(role text, claims jsonb) returns void
language sql
as $$
    select set_config('role', act_as.role, true), set_config('request.jwt.claims', act_as.claims::text, true)
$$;

select plan(29);

insert into clerk.kept_events (message_id, type, data) values
('msg_pgtap_owner', 'email.created', '{}');

create function pg_temp.everything_is_denied(actor text, message text) returns setof text
language sql
as $$
    select throws_ok(statement, '42501', message, actor || ' cannot ' || statement)
    from (
        values
        ('select * from clerk.kept_events'),
        ('select message_id from clerk.kept_events'),
        ('insert into clerk.kept_events (message_id, type, data) values (''msg_pgtap_new'', ''email.created'', ''{}'')'),
        ('update clerk.kept_events set type = ''email.sent'''),
        ('delete from clerk.kept_events')
    ) as statements (statement)
$$;

---------------------------------------------------------------------------------------------------
-- Owner
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "active"}');
select * from pg_temp.everything_is_denied('the owner', 'permission denied for table kept_events');

---------------------------------------------------------------------------------------------------
-- Stranger
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_stranger", "sts": "active"}');
select * from pg_temp.everything_is_denied('a stranger', 'permission denied for table kept_events');

select pg_temp.act_as('authenticated', '{"role": "authenticated"}');
select * from pg_temp.everything_is_denied('a token without sub', 'permission denied for table kept_events');

---------------------------------------------------------------------------------------------------
-- Anonymous
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('anon', '{"role": "anon"}');
select * from pg_temp.everything_is_denied('anonymous', 'permission denied for schema clerk');

---------------------------------------------------------------------------------------------------
-- Pending session
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "pending"}');
select * from pg_temp.everything_is_denied('a pending session', 'permission denied for table kept_events');

---------------------------------------------------------------------------------------------------
-- Service
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('service_role', '{"role": "service_role"}');
select results_eq(
    'select type from clerk.kept_events where message_id = ''msg_pgtap_owner''', array['email.created'],
    'the service selects'
);
select lives_ok(
    'insert into clerk.kept_events (message_id, type, data) values (''msg_pgtap_new'', ''email.created'', ''{}'')',
    'the service inserts'
);
select throws_ok(
    'update clerk.kept_events set type = ''email.sent''', '42501', 'permission denied for table kept_events',
    'the service cannot change kept events'
);
select throws_ok(
    'delete from clerk.kept_events', '42501', 'permission denied for table kept_events',
    'the service cannot delete: retention is the database owner''s'
);

reset role;
select * from finish();
rollback;
