/** Tests adding, updating and removing the bundle in an existing project, with the real Supabase CLI. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { pathToFileURL } from "node:url";
import { checkProject } from "../../tools/deploy/check_project.ts";
import { type Adopter, makeAdopter } from "../helpers/project/adopter.ts";
import { profile } from "../helpers/database/changes.ts";
import { checkOut } from "../../project/checkout.ts";
import { documentedCode } from "../helpers/project/documented.ts";
import { createDatabase, type TestDatabase } from "../helpers/database/postgres.ts";

/** A table of users as people create it for Clerk. Its constraints have the same names as the bundle's. */
const USERS = `create table public.users (
    id uuid primary key default gen_random_uuid(),
    clerk_user_id text unique,
    email text unique not null
);
alter table public.users enable row level security;
insert into public.users (email) values ('Ada@example.com'), ('eve@example.com'), ('ADA@example.com');
create schema if not exists auth;
create table auth.users (
    id uuid primary key default gen_random_uuid(),
    email text,
    email_confirmed_at timestamptz,
    is_sso_user boolean not null default false,
    note_id integer
);
insert into auth.users (note_id, email, email_confirmed_at, is_sso_user) values
    (11, 'ada@example.com', now(), false),
    (12, 'eve@example.com', now(), false),
    (13, 'ADA@example.com', null, false),
    (14, 'ada@example.com', now(), true);
alter table public.notes add column owner_id uuid references auth.users (id);
insert into public.notes (id, body, owner_id) select note_id, 'old', id from auth.users;
`;

/** The owner by default and by policy, from a function of the bundle, as in README.md. */
const OWNERS = `alter table public.notes alter column user_id set default public.caller_user_id();
create policy notes_own on public.notes for select to authenticated
using (user_id = (select public.caller_user_id()));
create function public.own_notes() returns bigint language plpgsql as $$
begin
    return (select count(*) from public.notes where user_id = PUBLIC.CALLER_USER_ID());
end
$$;
create function public.watch_users() returns trigger language plpgsql as 'begin return new; end';
create trigger watch after insert on clerk.users for each row execute function public.watch_users();
`;

/** The adopter's statements at the top of the removing migration. */
const FAREWELL = `drop policy notes_own on public.notes;
alter table public.notes alter column user_id drop default;
drop function public.own_notes();
drop trigger watch on clerk.users;
drop function public.watch_users();
`;

async function push({ supabase }: Adopter, { url }: TestDatabase, ...flags: string[]) {
  const { code, stdout, stderr } = await supabase("db", "push", `--remote=${url}?sslmode=disable`, "--yes", ...flags);
  return { code, said: stdout + stderr };
}

async function pushed(adopter: Adopter, database: TestDatabase, ...flags: string[]): Promise<void> {
  const { code, said } = await push(adopter, database, ...flags);
  assertEquals(code, 0, said);
}

/** Returns everything in public and clerk that can be called, read or triggered. */
async function objectsIn({ sql }: TestDatabase): Promise<string[]> {
  const rows = await sql`
    select pg_describe_object(classid, objid, 0) as name from (
      select 'pg_class'::regclass as classid, oid as objid from pg_class
      where relnamespace in (select oid from pg_namespace where nspname in ('public', 'clerk')) and relkind = 'r'
      union all
      select 'pg_proc'::regclass, oid from pg_proc
      where pronamespace in (select oid from pg_namespace where nspname in ('public', 'clerk'))
      union all
      select 'pg_namespace'::regclass, oid from pg_namespace where nspname in ('public', 'clerk')
      union all
      select 'pg_policy'::regclass, oid from pg_policy
    ) as object order by name`;
  return rows.map(({ name }) => name);
}

/** Writes a later version of the bundle: a changed function, a new file, a new migration, and a removed file. */
async function makeNextVersion(): Promise<URL> {
  const root = pathToFileURL(`${await checkOut()}/`);
  const edit = async (path: string, change: (text: string) => string) => {
    await Deno.writeTextFile(new URL(path, root), change(await Deno.readTextFile(new URL(path, root))));
  };
  for (const path of [CHANGED, EDITED]) await edit(path, (text) => `${text}// The next version.\n`);
  await Deno.writeTextFile(new URL("supabase/functions/_clerk-supabase/news.ts", root), "export const NEWS = true;\n");
  await Deno.writeTextFile(new URL(`supabase/migrations/${NEWS}`, root), "comment on schema clerk is 'News.';\n");
  await Deno.remove(new URL(GONE, root));
  return root;
}

const CHANGED = "supabase/functions/profile/handler.ts";
const EDITED = "supabase/functions/clerk-webhook/handler.ts";
const GONE = "supabase/functions/_clerk-supabase/formats/base64.ts";
const NEWS = "20991231000000_news.sql";

