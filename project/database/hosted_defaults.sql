-- The hosted platform's default privileges: whatever is made in public later belongs to every API role too.
-- Migrations must hold with these and without, so tests apply them to a database with and to one without.

alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
