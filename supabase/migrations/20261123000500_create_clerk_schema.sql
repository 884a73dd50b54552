-- Internal state of the synchronisation, in a schema that the Data API does not expose.

create schema clerk;

revoke all on schema clerk from public, anon, authenticated, service_role;
grant usage on schema clerk to service_role;

comment on schema clerk is 'State of the synchronisation with Clerk. Not exposed by the Data API.';

-- What is known of each Clerk user beyond its row: enough to decide, for any message and in any order,
-- whether it is news.
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
    constraint users_deleted_claims_nothing check (deleted_at is null or email_address is null)
)
-- Room for the next version of a user beside the last one, so that its indexes stay as they are.
with (fillfactor = 80);

create index users_email_address_idx on clerk.users (lower(email_address)) where email_address is not null;

alter table clerk.users enable row level security;
revoke all on table clerk.users from public, anon, authenticated, service_role;
grant select, insert, update on table clerk.users to service_role;

comment on table clerk.users is 'Version, claimed address, accumulated times and tombstone of each Clerk user.';
comment on column clerk.users.version is
'data.updated_at of the newest profile applied, in ms; 0 for a payload without one; -1 before the first.';
comment on column clerk.users.version_event is 'Second part of the version: the event''s timestamp in ms.';
comment on column clerk.users.version_rank is 'Third part of the version: 0 for user.created, 1 for anything else.';
comment on column clerk.users.version_message is 'Last part of the version: the message id, compared byte by byte.';
comment on column clerk.users.email_address is 'The address that the user claims, whether or not it holds it.';
comment on column clerk.users.created_at is 'The earliest moment of creation that any message told of.';
comment on column clerk.users.last_sign_in_at is 'The latest sign-in that any message told of.';
comment on column clerk.users.deleted_at is 'The tombstone: Clerk''s time of the deletion. It beats every profile.';
comment on column clerk.users.deleted_by is 'Where the deletion came from: a message id, or reconcile.';

-- The ledger. No personal data: no name, no address, no payload.
create table clerk.messages (
    message_id text primary key,
    type text,
    user_id text,
    event_at timestamptz,
    received_at timestamptz not null default now(),
    outcome text not null,
    code text,
    constraint messages_outcome_known check (
        outcome in ('created', 'updated', 'deleted', 'unchanged', 'stale', 'refused')
    ),
    constraint messages_code_for_refusals check ((outcome = 'refused') = (code is not null))
);

create index messages_user_id_idx on clerk.messages (user_id, received_at);
create index messages_received_at_idx on clerk.messages (received_at);

alter table clerk.messages enable row level security;
revoke all on table clerk.messages from public, anon, authenticated, service_role;
grant select, insert, update on table clerk.messages to service_role;

comment on table clerk.messages is 'Ledger of the messages that reached an outcome, and of refusals. No personal data.';
comment on column clerk.messages.message_id is 'The svix-id header: the same on every attempt of a message.';
comment on column clerk.messages.event_at is 'The event''s own timestamp.';
comment on column clerk.messages.received_at is 'When this database first recorded the message. Orders nothing.';
comment on column clerk.messages.code is 'Why the message was refused.';
