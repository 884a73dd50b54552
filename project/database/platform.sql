-- The Supabase platform's set-up before the first migration, as far as this project's SQL depends on it:
-- the roles of the Data API, the auth schema with its token helpers, and the extensions schema.
-- It can run again, in several databases of one server at the same time.

do $$
declare
    role_name text;
begin
    foreach role_name in array array['anon', 'authenticated', 'service_role', 'authenticator'] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I nologin noinherit', role_name);
        end if;
    end loop;
    -- Databases share their server's roles: two that alter a role at the same time fail.
    if not exists (select from pg_roles where rolname = 'service_role' and rolbypassrls) then
        alter role service_role bypassrls;
    end if;
end
$$;

grant anon, authenticated, service_role to authenticator;

create schema if not exists extensions;
create schema if not exists auth;

grant usage on schema public, auth, extensions to anon, authenticated, service_role;

-- The claims of the request's token, which the Data API sets in each transaction.
create or replace function auth.jwt() returns jsonb
language sql stable
as $$
    select nullif(current_setting('request.jwt.claims', true), '')::jsonb
$$;

-- Included so that a policy that uses it fails on Clerk's ids, as on the platform.
create or replace function auth.uid() returns uuid
language sql stable
as $$
    select (auth.jwt() ->> 'sub')::uuid
$$;

create or replace function auth.role() returns text
language sql stable
as $$
    select auth.jwt() ->> 'role'
$$;