async function addTo(adopter: Adopter, database: TestDatabase): Promise<void> {
  // A project in use.
  await adopter.write("supabase/migrations/20250102000000_create_users.sql", USERS);
  await pushed(adopter, database);
  const occupied = await adopter.clerk("add");
  assertEquals(occupied.code, 1);
  assertStringIncludes(occupied.errors, "20250102000000_create_users.sql creates public.users");
  const rename = await documentedCode("docs/add-to-a-project.md", "rename to members");
  await adopter.write("supabase/migrations/20261122000000_rename_users.sql", rename);
  await adopter.commit();
  const added = await adopter.clerk("add");
  assertEquals([added.code, added.errors], [0, ""]);
  assertStringIncludes(added.out, "supabase db push --remote --include-all\n");
  const refused = await push(adopter, database);
  assertEquals(refused.code === 0, false, refused.said);
  assertStringIncludes(refused.said, "--include-all");
  await pushed(adopter, database, "--include-all");
  const changed = (await adopter.changes()).filter((line) => !line.startsWith("A "));
  assertEquals(changed, ["M supabase/config.toml"]);
  await adopter.commit();
  const again = await adopter.clerk("add");
  assertStringIncludes(again.out, "There is nothing new for ");
  assertEquals(await adopter.changes(), []);
}

async function linkRows(adopter: Adopter, database: TestDatabase): Promise<void> {
  const { sql } = database;
  const links = await Promise.all([
    documentedCode("docs/add-to-a-project.md", "as member"),
    documentedCode("docs/add-to-a-project.md", "as note"),
  ]);
  await adopter.write("supabase/migrations/20990102000000_link.sql", [...links, OWNERS].join("\n"));
  const twice = await push(adopter, database);
  assertEquals(twice.code === 0, false, twice.said);
  assertStringIncludes(twice.said, "members_user_id_key");
  const alike = await sql.unsafe(await documentedCode("docs/add-to-a-project.md", "having count(*) > 1"));
  assertEquals(alike.map(({ address }) => address), ["ada@example.com"]);
  await sql`delete from public.members where email = 'ADA@example.com'`;
  await pushed(adopter, database);
  // A manual repair survives when the links are created again.
  const linked = () => sql`select user_id from public.members union all select user_id from public.notes order by 1`;
  const [eve] = await sql`select id from public.users where clerk_user_id = 'user_2'`;
  await sql`update public.members set user_id = ${eve!.id} where user_id is not null`;
  await sql`update public.notes set user_id = ${eve!.id} where user_id is not null`;
  const before = [...await linked()];
  for (const link of links) await sql.unsafe(link.slice(link.indexOf("update ")));
  assertEquals([...await linked()], before);
}

async function liveWithIt(adopter: Adopter, database: TestDatabase): Promise<void> {
  const { sql } = database;
  const changes = [
    profile("user_1", 1, { email: "ada@example.com", email_verified: true }),
    profile("user_2", 1, { email: "eve@example.com", email_verified: false }),
  ];
  const [row] = await sql`select public.apply_clerk_changes(${sql.json(changes as never)}) as outcomes`;
  assertEquals(row!.outcomes.map(({ outcome }: { outcome: string }) => outcome), ["created", "created"]);
  await linkRows(adopter, database);
  await sql`insert into public.notes (id, body, user_id) select 2, 'by a user', id from public.users where clerk_user_id = 'user_1'`;
  const { names, findings } = await checkProject(adopter.root);
  assertEquals([names, findings], [[
    "clerk-reconcile",
    "clerk-webhook",
    "health",
    "hello",
    "openapi",
    "organization",
    "profile",
  ], []]);
  await adopter.commit();
}

async function update(adopter: Adopter, database: TestDatabase): Promise<void> {
  const bundle = await makeNextVersion();
  await adopter.write(EDITED, `${await adopter.read(EDITED)}// Ours.\n`);
  await adopter.commit();
  const { code, out, errors } = await adopter.clerk("add", { bundle });
  assertEquals(code, 0, errors);
  assertEquals(await adopter.changes(), [
    "M supabase/clerk-supabase.json",
    `D ${GONE}`,
    "A supabase/functions/_clerk-supabase/news.ts",
    `M ${CHANGED}`,
    `A supabase/migrations/${NEWS}`,
  ]);
  assertStringIncludes(errors, `  ${EDITED} (the bundle's version has changed: compare them)`);
  assertStringIncludes(out, "supabase db push --remote\n");
  assertStringIncludes(await adopter.read(CHANGED), "// The next version.");
  await pushed(adopter, database);
  await adopter.commit();
  await Deno.remove(bundle, { recursive: true });
}

