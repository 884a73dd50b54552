/**
 * Tests docs/add-to-a-project.md on a project made from the common starter: profiles that refer to accounts of Supabase
 * Auth, a trigger that fills them, and policies by auth.uid().
 */
import { assertEquals, assertRejects } from "@std/assert";
import type postgres from "postgres";
import { type Diagnosis, judgePolicies } from "../../cli/doctor/database.ts";
import { readOwnColumns } from "../../cli/doctor/own_columns.ts";
import { USERS_SCHEMA_JUDGES } from "../../cli/doctor/users_schema.ts";
import { type Adopter, makeAdopter } from "../helpers/project/adopter.ts";
import { deletion, profile } from "../helpers/database/changes.ts";
import { documentedCode } from "../helpers/project/documented.ts";
import { createDatabase, type TestDatabase } from "../helpers/database/postgres.ts";

/** Accounts of Supabase Auth, limited to the columns that the page uses. */
const ACCOUNTS = `create table auth.users (
    id uuid primary key,
    email text,
    encrypted_password text,
    email_confirmed_at timestamptz,
    is_sso_user boolean not null default false,
    raw_user_meta_data jsonb
)`;

const idOf = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;

/** Ada and Finn are linked. The others' addresses are not verified at Clerk or not confirmed in their old accounts. */
const PEOPLE = { early: idOf(0), ada: idOf(1), bob: idOf(2), carol: idOf(3), sso: idOf(4), finn: idOf(5) };

/** A caller of the Data API by sub: Clerk's user or an account of Supabase Auth; anonymous if undefined. */
type Caller = string | Record<string, unknown> | undefined;

