/**
 * Adopters' schemas that refuse some users, or that keep a deleted user's row.
 *
 * @module
 */

/** A schema, a profile that it refuses, and the names in the refusal. */
export interface RefusingSchema {
  name: string;
  /** Statements that create it. */
  plant: string;
  /** Statements that fix it. */
  fix: string;
  /** Fields of the profile that it refuses. */
  refused: Record<string, unknown>;
  detail: Record<string, string>;
}

/** A text that no ledger, log or response may contain. */
export const SECRET_NAME = `Secret${"x".repeat(60)}`;

/** Schemas that refuse one profile and accept all others. */
export const REFUSING: readonly RefusingSchema[] = [
  {
    name: "a check",
    plant: "alter table public.users add constraint short_name check (char_length(first_name) < 50)",
    fix: "alter table public.users drop constraint short_name",
    refused: { first_name: SECRET_NAME },
    detail: { sqlstate: "23514", table: "public.users", constraint: "short_name" },
  },
  {
    name: "a varchar(50)",
    plant: "alter table public.users alter column first_name type varchar(50)",
    fix: "alter table public.users alter column first_name type text",
    refused: { first_name: SECRET_NAME },
    detail: { sqlstate: "22001", table: "public.users" },
  },
  {
    name: "a generated column with a cast",
    plant: "alter table public.users add column age integer generated always as ((metadata ->> 'age')::integer) stored",
    fix: "alter table public.users drop column age",
    refused: { metadata: { age: SECRET_NAME } },
    detail: { sqlstate: "22P02", table: "public.users" },
  },
  {
    name: "an index whose rows have a limit",
    plant: "create index users_metadata_idx on public.users ((metadata ->> 'note'))",
    fix: "drop index public.users_metadata_idx",
    refused: { metadata: { note: incompressible(5_000) } },
    detail: { sqlstate: "54000", table: "public.users", constraint: "users_metadata_idx" },
  },
  {
    name: "a trigger that raises",
    plant: `
      create function public.refuse_name() returns trigger language plpgsql as $$
      begin
        if new.first_name like 'Secret%' then raise exception 'No %', new.first_name; end if;
        return new;
      end $$;
      create trigger refuse_name before insert or update on public.users
      for each row execute function public.refuse_name()`,
    fix: "drop trigger refuse_name on public.users; drop function public.refuse_name()",
    refused: { first_name: SECRET_NAME },
    detail: { sqlstate: "P0001", function: "public.refuse_name" },
  },
  {
    name: "a trigger whose assertion fails",
    plant: `
      create function public.assert_name() returns trigger language plpgsql as $$
      begin
        assert coalesce(new.first_name not like 'Secret%', true);
        return new;
      end $$;
      create trigger assert_name after insert or update on public.users
      for each row execute function public.assert_name()`,
    fix: "drop trigger assert_name on public.users; drop function public.assert_name()",
    refused: { first_name: SECRET_NAME },
    detail: { sqlstate: "P0004", function: "public.assert_name" },
  },
  {
    name: "a trigger that uses a table without a grant",
    plant: `
      create table public.closed (name text);
      revoke all on public.closed from service_role;
      create function public.copy_name() returns trigger language plpgsql as $$
      begin
        if new.first_name like 'Secret%' then insert into public.closed values (new.first_name); end if;
        return null;
      end $$;
      create trigger copy_name after insert or update on public.users
      for each row execute function public.copy_name()`,
    fix: "drop trigger copy_name on public.users; drop function public.copy_name(); drop table public.closed",
    refused: { first_name: SECRET_NAME },
    detail: { sqlstate: "42501", function: "public.copy_name" },
  },
  {
    name: "a constraint trigger that waits for the commit",
    plant: `
      create function public.refuse_later() returns trigger language plpgsql as $$
      begin
        if new.first_name like 'Secret%' then raise exception using errcode = '23514', message = 'late'; end if;
        return null;
      end $$;
      create constraint trigger refuse_later after insert or update on public.users
      deferrable initially deferred for each row execute function public.refuse_later()`,
    fix: "drop trigger refuse_later on public.users; drop function public.refuse_later()",
    refused: { first_name: SECRET_NAME },
    detail: { sqlstate: "23514", function: "public.refuse_later" },
  },
  {
    name: "an email that may not be null",
    plant: "alter table public.users alter column email set not null",
    fix: "alter table public.users alter column email drop not null",
    refused: { email: null, first_name: SECRET_NAME },
    detail: { sqlstate: "23502", table: "public.users", column: "email" },
  },
  {
    name: "a unique username",
    plant: `
      alter table public.users add constraint unique_username unique (username);
      insert into public.users (clerk_user_id, username, email) values ('app_row', 'taken', 'app@x.com')`,
    fix:
      "delete from public.users where clerk_user_id = 'app_row'; alter table public.users drop constraint unique_username",
    refused: { username: "taken", first_name: SECRET_NAME },
    detail: { sqlstate: "23505", table: "public.users", constraint: "unique_username" },
  },
  {
    name: "a row of the app's own that holds the address",
    plant: "insert into public.users (clerk_user_id, email) values ('app_row', 'taken@x.com')",
    fix: "delete from public.users where clerk_user_id = 'app_row'",
    refused: { email: "taken@x.com", first_name: SECRET_NAME },
    detail: { sqlstate: "23505", table: "public.users", constraint: "users_email_key" },
  },
  {
    name: "a trigger that rewrites two addresses into one",
    plant: `
      create function public.strip_tag() returns trigger language plpgsql as $$
      begin
        new.email := regexp_replace(new.email, '[+][^@]*@', '@');
        return new;
      end $$;
      create trigger strip_tag before insert or update on public.users
      for each row execute function public.strip_tag();
      insert into public.users (clerk_user_id, email) values ('app_row', 'ada+app@x.com')`,
    fix:
      "drop trigger strip_tag on public.users; drop function public.strip_tag(); delete from public.users where clerk_user_id = 'app_row'",
    refused: { email: "ada+2@x.com", first_name: SECRET_NAME },
    detail: { sqlstate: "23505", table: "public.users", constraint: "users_email_key" },
  },
];

