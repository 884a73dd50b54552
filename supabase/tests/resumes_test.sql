-- Tests public.resumes by actor: a caller reads its own resumes and writes their title and content. Belongs to the
-- example: remove it if you leave out create_resumes.sql.
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

select plan(58);

insert into public.users (id, clerk_user_id, deleted_at) values
('00000000-0000-4000-8000-00000000000a', 'user_pgtap_owner', null),
('00000000-0000-4000-8000-00000000000b', 'user_pgtap_stranger', null),
('00000000-0000-4000-8000-00000000000c', 'user_pgtap_deleted', now());

insert into public.resumes (user_id, title) values
('00000000-0000-4000-8000-00000000000a', 'the owner''s'),
('00000000-0000-4000-8000-00000000000b', 'the stranger''s'),
('00000000-0000-4000-8000-00000000000c', 'the deleted owner''s');

-- Returns the stored rows, read without the caller's role.
create function pg_temp.titles() returns text []
language sql
as $$
    select array_agg(title order by user_id, title) from public.resumes
    where user_id::text like '00000000-0000-4000-8000-00000000000_'
$$;

-- Tests a caller without a live row of its own: five assertions.
create function pg_temp.owns_nothing(actor text) returns setof text
language plpgsql
as $$
begin
    return next is_empty('select * from public.resumes', actor || ' reads nothing');
    return next throws_ok(
        'insert into public.resumes (title) values (''new'')', '42501',
        'new row violates row-level security policy for table "resumes"', actor || ' cannot insert'
    );
    return next lives_ok('update public.resumes set title = ''stolen''', actor || ' updates nothing');
    return next lives_ok('delete from public.resumes', actor || ' deletes nothing');
    reset role;
    return next is(
        pg_temp.titles(), array['the owner''s', 'the stranger''s', 'the deleted owner''s'],
        actor || ' has changed nothing'
    );
end
$$;

---------------------------------------------------------------------------------------------------
-- Pending session
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "pending"}');
select * from pg_temp.owns_nothing('a pending session');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "expired"}');
select * from pg_temp.owns_nothing('a session with any status except active');

---------------------------------------------------------------------------------------------------
-- Anonymous
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('anon', '{"role": "anon", "sub": "user_pgtap_owner"}');
select throws_ok(statement, '42501', 'permission denied for table resumes', 'anonymous cannot ' || statement)
from (
    values
    ('select * from public.resumes'),
    ('insert into public.resumes (title) values (''new'')'),
    ('update public.resumes set title = ''stolen'''),
    ('delete from public.resumes')
) as statements (statement);

---------------------------------------------------------------------------------------------------
-- Stranger
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_nobody", "sts": "active"}');
select * from pg_temp.owns_nothing('a stranger without a row');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": null}');
select * from pg_temp.owns_nothing('a token with a null sub');

select pg_temp.act_as('authenticated', '{"role": "authenticated"}');
select * from pg_temp.owns_nothing('a token without sub');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_stranger", "sts": "active"}');
select results_eq(
    'select title from public.resumes', array['the stranger''s'],
    'a stranger reads its own, not the owner''s'
);
select throws_ok(
    $$ insert into public.resumes (user_id, title) values ('00000000-0000-4000-8000-00000000000a', 'forged') $$,
    '42501', 'permission denied for table resumes',
    'a stranger cannot insert for the owner'
);
select lives_ok('update public.resumes set title = ''rewritten''', 'a stranger updates without a condition');
reset role;
select is(
    pg_temp.titles(), array['the owner''s', 'rewritten', 'the deleted owner''s'],
    'a stranger has updated only its own resumes'
);
set local role authenticated;
select lives_ok('delete from public.resumes', 'a stranger deletes without a condition');
reset role;
select is(
    pg_temp.titles(), array['the owner''s', 'the deleted owner''s'],
    'a stranger has deleted only its own resumes'
);
insert into public.resumes (user_id, title) values ('00000000-0000-4000-8000-00000000000b', 'the stranger''s');

---------------------------------------------------------------------------------------------------
-- Owner
---------------------------------------------------------------------------------------------------

-- Deleted at Clerk in delete mode soft, while the session token is still valid.
select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_deleted", "sts": "active"}');
select * from pg_temp.owns_nothing('a deleted owner');

select pg_temp.act_as('authenticated', '{"role": "authenticated", "sub": "user_pgtap_owner", "sts": "active"}');
select results_eq('select title from public.resumes', array['the owner''s'], 'the owner reads only its own resumes');
select lives_ok('insert into public.resumes (title, content) values (''new'', ''text'')', 'the owner inserts');
select results_eq(
    'select user_id from public.resumes where title = ''new''', array['00000000-0000-4000-8000-00000000000a'::uuid],
    'the owner''s insert belongs to the owner'
);
select throws_ok(statement, '42501', 'permission denied for table resumes', 'the owner cannot ' || statement)
from (
    values
    ('insert into public.resumes (user_id, title) values (public.caller_user_id(), ''new'')'),
    ('insert into public.resumes (id, title) values (gen_random_uuid(), ''new'')'),
    ('insert into public.resumes (created_at, title) values (now(), ''new'')'),
    ('update public.resumes set user_id = ''00000000-0000-4000-8000-00000000000b'''),
    ('update public.resumes set id = gen_random_uuid()'),
    ('update public.resumes set updated_at = now()')
) as statements (statement);
select lives_ok('update public.resumes set content = ''more'' where title = ''new''', 'the owner updates');
select results_eq(
    'select content from public.resumes where title = ''new''', array['more'],
    'the owner''s update is stored'
);
select lives_ok('delete from public.resumes where title = ''new''', 'the owner deletes');
reset role;
select is(
    pg_temp.titles(), array['the owner''s', 'the stranger''s', 'the deleted owner''s'],
    'the owner has deleted only the chosen resume'
);

---------------------------------------------------------------------------------------------------
-- Service
---------------------------------------------------------------------------------------------------

select pg_temp.act_as('service_role', '{"role": "service_role"}');
select is(
    pg_temp.titles(), array['the owner''s', 'the stranger''s', 'the deleted owner''s'],
    'the service reads every row'
);
select lives_ok(
    $$ insert into public.resumes (user_id, title) values ('00000000-0000-4000-8000-00000000000a', 'service''s') $$,
    'the service inserts for any user'
);
select lives_ok(
    $$ update public.resumes set title = 'changed' where user_id = '00000000-0000-4000-8000-00000000000b' $$,
    'the service updates'
);
select lives_ok(
    $$ delete from public.resumes where user_id = '00000000-0000-4000-8000-00000000000c' $$,
    'the service deletes'
);
select is(
    pg_temp.titles(), array['service''s', 'the owner''s', 'changed'],
    'the service''s writes are stored'
);

reset role;
select * from finish();
rollback;
