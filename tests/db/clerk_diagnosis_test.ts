/** Tests the report of `clerk_diagnosis()`, with a planted fault for each part. */
import { assert, assertEquals } from "@std/assert";
import { readMigrations } from "../../project/migrations.ts";
import type { Diagnosis } from "../../cli/doctor/database.ts";
import { openMigrated } from "../helpers/migrated.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openMigrated();
const test = testsOf("clerk_diagnosis() ");

/** Queries as the service role, after statements that are rolled back. */
async function diagnose(plant = ""): Promise<Diagnosis> {
  await database.script(`begin; ${plant}; set local role service_role`);
  try {
    return (await database.query("select public.clerk_diagnosis() as diagnosis"))[0]!.diagnosis as Diagnosis;
  } finally {
    await database.script("rollback");
  }
}

test("finds no fault after the migrations", async () => {
  const { migrations, tables, tables_without_rls, policies, client_rights } = await diagnose();
  assertEquals(migrations, (await readMigrations()).map(({ version }) => version));
  assert(tables >= 4);
  assertEquals([tables_without_rls, client_rights], [[], []]);
  assert(policies.some(({ table, name }) => table === "public.users" && name === "users_select_own"));
});

test("reports which columns of public.users are the bundle's, the adopter's, and generated", async () => {
  const { user_columns: before } = await diagnose();
  assertEquals(new Set(Object.values(before)), new Set(["base"]));
  const { user_columns } = await diagnose(`
    alter table public.users
      add column phone_number text, add column number bigint generated always as identity,
      add column shout text generated always as (upper(first_name)) stored, add column gone text;
    alter table public.users drop column gone`);
  assertEquals(user_columns, { ...before, phone_number: "own", number: "generated", shout: "generated" });
});

test("names the tables without row level security, of the app and of the bundle", async () => {
  const { tables_without_rls } = await diagnose(`
    create table public."Open" (id integer);
    create table clerk.planted (id integer);
    create table public.parted (id integer) partition by list (id);
    create view public.looking as select 1 as one;
    alter table public.resumes disable row level security`);
  assertEquals(tables_without_rls, ["clerk.planted", 'public."Open"', "public.parted", "public.resumes"]);
});

test("reports every policy of public as PostgreSQL prints it, with the schema of each function", async () => {
  const { policies } = await diagnose(`
    create table public.planted (id integer, owner text);
    set local search_path = auth, public;
    create policy a_uid on public.planted for select using (owner = uid()::text);
    create policy b_bare on public.planted for select using ((jwt() ->> 'sub') = owner);
    create policy c_wrapped on public.planted for insert with check (((select jwt()) ->> 'sub') = owner);
    create policy d_whole on public.planted for select using ((select jwt() ->> 'sub') = owner)`);
  assertEquals(
    policies.filter(({ table }) => table === "public.planted").map(({ name, using, check }) => [
      name,
      using,
      check,
    ]),
    [
      ["a_uid", "(owner = (auth.uid())::text)", null],
      ["b_bare", "((auth.jwt() ->> 'sub'::text) = owner)", null],
      ["c_wrapped", null, "((( SELECT auth.jwt() AS jwt) ->> 'sub'::text) = owner)"],
      ["d_whole", "(( SELECT (auth.jwt() ->> 'sub'::text)) = owner)", null],
    ],
  );
});

/** Storage and Realtime as on the platform, limited to the objects that policies use. */
const PLATFORM_TABLES = `
  create schema storage;
  create table storage.objects (bucket_id text, name text, owner uuid, owner_id text);
  create table storage.buckets (id text);
  create schema realtime;
  create table realtime.messages (topic text, extension text);
  create schema app;
  create table app.planted (id integer)`;

test("reports the policies of storage and realtime, and of no other schema", async () => {
  const { policies: before } = await diagnose();
  assertEquals(new Set(before.map(({ table }) => table.split(".")[0])), new Set(["public"]));
  const { policies } = await diagnose(`
    ${PLATFORM_TABLES};
    create policy old on storage.objects for insert with check (bucket_id = 'a' and owner = auth.uid());
    create policy list on storage.buckets for select using (true);
    create policy team on realtime.messages for select using (topic = (select public.caller_user_id())::text);
    create policy own on app.planted for select using (auth.uid() is not null)`);
  assertEquals(policies.slice(before.length).map(({ table, name, using, check }) => [table, name, using ?? check]), [
    ["realtime.messages", "team", "(topic = (( SELECT public.caller_user_id() AS caller_user_id))::text)"],
    ["storage.buckets", "list", "true"],
    ["storage.objects", "old", "((bucket_id = 'a'::text) AND (owner = auth.uid()))"],
  ]);
});

