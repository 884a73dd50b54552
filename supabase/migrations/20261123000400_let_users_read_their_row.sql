-- A signed-in caller reads its own live row and nothing else; nobody but the service role writes.
-- Clerk's user ids are no uuids, so auth.uid() would raise an error: identity is the sub claim as text.
-- auth.jwt() stands in a select of its own so that it is evaluated once per query, not once per row.
-- A session that is pending has not finished signing in (a task such as choosing an organization is left); tokens
-- without the claim are of active sessions.

grant select on table public.users to authenticated;

create policy users_select_own on public.users
for select to authenticated
using (
    ((select auth.jwt()) ->> 'sub') = clerk_user_id
    and coalesce((select auth.jwt()) ->> 'sts', 'active') = 'active'
    and deleted_at is null
);

comment on policy users_select_own on public.users is
'A caller reads its own live row: the sub claim of its Clerk session token is clerk_user_id.';
