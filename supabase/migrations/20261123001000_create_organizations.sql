-- Clerk's organizations and their members, for apps whose data belongs to tenants. Both tables stay empty in a project
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
comment on column public.organizations.slug is 'For display only. Not unique: Clerk lets a slug change and be reused.';
comment on column public.organizations.image_url is 'Clerk''s image_url.';
comment on column public.organizations.metadata is 'Clerk''s public_metadata. Private metadata is never stored.';
comment on column public.organizations.created_at is 'When the organization was created, by Clerk''s clock.';
comment on column public.organizations.updated_at is 'Clerk''s time of the last change that touched this row.';
comment on column public.organizations.deleted_at is
'When Clerk deleted the organization, in delete mode soft; null for a live one.';

-- A row here grants access, so it exists only while its user, its organization and the membership itself are live. It
-- is never just hidden: delete mode soft removes it too.
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

-- The state of each Clerk organization beyond its row, as in clerk.users.
create table clerk.organizations (
    organization_id text primary key,
    version bigint not null default -1,
    version_event bigint not null default 0,
    version_rank smallint not null default 0,
    version_message text not null default '',
    created_at timestamptz,
    deleted_at timestamptz,
    deleted_by text,
    known_since timestamptz not null default now()
)
with (fillfactor = 80);

alter table clerk.organizations enable row level security;
revoke all on table clerk.organizations from public, anon, authenticated, service_role;
grant select, insert, update on table clerk.organizations to service_role;

comment on table clerk.organizations is 'Version, earliest creation and tombstone of each Clerk organization.';
comment on column clerk.organizations.organization_id is 'Clerk''s organization id (org_…).';
comment on column clerk.organizations.version is
'data.updated_at of the newest profile applied, in ms; 0 for a payload without one; -1 before the first.';
comment on column clerk.organizations.version_event is 'Second part of the version: the event''s timestamp in ms.';
comment on column clerk.organizations.version_rank is
'Third part of the version: 0 for organization.created, 1 for anything else.';
comment on column clerk.organizations.version_message is
'Last part of the version: the message id, or that of the membership event that carried the organization, compared byte by byte.';
comment on column clerk.organizations.created_at is 'The earliest creation that any message reported.';
comment on column clerk.organizations.deleted_at is
'The tombstone: Clerk''s time of the deletion. Overrides every profile.';
comment on column clerk.organizations.deleted_by is 'The source of the deletion: a message id, or reconcile.';
comment on column clerk.organizations.known_since is
'When this database first received the organization. Not used for ordering.';

-- The state of each Clerk membership, even before its user and its organization exist here: there is no foreign key, so
-- a membership can arrive first. A tombstone belongs to one membership id. It keeps the pair and the creation time,
-- because it may be the current generation of its pair, and then no older membership of the pair grants access.
create table clerk.organization_memberships (
    membership_id text primary key,
    organization_id text,
    user_id text,
    role text,
    metadata jsonb,
    version bigint not null default -1,
    version_event bigint not null default 0,
    version_rank smallint not null default 0,
    version_message text not null default '',
    created_at timestamptz,
    deleted_at timestamptz,
    deleted_by text,
    known_since timestamptz not null default now()
)
with (fillfactor = 80);

-- This index starts with user_id, so it also finds a user's memberships; the other one finds an organization's.
create index organization_memberships_user_id_organization_id_idx
on clerk.organization_memberships (user_id, organization_id);
create index organization_memberships_organization_id_membership_id_idx
on clerk.organization_memberships (organization_id, membership_id);

alter table clerk.organization_memberships enable row level security;
revoke all on table clerk.organization_memberships from public, anon, authenticated, service_role;
grant select, insert, update, delete on table clerk.organization_memberships to service_role;

comment on table clerk.organization_memberships is
'Version, pair, profile, earliest creation and tombstone of each Clerk membership, pending ones included.';
comment on column clerk.organization_memberships.membership_id is 'Clerk''s membership id (orgmem_…).';
comment on column clerk.organization_memberships.organization_id is
'Clerk''s id of the organization; null if only a removal without this id arrived.';
comment on column clerk.organization_memberships.user_id is 'Clerk''s id of the member; null if no message named it.';
comment on column clerk.organization_memberships.role is 'Clerk''s role key; null for a tombstone.';
comment on column clerk.organization_memberships.metadata is 'Clerk''s public_metadata; null for a tombstone.';
comment on column clerk.organization_memberships.version is
'data.updated_at of the newest profile applied, in ms; 0 for a payload without one; -1 before the first.';
comment on column clerk.organization_memberships.version_event is 'Second part of the version: the event''s timestamp in ms.';
comment on column clerk.organization_memberships.version_rank is
'Third part of the version: 0 for organizationMembership.created, 1 for anything else.';
comment on column clerk.organization_memberships.version_message is
'Last part of the version: the message id, compared byte by byte.';
comment on column clerk.organization_memberships.created_at is
'The earliest creation that any message reported; null if only a removal without this time arrived.';
comment on column clerk.organization_memberships.deleted_at is
'The tombstone: Clerk''s time of the removal. Overrides every profile of this id.';
comment on column clerk.organization_memberships.deleted_by is 'The source of the removal: a message id, or reconcile.';
comment on column clerk.organization_memberships.known_since is
'When this database first received the membership. Not used for ordering.';
