-- The hosted platform's default privileges, which grant new objects in public to every API role.
-- Migrations must be safe with and without them, so tests apply the migrations to both kinds of database.

alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
