-- Example of a table whose rows belong to an organization, used by the function `projects`. Nothing else refers to it:
-- the bundle is complete without this migration and that function.
--
-- The database takes the organization and the author from the caller's token, never from the request: callers may write
-- name and description, and no other column. organization_id must stay not null.

create table public.projects (
    id uuid primary key default gen_random_uuid(),
    organization_id uuid not null default public.caller_organization_id(),
    created_by uuid default public.caller_user_id(),
    name text not null,
    description text not null default '',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint projects_organization_id_fkey
    foreign key (organization_id) references public.organizations (id) on delete cascade,
    constraint projects_created_by_fkey foreign key (created_by) references public.users (id) on delete set null,
    constraint projects_name_length check (char_length(name) between 1 and 200),
    constraint projects_description_length check (char_length(description) <= 1000)
);

-- Serves pages of an organization's projects, the newest first.
create index projects_organization_id_created_at_id_idx
on public.projects (organization_id, created_at desc, id desc);
-- Finds the projects of a deleted user.
create index projects_created_by_idx on public.projects (created_by);

alter table public.projects enable row level security;

revoke all on table public.projects from public, anon, authenticated, service_role;
grant select, delete on table public.projects to authenticated;
grant insert (name, description), update (name, description) on table public.projects to authenticated;
grant select, insert, update, delete on table public.projects to service_role;

create policy projects_select_members on public.projects for select to authenticated
using (organization_id = (select public.caller_organization_id()));

create policy projects_insert_members on public.projects for insert to authenticated
with check (organization_id = (select public.caller_organization_id()));

create policy projects_update_members on public.projects for update to authenticated
using (organization_id = (select public.caller_organization_id()))
with check (organization_id = (select public.caller_organization_id()));

create policy projects_delete_admins on public.projects for delete to authenticated
using (
    organization_id = (select public.caller_organization_id())
    and (select public.caller_has_role('org:admin'))
);

comment on policy projects_select_members on public.projects is 'A member reads the active organization''s projects.';
comment on policy projects_insert_members on public.projects is 'A member creates projects of the active organization.';
comment on policy projects_update_members on public.projects is
'A member changes the active organization''s projects, and cannot move them elsewhere.';
comment on policy projects_delete_admins on public.projects is
'An admin deletes the active organization''s projects.';

create function public.touch_projects() returns trigger
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    new.updated_at := now();
    return new;
end
$$;

revoke all on function public.touch_projects() from public, anon, authenticated, service_role;

comment on function public.touch_projects() is 'Trigger: sets updated_at to the time of the change.';

create trigger projects_before_update_touch before update on public.projects
for each row execute function public.touch_projects();

comment on table public.projects is 'Example: projects of an organization, shared by its members.';
comment on column public.projects.organization_id is 'The caller''s active organization when the project was created.';
comment on column public.projects.created_by is 'Who created the project, from the caller''s token; null after that user is deleted.';