/** A schema that keeps the row of the deleted user `user_gone`. */
export interface BlockingSchema {
  name: string;
  plant: string;
  /** Statements that add a reference to the row with this id. */
  refer: (rowId: string) => string;
  fix: string;
  detail: Record<string, string>;
}

const refer = (rowId: string) => `insert into public.accounts (user_id) values ('${rowId}')`;
const drop = "drop table public.accounts";

/** Schemas that keep a deleted user's row. */
export const BLOCKING: readonly BlockingSchema[] = [
  {
    name: "a foreign key without an action",
    plant: accounts("user_id uuid constraint account_of references public.users (id)"),
    refer,
    fix: drop,
    detail: { sqlstate: "23503", table: "public.accounts", constraint: "account_of" },
  },
  {
    name: "a foreign key that is checked at the commit",
    plant: accounts("user_id uuid constraint account_of references public.users (id) deferrable initially deferred"),
    refer,
    fix: drop,
    detail: { sqlstate: "23503", table: "public.accounts", constraint: "account_of" },
  },
  {
    name: "a foreign key that sets to null what may not be null",
    plant: accounts("user_id uuid not null constraint account_of references public.users (id) on delete set null"),
    refer,
    fix: drop,
    detail: { sqlstate: "23502", table: "public.accounts", column: "user_id" },
  },
  {
    name: "a trigger that raises before a delete",
    plant: keeper("raise exception 'Cannot go: %', old.email;"),
    refer: () => "",
    fix: "drop trigger keep_users on public.users; drop function public.keep_users()",
    detail: { sqlstate: "P0001", function: "public.keep_users" },
  },
  {
    name: "a trigger that skips a delete",
    plant: keeper("return null;"),
    refer: () => "",
    fix: "drop trigger keep_users on public.users; drop function public.keep_users()",
    detail: { sqlstate: "27000", table: "public.users" },
  },
];

function accounts(column: string): string {
  return `create table public.accounts (id integer generated always as identity primary key, ${column});
    grant all on public.accounts to service_role`;
}

function keeper(body: string): string {
  return `
    create function public.keep_users() returns trigger language plpgsql as $$
    begin
      if old.clerk_user_id <> 'user_gone' then return old; end if;
      ${body}
    end $$;
    create trigger keep_users before delete on public.users for each row execute function public.keep_users()`;
}

/** A text that PostgreSQL cannot compress below the size limit of an index entry. */
function incompressible(length: number): string {
  let state = 7;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return String.fromCharCode(33 + state % 90);
  }).join("");
}
