-- Tells a caller that its own user was deleted at Clerk, so that an answer can say so while the session token
-- lives on. It runs as the caller: row level security and a grant of two columns are what it can see.

grant usage on schema clerk to authenticated;
grant select (user_id, deleted_at) on table clerk.users to authenticated;

create policy users_select_own on clerk.users
for select to authenticated
using (
    ((select auth.jwt()) ->> 'sub') = user_id
    and coalesce((select auth.jwt()) ->> 'sts', 'active') = 'active'
);

comment on policy users_select_own on clerk.users is 'A caller may learn whether its own user is deleted.';

create function public.caller_deleted_at() returns timestamptz
language sql stable
security invoker
set search_path = ''
as $$
    select deleted_at from clerk.users where user_id = (select auth.jwt()) ->> 'sub'
$$;

revoke all on function public.caller_deleted_at() from public, anon, authenticated, service_role;
grant execute on function public.caller_deleted_at() to authenticated, service_role;

comment on function public.caller_deleted_at() is 'When the caller''s own user was deleted at Clerk; null for a live one.';
