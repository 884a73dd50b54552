-- Example of an app's own table, used by the function `resumes`. Nothing else refers to it: the bundle is complete
-- without this migration and that function.
--
-- The database takes the owner from the caller's token, never from the request: callers may write title and content,
-- and no other column.

create table public.resumes (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null default public.caller_user_id(),
    title text not null,
    content text not null default '',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint resumes_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
    constraint resumes_title_length check (char_length(title) between 1 and 200),
    constraint resumes_content_length check (char_length(content) <= 100000)
);

-- Serves pages of a caller's resumes, the newest first.
create index resumes_user_id_created_at_id_idx on public.resumes (user_id, created_at desc, id desc);

alter table public.resumes enable row level security;

revoke all on table public.resumes from public, anon, authenticated, service_role;
grant select, delete on table public.resumes to authenticated;
grant insert (title, content), update (title, content) on table public.resumes to authenticated;
grant select, insert, update, delete on table public.resumes to service_role;

create policy resumes_select_own on public.resumes for select to authenticated
using (user_id = (select public.caller_user_id()));

create policy resumes_insert_own on public.resumes for insert to authenticated
with check (user_id = (select public.caller_user_id()));

create policy resumes_update_own on public.resumes for update to authenticated
using (user_id = (select public.caller_user_id()))
with check (user_id = (select public.caller_user_id()));

create policy resumes_delete_own on public.resumes for delete to authenticated
using (user_id = (select public.caller_user_id()));

comment on policy resumes_select_own on public.resumes is 'A caller reads its own resumes.';
comment on policy resumes_insert_own on public.resumes is 'A caller creates resumes of its own.';
comment on policy resumes_update_own on public.resumes is 'A caller changes its own resumes, and cannot reassign them.';
comment on policy resumes_delete_own on public.resumes is 'A caller deletes its own resumes.';

create function public.touch_resumes() returns trigger
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    new.updated_at := now();
    return new;
end
$$;

revoke all on function public.touch_resumes() from public, anon, authenticated, service_role;

comment on function public.touch_resumes() is 'Trigger: sets updated_at to the time of the change.';

create trigger resumes_before_update_touch before update on public.resumes
for each row execute function public.touch_resumes();

comment on table public.resumes is 'Example: resumes of the signed-in users.';
comment on column public.resumes.user_id is 'The owner, from the caller''s token.';