test("reads storage, because one policy with auth.uid() fails the queries of every bucket", async () => {
  const read = async (policy: string) => {
    await database.script(`begin; ${PLATFORM_TABLES};
      alter table storage.objects enable row level security;
      grant usage on schema storage to authenticated; grant select on storage.objects to authenticated;
      insert into storage.objects (bucket_id, owner_id) values ('files', 'user_a');
      create policy files on storage.objects for select using (bucket_id = 'files'); ${policy};
      set local role authenticated; set local request.jwt.claims = '{"sub": "user_a"}'`);
    try {
      return (await database.query("select owner_id from storage.objects where bucket_id = 'files'")).length;
    } catch (error) {
      return (error as { code?: string }).code;
    } finally {
      await database.script("rollback");
    }
  };
  assertEquals(await read(""), 1);
  const old = "create policy old on storage.objects for select using (bucket_id = 'avatars' and";
  assertEquals(await read(`${old} owner = auth.uid())`), "22P02");
  assertEquals(await read(`${old} owner_id = (select auth.jwt()) ->> 'sub')`), 1);
});

test("reports which columns refer to organizations, whether they may be null, and whether an index starts with them", async () => {
  const { organization_columns } = await diagnose(`
    create table public.good (id integer, organization_id uuid not null references public.organizations (id));
    create index on public.good (organization_id, id);
    create table public.loose (id integer, tenant uuid references public.organizations (id));
    create index on public.loose (id, tenant);
    create index on public.loose (tenant) where id > 0`);
  assertEquals(
    organization_columns.filter(({ column }) => !/\.(organization_memberships|projects)\./.test(column)),
    [
      { column: "public.good.organization_id", nullable: false, indexed: true },
      { column: "public.loose.tenant", nullable: true, indexed: false },
    ],
  );
  for (const { nullable, indexed } of (await diagnose()).organization_columns) {
    assertEquals([nullable, indexed], [false, true]);
  }
});

/** Returns statements that plant rows of the ledger and the organizations' tables, dated a number of hours ago. */
const hoursAgo = (hours: number) => `now() - interval '${hours} hours'`;
const message = (type: string, hours = 0) =>
  `insert into clerk.messages (message_id, type, received_at, outcome) values ('${type}', '${type}', ${
    hoursAgo(hours)
  }, 'created')`;
const organization = (hours: number) =>
  `insert into clerk.organizations (organization_id, created_at) values ('org_a', ${hoursAgo(hours)})`;
const membership = (hours: number) =>
  `insert into clerk.organization_memberships (membership_id, created_at) values ('orgmem_a', ${hoursAgo(hours)})`;

/** Organizations and memberships that Clerk created while it sent messages, none of them about their kind. */
async function unannounced(...statements: string[]): Promise<[number, number]> {
  const found = await diagnose(statements.join("; "));
  return [found.unannounced_organizations, found.unannounced_memberships];
}

test("counts organizations and memberships created since the ledger began, without a message about their kind", async () => {
  const made = [message("user.created", 9), organization(5), membership(4)];
  assertEquals(await unannounced(...made), [1, 1]);
  assertEquals(await unannounced(...made, message("organization.updated")), [0, 1]);
  assertEquals(await unannounced(...made, message("organizationMembership.created")), [1, 0]);
  assertEquals(await unannounced(...made, message("organizationDomain.created")), [1, 1]);
});

test("does not count objects older than the ledger, as after a first backfill, or created just now", async () => {
  assertEquals(await unannounced(), [0, 0]);
  assertEquals(await unannounced(organization(5), membership(4)), [0, 0]);
  assertEquals(await unannounced(message("user.created", 1), organization(5), membership(4)), [0, 0]);
  assertEquals(await unannounced(message("user.created", 9), organization(0), membership(0)), [0, 0]);
});

test("names the write privileges of clients on public.users and on its columns", async () => {
  const rights = async (plant: string) => (await diagnose(plant)).client_rights;
  assertEquals(await rights("grant update on table public.users to authenticated"), ["authenticated update"]);
  assertEquals(await rights("grant update (email), insert (username) on table public.users to anon"), [
    "anon insert(username)",
    "anon update(email)",
  ]);
  assertEquals(await rights("grant delete, truncate on table public.users to public"), [
    ...["anon delete", "anon truncate", "authenticated delete", "authenticated truncate"],
  ]);
});

