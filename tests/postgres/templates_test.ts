/** Tests the templates that the tests' databases are copied from. */
import { assertEquals } from "@std/assert";
import { readMigrations } from "../../project/migrations.ts";
import { createMigratedDatabase } from "../helpers/database/postgres.ts";

Deno.test("databases created at the same time are copies of one template, with each migration", async () => {
  const databases = await Promise.all([1, 2, 3].map(createMigratedDatabase));
  const expected = (await readMigrations()).map(({ version }) => version);
  for (const { sql } of databases) {
    const rows = await sql`select version from supabase_migrations.schema_migrations order by version`;
    assertEquals(rows.map(({ version }) => version), expected);
  }
  const templates = await databases[0]!.sql`
    select datname, datallowconn from pg_database where datname like 'template_migrated_%'`;
  assertEquals(templates.map(({ datname, datallowconn }) => [datname.replace(/_[0-9a-f]+$/, ""), datallowconn]), [
    ["template_migrated", false],
  ]);
  for (const { drop } of databases) await drop();
});

Deno.test("a change in a copy does not reach the next copy", async () => {
  const first = await createMigratedDatabase();
  await first.sql`create table public.of_the_first ()`;
  await first.drop();
  const second = await createMigratedDatabase();
  assertEquals([...await second.sql`select to_regclass('public.of_the_first') as found`], [{ found: null }]);
  await second.drop();
});
