-- Clerk's organizations and their members, for apps whose data belongs to a tenant. Both tables stay empty in a project
-- without organizations.

create table public.organizations (
    id uuid primary key default gen_random_uuid(),
    clerk_organization_id text unique not null,
    name text not null,
    slug text,
    image_url text,
    metadata jsonb not null default '{}'::jsonb,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz
);

alter table public.organizations enable row level security;

revoke all on table public.organizations from public, anon, authenticated, service_role;
grant select on table public.organizations to authenticated;
grant select, insert, update, delete on table public.organizations to service_role;

comment on table public.organizations is
'Organizations of this project, mirrored from Clerk. Written by apply_clerk_changes() only.';
comment on column public.organizations.clerk_organization_id is 'Clerk''s organization id (org_…).';
comment on column public.organizations.slug is 'For display only. Not unique: Clerk lets a slug change and be used again.';
comment on column public.organizations.image_url is 'Clerk''s image_url.';
comment on column public.organizations.metadata is 'Clerk''s public_metadata. Private metadata is never stored.';
comment on column public.organizations.created_at is 'When the organization was created, by Clerk''s clock.';
comment on column public.organizations.updated_at is 'Clerk''s time of the last change that touched this row.';
comment on column public.organizations.deleted_at is
'When Clerk deleted the organization, in delete mode soft; null for a live one.';

-- A row here is a right, so it exists only while its user, its organization and the membership itself are live. It is
-- never hidden instead: delete mode soft removes it too.
create table public.organization_memberships (
    id uuid primary key default gen_random_uuid(),
    clerk_membership_id text unique not null,
    organization_id uuid not null,
    user_id uuid not null,
    role text not null,
    metadata jsonb not null default '{}'::jsonb,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint organization_memberships_organization_id_fkey
    foreign key (organization_id) references public.organizations (id) on delete cascade,
    constraint organization_memberships_user_id_fkey
    foreign key (user_id) references public.users (id) on delete cascade,
    constraint organization_memberships_organization_id_user_id_key unique (organization_id, user_id)
);

create index organization_memberships_user_id_idx on public.organization_memberships (user_id);

alter table public.organization_memberships enable row level security;

revoke all on table public.organization_memberships from public, anon, authenticated, service_role;
grant select on table public.organization_memberships to authenticated;
grant select, insert, update, delete on table public.organization_memberships to service_role;

comment on table public.organization_memberships is
'Who belongs to which organization, mirrored from Clerk. Written by apply_clerk_changes() only.';
comment on column public.organization_memberships.clerk_membership_id is 'Clerk''s membership id (orgmem_…).';
comment on column public.organization_memberships.role is 'Clerk''s role key, such as org:admin.';
comment on column public.organization_memberships.metadata is
'Clerk''s public_metadata of the membership. Private metadata is never stored.';
comment on column public.organization_memberships.created_at is 'When the user joined, by Clerk''s clock.';
comment on column public.organization_memberships.updated_at is
'Clerk''s time of the last change that touched this row.';