test("lists the applied migrations, or none", async () => {
  const all = (await readMigrations()).map(({ version }) => version);
  const migrations = async (plant: string) => (await diagnose(plant)).migrations;
  const last = all.at(-1)!;
  assertEquals(
    await migrations(`delete from supabase_migrations.schema_migrations where version = '${last}'`),
    all.slice(0, -1),
  );
  assertEquals(await migrations("delete from supabase_migrations.schema_migrations"), []);
});

test("returns null for migrations if the Supabase CLI applied none", async () => {
  assertEquals((await diagnose("drop schema supabase_migrations cascade")).migrations, null);
});

test("cannot be called by clients", async () => {
  for (const role of ["anon", "authenticated"]) {
    for (const call of ["public.clerk_diagnosis()", "clerk.applied_migrations()"]) {
      await database.script(`begin; set local role ${role}`);
      const refused = await database.query(`select ${call}`).then(() => false, () => true);
      await database.script("rollback");
      assert(refused, `${role} ${call}`);
    }
  }
});

test("finds only foreign keys that keep a deleted user's row", async () => {
  const { blocking_references } = await diagnose(`
    create table public.a_plain (user_id uuid constraint a_plain_fkey references public.users (id));
    create table public.b_restrict (user_id uuid constraint b_fkey references public.users (id) on delete restrict);
    create table public.c_null (user_id uuid not null constraint c_fkey references public.users (id) on delete set null);
    create table public.d_default (user_id uuid constraint d_fkey references public.users (id) on delete set default);
    create table public.e_good (
      first uuid references public.users (id) on delete cascade, second uuid references public.users (id) on delete set null
    )`);
  assertEquals(blocking_references.map(({ table, on_delete, columns }) => [table, on_delete, columns]), [
    ["public.a_plain", "no action", ["user_id"]],
    ["public.b_restrict", "restrict", ["user_id"]],
    ["public.c_null", "set null", ["user_id"]],
    ["public.d_default", "set default", ["user_id"]],
  ]);
});

test("finds constraints on email and username", async () => {
  const { email_is_not_null, unique_usernames } = await diagnose(`
    alter table public.users alter column email set not null;
    alter table public.users add constraint one_name unique (username);
    create unique index lower_name on public.users (lower(username)) where deleted_at is null;
    create index any_name on public.users (username)`);
  assertEquals([email_is_not_null, unique_usernames], [true, ["public.lower_name", "public.one_name"]]);
});

test("finds triggers on users that raise, write or change the row", async () => {
  const planted = (name: string, timing: string, body: string) => `
    create function public.${name}() returns trigger language plpgsql as $body$ begin ${body} end $body$;
    create trigger ${name} ${timing} on public.users for each row execute function public.${name}()`;
  const { triggers } = await diagnose([
    planted("a_raises", "before insert", "raise exception 'no';"),
    planted("b_writes", "after update", "insert into public.resumes (title) values ('x'); return null;"),
    planted("c_changes", "before update", "new.email := lower(new.email); return new;"),
    planted("d_notes", "after insert", "raise notice 'hello'; perform 1; return null;"),
  ].join(";"));
  assertEquals(
    triggers.map(({ name, timing, raises, writes, changes_row }) => [name, timing, raises, writes, changes_row]),
    [
      ["a_raises", "before", true, false, false],
      ["b_writes", "after", false, true, false],
      ["c_changes", "before", false, false, true],
      ["d_notes", "after", false, false, false],
    ],
  );
});

test("finds a publication that makes updates fail", async () => {
  const { silent_publications } = await diagnose(`
    create publication planted for table public.users;
    create publication inserts for table public.users with (publish = 'insert');
    alter table public.users replica identity nothing`);
  assertEquals(silent_publications, ["planted"]);
});

test("finds settings with another default isolation than read committed", async () => {
  const { isolation_defaults } = await diagnose(
    "alter role service_role set default_transaction_isolation = 'repeatable read'",
  );
  assertEquals(isolation_defaults, [{ place: "role service_role", isolation: "repeatable read" }]);
  const session = await diagnose("set local default_transaction_isolation = 'serializable'");
  assertEquals(session.isolation_defaults, [{ place: "this session", isolation: "serializable" }]);
});
