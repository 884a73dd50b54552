-- Adds what Clerk's users need beyond the specification, and the policy that lets a signed-in caller read its own row.

-- Clerk users who sign up by phone, username or wallet have no address, and must not be rejected for that. The column
-- stays unique: if several users claim an address, one of them holds it at a time, and the others' email is null (see
-- clerk.claim_address).
alter table public.users alter column email drop not null;

comment on column public.users.email is
'The primary address at Clerk; null if there is none, or if another user''s claim to it ranks first.';

-- Whether Clerk has verified the address in the row. An address is not an identity: anyone can sign up with someone
-- else's address and never verify it. An app that finds users by address must check this column as well.
alter table public.users add column email_verified boolean not null default false;

comment on column public.users.email_verified is
'Whether the user has proved at Clerk that email is theirs; false if email is null.';

-- Soft delete (CLERK_DELETE_MODE=soft): the row of a user deleted at Clerk stays, without its address, and is hidden
-- from clients. In the default mode, hard, the row is deleted, so this column is always null.
alter table public.users add column deleted_at timestamptz;

comment on column public.users.deleted_at is
'When Clerk deleted the user, in delete mode soft; null for a live user.';

-- Leaves room on each page for the next version of a row, so that a changed name does not touch the indexes.
alter table public.users set (fillfactor = 80);

-- A signed-in caller reads its own live row and nothing else; only the service role writes. Clerk's user ids are not
-- uuids, so auth.uid() would raise an error: the policy compares the sub claim as text. auth.jwt() is wrapped in a
-- select, so that it is evaluated once per query instead of once per row. A pending session has not finished signing in
-- (a task such as choosing an organization remains); tokens without the sts claim belong to active sessions.
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

-- Returns the id of the caller's row, for the app's own tables: as the default of an owner column, and in policies. It
-- is null for a deleted user and for a pending session, even if another policy of the project shows them rows.
-- In plpgsql, whose plan lasts for a connection: as a function in SQL, which each query plans again, it takes 3.7 times
-- as many instructions.
create function public.caller_user_id() returns uuid
language plpgsql stable
security invoker
set search_path = ''
as $$
declare
    claims constant jsonb := auth.jwt();
begin
    return (
        select id from public.users
        where clerk_user_id = claims ->> 'sub' and deleted_at is null
            and coalesce(claims ->> 'sts', 'active') = 'active'
    );
end
$$;

revoke all on function public.caller_user_id() from public, anon, authenticated, service_role;
grant execute on function public.caller_user_id() to authenticated, service_role;

comment on function public.caller_user_id() is 'The id of the caller''s row in public.users; null if it has none.';
