-- Clerk users who sign up by phone, username or wallet have no address, and refusing them would lose them.
-- The column stays unique: an address that several users claim belongs to one of them at a time, and the
-- others' email is null (see apply_clerk_changes).

alter table public.users alter column email drop not null;

comment on column public.users.email is
'The primary address at Clerk; null where there is none, or where another user''s claim to it ranks first.';
