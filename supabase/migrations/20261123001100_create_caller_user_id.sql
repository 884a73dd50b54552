-- The caller's row, for the app's own tables: as the default of an owner column, and in policies. It runs as the
-- caller, so what users_select_own hides (a deleted user, a pending session) is null here too.

create function public.caller_user_id() returns uuid
language sql stable
security invoker
set search_path = ''
as $$
    select id from public.users where clerk_user_id = (select auth.jwt()) ->> 'sub'
$$;

revoke all on function public.caller_user_id() from public, anon, authenticated, service_role;
grant execute on function public.caller_user_id() to authenticated, service_role;

comment on function public.caller_user_id() is 'The id of the caller''s row in public.users; null for whoever has none.';