/** Runs statements as a caller, and commits them. */
function as<T>(
  { sql }: TestDatabase,
  caller: Caller,
  run: (sql: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  const role = caller === undefined ? "anon" : "authenticated";
  const claims = typeof caller === "string" ? { sub: caller } : caller ?? {};
  return sql.begin(async (transaction) => {
    await transaction`
      select set_config('role', ${role}, true),
        set_config('request.jwt.claims', ${JSON.stringify({ role, ...claims })}, true)`;
    return await run(transaction);
  }) as Promise<T>;
}

const tasksOf = (database: TestDatabase, caller: Caller) =>
  as(database, caller, async (sql) => {
    const rows = await sql`select task from public.todos order by task`;
    return rows.map(({ task }) => task as string);
  });

/** Returns the SQLSTATE of a statement that a caller may not run. */
async function codeOf(database: TestDatabase, caller: Caller, statement: string): Promise<string> {
  const error = await assertRejects(() => as(database, caller, (sql) => sql.unsafe(statement)), Error);
  return (error as { code?: string }).code ?? "";
}

/** Returns how many rows a caller's statement changes. */
const changedBy = (database: TestDatabase, caller: Caller, statement: string) =>
  as(database, caller, async (sql) => (await sql.unsafe(statement)).count);

async function push({ supabase }: Adopter, { url }: TestDatabase): Promise<void> {
  const remote = `--remote=${url}?sslmode=disable`;
  const { code, stdout, stderr } = await supabase("db", "push", remote, "--yes", "--include-all");
  assertEquals(code, 0, stdout + stderr);
}

/** Fills a project in use: accounts, their profiles, and todos of each. */
async function live(adopter: Adopter, database: TestDatabase): Promise<void> {
  const { sql } = database;
  await sql.unsafe(ACCOUNTS);
  // An account from before the trigger.
  await sql`insert into auth.users (id, email) values (${PEOPLE.early}, 'early@example.com')`;
  const starter = await documentedCode("docs/add-to-a-project.md", "create trigger on_auth_user_created");
  await adopter.write("supabase/migrations/20250103000000_starter.sql", starter);
  await push(adopter, database);
  await sql.unsafe(`
    insert into auth.users (id, email, email_confirmed_at, is_sso_user, encrypted_password, raw_user_meta_data) values
      ('${PEOPLE.ada}', 'ada@example.com', now(), false, '$2a$10$ada', '{"full_name": "Ada Old"}'),
      ('${PEOPLE.bob}', 'bob@example.com', now(), false, '$2a$10$bob', null),
      ('${PEOPLE.carol}', 'carol@example.com', null, false, '$2a$10$carol', null),
      ('${PEOPLE.sso}', 'sso@example.com', now(), true, null, null),
      ('${PEOPLE.finn}', 'finn@example.com', now(), false, '$2a$10$finn', null)`);
  await sql`insert into public.todos (user_id, task) select id, split_part(email, '@', 1) || ' 1' from auth.users`;
  assertEquals(await tasksOf(database, PEOPLE.ada), ["ada 1"]);
  // Shows why the policies must change.
  assertEquals(await codeOf(database, "user_ada", "select * from public.todos"), "22P02");
  const exported = await sql.unsafe(await documentedCode("docs/add-to-a-project.md", "as external_id"));
  assertEquals(exported.map((row) => row.external_id).sort(), [PEOPLE.ada, PEOPLE.bob, PEOPLE.finn]);
}

async function addBundle(adopter: Adopter, database: TestDatabase): Promise<void> {
  assertEquals((await adopter.clerk("add")).code, 0);
  await adopter.write(
    "supabase/functions/clerk_columns.ts",
    await documentedCode("docs/add-to-a-project.md", "satisfies OwnColumns"),
  );
  assertEquals((await readOwnColumns(adopter.root, Date.now)).names, ["external_id"]);
  await adopter.write(
    "supabase/migrations/20261201000000_move_profiles.sql",
    await documentedCode("docs/add-to-a-project.md", "create function public.take_profile()"),
  );
  await adopter.write(
    "supabase/migrations/20261201000100_change_policies.sql",
    await documentedCode("docs/add-to-a-project.md", "create policy profiles_update on public.profiles for update to"),
  );
  await push(adopter, database);
}

const apply = async ({ sql }: TestDatabase, changes: unknown[]) => {
  const outcomes = await sql.begin(async (transaction) => {
    await transaction`set local role service_role`;
    const [row] = await transaction`select public.apply_clerk_changes(${sql.json(changes as never)}) as outcomes`;
    return row!.outcomes as Array<{ outcome: string }>;
  });
  return outcomes.map(({ outcome }) => outcome);
};

/** Applies users as the backfill does. */
async function bringUsersIn(database: TestDatabase): Promise<void> {
  const one = (
    user: string,
    external: string | null,
    email: string,
    isVerified: boolean,
    name: string | null = null,
  ) => ({
    ...profile(user, 1, { email, email_verified: isVerified, first_name: name }),
    own: { external_id: external },
  });
  const outcomes = await apply(database, [
    one("user_ada", null, "Ada@example.com", true, "Ada"),
    one("user_finn", PEOPLE.finn, "new-finn@example.com", true),
    one("user_mallory", null, "bob@example.com", false),
    one("user_carol", null, "carol@example.com", true),
    one("user_sso", null, "sso@example.com", true),
    one("user_new", "not-a-uuid", "new@example.com", true, "New"),
    one("user_other", idOf(9), "other@example.com", true),
  ]);
  assertEquals(new Set(outcomes), new Set(["created"]));
  // Two users claim one old account: the first keeps the profile.
  assertEquals(await apply(database, [one("user_double", PEOPLE.ada, "double@example.com", true)]), ["created"]);
  const rows = await database.sql`
    select person.clerk_user_id as user, profile.id, profile.full_name
    from public.profiles as profile inner join public.users as person on person.id = profile.user_id
    order by 1`;
  const olds: string[] = Object.values(PEOPLE);
  assertEquals(rows.map(({ user, id, full_name }) => [user, olds.includes(id) ? id : "new", full_name]), [
    ["user_ada", PEOPLE.ada, "Ada Old"],
    ["user_carol", "new", null],
    ["user_double", "new", null],
    ["user_finn", PEOPLE.finn, null],
    ["user_mallory", "new", null],
    ["user_new", "new", "New"],
    ["user_other", "new", null],
    ["user_sso", "new", null],
  ]);
  const unlinked = await database.sql.unsafe(
    await documentedCode("docs/add-to-a-project.md", "where profile.user_id is null;"),
  );
  assertEquals(unlinked.map(({ id }) => id).sort(), [PEOPLE.early, PEOPLE.bob, PEOPLE.carol, PEOPLE.sso]);
  const owners = await database.sql`
    select user_id, task from public.todos order by user_id`;
  assertEquals(
    owners.map(({ user_id, task }) => [user_id, task]),
    olds.map((id, n) => [
      id,
      `${Object.keys(PEOPLE)[n]} 1`,
    ]),
  );
}

/** Requires that Clerk's users and old sessions work side by side. */
async function read(database: TestDatabase): Promise<void> {
  for (const caller of ["user_ada", PEOPLE.ada]) assertEquals(await tasksOf(database, caller), ["ada 1"]);
  assertEquals(await tasksOf(database, "user_finn"), ["finn 1"]);
  assertEquals(await tasksOf(database, PEOPLE.bob), ["bob 1"]);
  for (const caller of ["user_mallory", "user_carol", "user_sso", "user_new", "user_none", undefined]) {
    assertEquals(await tasksOf(database, caller), [], caller);
  }
  assertEquals(await tasksOf(database, { sub: "user_ada", sts: "pending" }), []);
  const seen = await as(database, undefined, (sql) => sql`select id from public.profiles`);
  assertEquals(seen.length, 12);
}

async function write(database: TestDatabase): Promise<void> {
  for (const [caller, task] of [["user_ada", "ada 2"], [PEOPLE.ada, "ada 3"], ["user_new", "new 1"]] as const) {
    assertEquals(await changedBy(database, caller, `insert into public.todos (task) values ('${task}')`), 1);
  }
  assertEquals(await tasksOf(database, "user_ada"), ["ada 1", "ada 2", "ada 3"]);
  assertEquals(await tasksOf(database, "user_new"), ["new 1"]);
  const theft = `insert into public.todos (user_id, task) values ('${PEOPLE.finn}', 'x')`;
  for (const caller of ["user_ada", PEOPLE.ada]) assertEquals(await codeOf(database, caller, theft), "42501");
  const gift = `update public.todos set user_id = '${PEOPLE.finn}' where task = 'ada 2'`;
  assertEquals(await codeOf(database, "user_ada", gift), "42501");
  assertEquals(await changedBy(database, "user_ada", "delete from public.todos where task in ('ada 3', 'finn 1')"), 1);
  // Profiles: anyone reads them, callers write their own, and no one can change their owner.
  assertEquals(await changedBy(database, "user_ada", "update public.profiles set username = 'ada'"), 1);
  assertEquals(await changedBy(database, "user_mallory", `update public.profiles set username = 'm'`), 1);
  const [bob] = await database.sql`select username from public.profiles where id = ${PEOPLE.bob}`;
  assertEquals(bob!.username, null);
  const mine = "select user_id from public.profiles where username = 'm'";
  for (
    const statement of [
      `update public.profiles set user_id = (${mine}) where id = '${PEOPLE.bob}'`,
      `update public.profiles set id = '${idOf(8)}'`,
      `insert into public.profiles (id) values ('${idOf(8)}')`,
    ]
  ) assertEquals(await codeOf(database, "user_mallory", statement), "42501", statement);
  assertEquals(await changedBy(database, "user_mallory", "delete from public.profiles"), 0);
  assertEquals(await codeOf(database, undefined, "select public.caller_profile_id()"), "42501");
}

async function judge({ sql }: TestDatabase): Promise<void> {
  const [row] = await sql`select public.clerk_diagnosis() as diagnosis`;
  const diagnosis = row!.diagnosis as Diagnosis;
  assertEquals(diagnosis.tables_without_rls, []);
  const results = [judgePolicies(diagnosis), ...USERS_SCHEMA_JUDGES.map(({ judge }) => judge(diagnosis))];
  assertEquals(results.filter(({ status }) => status === "failed"), []);
}

async function leave(database: TestDatabase): Promise<void> {
  const { sql } = database;
  await sql.unsafe(
    await documentedCode("docs/add-to-a-project.md", "create or replace function public.caller_profile_id"),
  );
  assertEquals(await tasksOf(database, "user_ada"), ["ada 1", "ada 2"]);
  assertEquals(await tasksOf(database, PEOPLE.ada), []);
  // The old trigger and the old foreign key no longer exist.
  await sql`insert into auth.users (id, email) values (${idOf(7)}, 'late@example.com')`;
  assertEquals((await sql`select 1 from public.profiles where id = ${idOf(7)}`).length, 0);
  await sql`delete from auth.users where id = ${PEOPLE.ada}`;
  assertEquals(await tasksOf(database, "user_ada"), ["ada 1", "ada 2"]);
  // A user that was not imported returns later with the old address.
  assertEquals(
    await apply(database, [profile("user_bob", 1, { email: "bob@example.com", email_verified: true })]),
    ["created"],
  );
  assertEquals(await tasksOf(database, "user_bob"), ["bob 1"]);
  assertEquals(await apply(database, [deletion("user_ada", 9)]), ["deleted"]);
  assertEquals((await sql`select 1 from public.profiles where id = ${PEOPLE.ada}`).length, 0);
  assertEquals((await sql`select 1 from public.todos where task like 'ada %'`).length, 0);
}

Deno.test({
  name: "a starter's profiles, todos and policies move to Clerk as in docs/add-to-a-project.md, with rows and keys",
  // Finding the Supabase CLI leaves a resource open.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const [adopter, database] = [await makeAdopter(), await createDatabase({ hostedDefaults: true })];
    try {
      await live(adopter, database);
      await addBundle(adopter, database);
      await bringUsersIn(database);
      await read(database);
      await write(database);
      await judge(database);
      await leave(database);
    } finally {
      await adopter.remove();
      await database.drop();
    }
  },
});
