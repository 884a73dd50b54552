/** What `clerk_diagnosis` tells the doctor, with a fault planted for each part. */
import { assert, assertEquals } from "@std/assert";
import { readMigrations } from "../../dev/project.ts";
import { openEmbedded } from "../helpers/embedded.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openEmbedded();
const test = testsOf("clerk_diagnosis() ");

interface Diagnosis {
  migrations: string[] | null;
  tables: number;
  tables_without_rls: string[];
  policies: Array<{ table: string; name: string; using: string | null; check: string | null }>;
  client_rights: string[];
  user_columns: Record<string, "base" | "own" | "generated">;
}

/** Asks as the service role, after statements that are taken back. */
async function diagnose(plant = ""): Promise<Diagnosis> {
  await database.script(`begin; ${plant}; set local role service_role`);
  try {
    return (await database.query("select public.clerk_diagnosis() as diagnosis"))[0]!.diagnosis as Diagnosis;
  } finally {
    await database.script("rollback");
  }
}

test("finds nothing wrong after the migrations", async () => {
  const { migrations, tables, tables_without_rls, policies, client_rights } = await diagnose();
  assertEquals(migrations, (await readMigrations()).map(({ version }) => version));
  assert(tables >= 4);
  assertEquals([tables_without_rls, client_rights], [[], []]);
  assert(policies.some(({ table, name }) => table === "public.users" && name === "users_select_own"));
});

test("tells which columns of public.users are the bundle's, the adopter's, and generated", async () => {
  const { user_columns: before } = await diagnose();
  assertEquals(new Set(Object.values(before)), new Set(["base"]));
  const { user_columns } = await diagnose(`
    alter table public.users
      add column phone_number text, add column number bigint generated always as identity,
      add column shout text generated always as (upper(first_name)) stored, add column gone text;
    alter table public.users drop column gone`);
  assertEquals(user_columns, { ...before, phone_number: "own", number: "generated", shout: "generated" });
});

test("names the tables without row level security, of the app and ours", async () => {
  const { tables_without_rls } = await diagnose(`
    create table public."Open" (id integer);
    create table clerk.planted (id integer);
    create table public.parted (id integer) partition by list (id);
    create view public.looking as select 1 as one;
    alter table public.resumes disable row level security`);
  assertEquals(tables_without_rls, ["clerk.planted", 'public."Open"', "public.parted", "public.resumes"]);
});

test("tells every policy of public as PostgreSQL writes it out, with the schema of each function", async () => {
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

test("names what clients may write in public.users, of the whole and of columns", async () => {
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

test("tells which migrations are applied, none of them too", async () => {
  const all = (await readMigrations()).map(({ version }) => version);
  const migrations = async (plant: string) => (await diagnose(plant)).migrations;
  const last = all.at(-1)!;
  assertEquals(
    await migrations(`delete from supabase_migrations.schema_migrations where version = '${last}'`),
    all.slice(0, -1),
  );
  assertEquals(await migrations("delete from supabase_migrations.schema_migrations"), []);
});

test("tells null where the Supabase CLI applied nothing", async () => {
  assertEquals((await diagnose("drop schema supabase_migrations cascade")).migrations, null);
});

test("cannot be asked by clients", async () => {
  for (const role of ["anon", "authenticated"]) {
    for (const call of ["public.clerk_diagnosis()", "clerk.applied_migrations()"]) {
      await database.script(`begin; set local role ${role}`);
      const refused = await database.query(`select ${call}`).then(() => false, () => true);
      await database.script("rollback");
      assert(refused, `${role} ${call}`);
    }
  }
});
