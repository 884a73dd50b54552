/**
 * Stand-ins for the parts of the platform's Storage and Realtime that policies see in the database.
 *
 * @module
 */

/** supabase/storage's table of objects and the function that splits names. */
export const STORAGE_SQL = `
  create schema storage;
  grant usage on schema storage to authenticated;
  create table storage.objects (
    id uuid primary key default gen_random_uuid(), bucket_id text, name text, owner_id text default auth.jwt() ->> 'sub'
  );
  alter table storage.objects enable row level security;
  grant all on table storage.objects to authenticated;
  create function storage.foldername(name text) returns text[] language plpgsql as $$
  declare parts text[] := string_to_array(name, '/');
  begin
    return parts[1:array_length(parts, 1) - 1];
  end
  $$;`;

/** supabase/realtime's table of messages, the topic that a client joins, and the function that broadcasts a change. */
export const REALTIME_SQL = `
  create schema realtime;
  grant usage on schema realtime to authenticated, service_role;
  create table realtime.messages (
    id uuid primary key default gen_random_uuid(), topic text not null, extension text not null, payload jsonb,
    event text, private boolean default true
  );
  alter table realtime.messages enable row level security;
  grant select, insert on table realtime.messages to authenticated;
  create function realtime.topic() returns text language sql stable as $$
    select nullif(current_setting('realtime.topic', true), '')
  $$;
  create function realtime.broadcast_changes(
    topic_name text, event_name text, operation text, table_name text, table_schema text, new record, old record
  ) returns void language plpgsql as $$
  begin
    insert into realtime.messages (topic, extension, event, payload)
    values (topic_name, 'broadcast', event_name, jsonb_build_object('record', to_jsonb(new), 'old_record', to_jsonb(old)));
  exception
    when others then raise warning 'message lost: %', sqlerrm;
  end
  $$;`;