async function removeFrom(adopter: Adopter, database: TestDatabase): Promise<void> {
  const importer = "supabase/functions/hello/token.ts";
  await adopter.write(importer, 'import "../_clerk-supabase/auth/token.ts";\n');
  await adopter.commit();
  const refused = await adopter.clerk("remove");
  assertEquals([refused.code, refused.errors.split("\n").at(-1)], [1, `  ${importer}`]);
  assertEquals(await adopter.changes(), []);
  await Deno.remove(new URL(importer, adopter.root));
  const { code, errors } = await adopter.clerk("remove");
  assertEquals([code, errors.split("\n").slice(1)], [0, [`  ${EDITED}`]]);
  const removal = (await adopter.changes()).find((line) => line.includes("remove_clerk_supabase"))!.slice(2);
  // A function that someone dropped manually does not hide the other dependencies.
  await database.sql`drop function public.clerk_status()`;
  const before = await objectsIn(database);
  const failed = await push(adopter, database);
  assertEquals(failed.code === 0, false, failed.said);
  assertMatch(failed.said, /Cannot remove clerk-supabase: it is used by .*policy notes_own on table/);
  assertStringIncludes(failed.said, "default value for column user_id of table");
  assertStringIncludes(failed.said, "function own_notes()");
  assertStringIncludes(failed.said, "trigger watch on table clerk.users");
  assertEquals(await objectsIn(database), before);
  await adopter.write(removal, FAREWELL + await adopter.read(removal));
  await pushed(adopter, database);
  await assertStays(adopter, database, "20261123000100_create_users.sql");
}

/** Shows why the bundle's migrations must stay: the Supabase CLI requires every applied migration on disk. */
async function assertStays(adopter: Adopter, database: TestDatabase, migration: string): Promise<void> {
  const path = `supabase/migrations/${migration}`;
  const text = await adopter.read(path);
  await Deno.remove(new URL(path, adopter.root));
  const { code, said } = await push(adopter, database);
  assertEquals(code === 0, false, said);
  assertStringIncludes(said, "Remote migration versions not found in local migrations directory");
  await adopter.write(path, text);
}

/** The old notes with an owner: only if the account's address is confirmed, unique, and verified by Clerk. */
const OWNED = [[1, false], [2, true], [11, true], [12, false], [13, false], [14, false]];

Deno.test({
  name: "the bundle is added to an existing project, updated and removed, and the project's own objects stay unchanged",
  // Finding the Supabase CLI leaves a resource open.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const [adopter, database] = [await makeAdopter(), await createDatabase({ hostedDefaults: true })];
    try {
      await addTo(adopter, database);
      await liveWithIt(adopter, database);
      await update(adopter, database);
      await removeFrom(adopter, database);
      assertEquals(await objectsIn(database), [
        "policy organization_memberships_select_own on table organization_memberships",
        "policy organizations_select_own on table organizations",
        "policy users_select_own on table users",
        "schema public",
        "table members",
        "table notes",
        "table organization_memberships",
        "table organizations",
        "table users",
      ]);
      assertEquals((await database.sql`select id from public.users`).length, 2);
      const members = await database.sql`select email, user_id is not null as linked from public.members order by 1`;
      assertEquals([...members], [{ email: "Ada@example.com", linked: true }, {
        email: "eve@example.com",
        linked: false,
      }]);
      const notes = await database.sql`select id, user_id is not null as owned from public.notes order by id`;
      assertEquals([...notes], OWNED.map(([id, owned]) => ({ id, owned })));
      const leftover = (await adopter.changes("start")).filter((line) => !line.startsWith("A supabase/migrations/"));
      assertEquals(leftover, [`A ${EDITED}`]);
    } finally {
      await adopter.remove();
      await database.drop();
    }
  },
});

/** Runs shell commands of the documentation, in the adopter's project and for this database. */
async function follow({ root, supabase }: Adopter, { url }: TestDatabase, commands: string): Promise<void> {
  for (const [command, ...args] of commands.trim().split("\n").map((line) => line.split(" "))) {
    if (command === "mv") {
      await Deno.rename(new URL(args[0]!, root), new URL(args[1]!, root));
      continue;
    }
    assertEquals(command, "supabase");
    const given = args.map((arg) => arg === "--remote" ? `--remote=${url}?sslmode=disable` : arg);
    const { code, stdout, stderr } = await supabase(...given, "--yes");
    assertEquals(code, 0, stdout + stderr);
  }
}

Deno.test({
  name: "the bundle is added to a project whose table of users has a later date than the bundle's first migration",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const [adopter, database] = [await makeAdopter(), await createDatabase({ hostedDefaults: true })];
    try {
      await adopter.write("supabase/migrations/20261201000000_create_users.sql", USERS);
      await pushed(adopter, database);
      assertStringIncludes((await adopter.clerk("add")).errors, "20261201000000_create_users.sql creates public.users");
      await follow(adopter, database, await documentedCode("docs/add-to-a-project.md", "migration repair"));
      const rename = await documentedCode("docs/add-to-a-project.md", "rename to members");
      await adopter.write("supabase/migrations/20261122000000_rename_users.sql", rename);
      assertEquals((await adopter.clerk("add")).code, 0);
      await pushed(adopter, database, "--include-all");
      assertEquals((await database.sql`select 1 from public.members`).length, 3);
      assertEquals((await database.sql`select 1 from public.users`).length, 0);
      // A database created again from the migrations is the same.
      const fresh = await createDatabase({ hostedDefaults: true });
      await pushed(adopter, fresh, "--include-all").finally(() => fresh.drop());
    } finally {
      await adopter.remove();
      await database.drop();
    }
  },
});
