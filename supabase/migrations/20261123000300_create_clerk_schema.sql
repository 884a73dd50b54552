-- Internal state of the synchronization, in a schema that the Data API does not expose.

create schema clerk;

revoke all on schema clerk from public, anon, authenticated, service_role;
grant usage on schema clerk to service_role, authenticated;

comment on schema clerk is 'State of the synchronization with Clerk. Not exposed by the Data API.';

-- The state of each Clerk user beyond its row: enough to decide whether a message is newer, in any order of arrival. A
-- tombstone claims no address; only clerk.settle_deletion() writes one.
create table clerk.users (
    user_id text primary key,
    version bigint not null default -1,
    version_event bigint not null default 0,
    version_rank smallint not null default 0,
    version_message text not null default '',
    email_address text,
    email_verified boolean not null default false,
    created_at timestamptz,
    last_sign_in_at timestamptz,
    deleted_at timestamptz,
    deleted_by text,
    known_since timestamptz not null default now()
)
-- Leaves room on each page for the next version of a user, so that its indexes stay untouched.
with (fillfactor = 80);

create index users_email_address_idx on clerk.users (lower(email_address)) where email_address is not null;

alter table clerk.users enable row level security;
revoke all on table clerk.users from public, anon, authenticated, service_role;
grant select, insert, update on table clerk.users to service_role;
grant select (user_id, deleted_at) on table clerk.users to authenticated;

create policy users_select_own on clerk.users
for select to authenticated
using (
    ((select auth.jwt()) ->> 'sub') = user_id
    and coalesce((select auth.jwt()) ->> 'sts', 'active') = 'active'
);

comment on policy users_select_own on clerk.users is 'A caller can see whether its own user is deleted.';

comment on table clerk.users is 'Version, claimed address, accumulated times and tombstone of each Clerk user.';
comment on column clerk.users.version is
'data.updated_at of the newest profile applied, in ms; 0 for a payload without one; -1 before the first.';
comment on column clerk.users.version_event is 'Second part of the version: the event''s timestamp in ms.';
comment on column clerk.users.version_rank is 'Third part of the version: 0 for user.created, 1 for anything else.';
comment on column clerk.users.version_message is 'Last part of the version: the message id, compared byte by byte.';
comment on column clerk.users.email_address is 'The address that the user claims, even if another user holds it.';
comment on column clerk.users.created_at is 'The earliest creation that any message reported.';
comment on column clerk.users.last_sign_in_at is 'The latest sign-in that any message reported.';
comment on column clerk.users.deleted_at is 'The tombstone: Clerk''s time of the deletion. Overrides every profile.';
comment on column clerk.users.known_since is 'When this database first received the user. Not used for ordering.';
comment on column clerk.users.deleted_by is 'The source of the deletion: a message id, or reconcile.';

-- Returns when the caller's own user was deleted at Clerk, so that a response can say so while the session token is
-- still valid. Runs as the caller, who can read two columns of its own row.
create function public.caller_deleted_at() returns timestamptz
language sql stable
security invoker
set search_path = ''
as $$
    select deleted_at from clerk.users where user_id = (select auth.jwt()) ->> 'sub'
$$;

revoke all on function public.caller_deleted_at() from public, anon, authenticated, service_role;
grant execute on function public.caller_deleted_at() to authenticated, service_role;

comment on function public.caller_deleted_at() is 'When the caller''s own user was deleted at Clerk; null for a live one.';

-- The outcome of a change. A type instead of a check, because every statement that writes the table plans a check
-- again.
create type clerk.outcome as enum (
    'created', 'updated', 'deleted', 'unchanged', 'stale', 'pending', 'kept', 'refused'
);

revoke all on type clerk.outcome from public, anon, authenticated, service_role;
grant usage on type clerk.outcome to service_role;

comment on type clerk.outcome is
'The outcome of a message. A duplicate is not recorded again; a pending membership waits for its user or organization.';

-- The ledger of messages. Holds no personal data: no name, no address, no payload.
create table clerk.messages (
    message_id text primary key,
    type text,
    user_id text,
    event_at timestamptz,
    received_at timestamptz not null default now(),
    outcome clerk.outcome not null,
    code text,
    detail jsonb,
    organization_id text,
    membership_id text
);

create index messages_user_id_idx on clerk.messages (user_id, received_at);
create index messages_received_at_idx on clerk.messages (received_at);

alter table clerk.messages enable row level security;
revoke all on table clerk.messages from public, anon, authenticated, service_role;
grant select, insert, update on table clerk.messages to service_role;

comment on table clerk.messages is 'Ledger of messages with their outcomes, refusals included. No personal data.';
comment on column clerk.messages.message_id is 'The svix-id header: the same on every attempt of a message.';
comment on column clerk.messages.user_id is 'Clerk''s id of the user, or of the member.';
comment on column clerk.messages.organization_id is
'Clerk''s id of the organization, or of the membership''s; null for a user''s message.';
comment on column clerk.messages.membership_id is 'Clerk''s id of the membership; null for any other message.';
comment on column clerk.messages.event_at is 'The event''s own timestamp.';
comment on column clerk.messages.received_at is 'When this database first recorded the message. Not used for ordering.';
comment on column clerk.messages.code is
'Why the message was refused; or DELETE_BLOCKED, if the row was hidden instead of deleted.';
comment on column clerk.messages.detail is
'Details of the code: {"column"} for OWN_COLUMN_INVALID, {"sqlstate", "table", "constraint", "column", "function"} for
SCHEMA_REFUSED and DELETE_BLOCKED, if known. Names only, never a value.';

-- Events that the adopter keeps (CLERK_KEEP_EVENTS) for its own triggers and jobs. They hold the data that Clerk sent,
-- which may be personal.
create table clerk.kept_events (
    message_id text primary key,
    type text not null,
    data jsonb not null,
    event_at timestamptz,
    received_at timestamptz not null default now()
);

create index kept_events_received_at_idx on clerk.kept_events (received_at);

alter table clerk.kept_events enable row level security;
revoke all on table clerk.kept_events from public, anon, authenticated, service_role;
grant select, insert on table clerk.kept_events to service_role;

comment on table clerk.kept_events is
'Each event of a type that CLERK_KEEP_EVENTS lists, exactly once, with its data as Clerk sent it.';
comment on column clerk.kept_events.message_id is 'The svix-id header: the same on every attempt of a message.';
comment on column clerk.kept_events.type is 'Clerk''s event type, such as subscription.updated.';
comment on column clerk.kept_events.data is 'The event''s data object. May be personal data.';
comment on column clerk.kept_events.event_at is 'The event''s own timestamp. Orders events about the same object.';
comment on column clerk.kept_events.received_at is 'When this database kept the event. Not used for ordering.';
