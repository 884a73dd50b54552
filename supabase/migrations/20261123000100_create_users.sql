-- public.users: one row for each Clerk user, exactly as the product's specification defines it. Later migrations change
-- it and give their reasons. Clerk is the source of truth: only public.apply_clerk_changes() writes rows.

create table public.users (
    id uuid primary key default gen_random_uuid(),
    clerk_user_id text unique not null,
    email text unique not null,
    first_name text,
    last_name text,
    profile_image_url text,
    username text,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    last_sign_in_at timestamptz,
    metadata jsonb default '{}'::jsonb
);

alter table public.users enable row level security;

-- Some platforms grant every role everything in public, others grant nothing. This revokes the former for this one
-- table and grants the service role what it needs. Default privileges stay unchanged.
revoke all on table public.users from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.users to service_role;

comment on table public.users is 'Users of this project, mirrored from Clerk. Written by apply_clerk_changes() only.';
comment on column public.users.clerk_user_id is 'Clerk''s user id (user_…), the sub claim of its session tokens.';
comment on column public.users.email is 'The primary address at Clerk.';
comment on column public.users.profile_image_url is 'Clerk''s image_url.';
comment on column public.users.created_at is 'When the user was created, by Clerk''s clock.';
comment on column public.users.updated_at is 'Clerk''s time of the last change that touched this row.';
comment on column public.users.last_sign_in_at is 'The latest sign-in that any message reported, by Clerk''s clock.';
comment on column public.users.metadata is 'Clerk''s public_metadata. Private and unsafe metadata are never stored.';
