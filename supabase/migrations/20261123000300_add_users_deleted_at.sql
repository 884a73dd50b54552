-- Soft delete (CLERK_DELETE_MODE=soft): the row of a user deleted at Clerk stays, without its address, and
-- is hidden from clients. In the default mode, hard, the row goes and the column is always null.

alter table public.users add column deleted_at timestamptz;

comment on column public.users.deleted_at is
'When Clerk deleted the user, in delete mode soft; null for a live user.';
