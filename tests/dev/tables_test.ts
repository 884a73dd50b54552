/** The table view of the local stack, on PostgreSQL and on the embedded database. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { testsOf } from "../helpers/shared_test.ts";
import { startTestStack, type TestStack } from "../helpers/stack/stack.ts";

async function ask(stack: TestStack, query: Record<string, string> = {}, headers: Record<string, string> = {}) {
  const response = await fetch(`${stack.url}/tables.json?${new URLSearchParams(query)}`, { headers });
  return { status: response.status, body: await response.json() };
}

for (const embedded of [true, false]) {
  const stack = await startTestStack({}, { embedded });
  const test = testsOf(`the table view on ${embedded ? "PGlite" : "PostgreSQL"} `);

  test("lists the tables of public and returns rows despite row level security, newest first", async () => {
    const { body } = await ask(stack);
    assertEquals(["users", "resumes"].map((name) => body.tables.includes(name)), [true, true]);
    await stack.database.script(`
      create table public."odd "" <b>table" (id int, "<i>column" text, created_at timestamptz, gone int);
      alter table public."odd "" <b>table" drop column gone;
      alter table public."odd "" <b>table" enable row level security;
      insert into public."odd "" <b>table" values (1, null, '2026-01-01Z'), (2, repeat('x', 1000), '2026-01-02Z');
    `);
    const shown = (await ask(stack, { table: 'odd " <b>table' })).body;
    assertEquals(shown.columns, ["id", "<i>column", "created_at"]);
    assertEquals(shown.rows.map((row: string[]) => row.slice(0, 2)), [["2", `${"x".repeat(200)} …`], ["1", null]]);
    assertEquals([shown.count, shown.hasMore], [2, false]);
  });

  test("counts and sorts at most 1,000 rows and returns 100", async () => {
    await stack.database.script(`
      create table public.huge (id bigint generated always as identity, created_at timestamptz default now());
      insert into public.huge (created_at) select now() + n * interval '1 s' from generate_series(1, 1500) n;
    `);
    const { rows, count, hasMore } = (await ask(stack, { table: "huge" })).body;
    assertEquals([rows.length, count, hasMore], [100, 1_000, true]);
    // If the table were sorted, the first row would be 1500.
    assertEquals(rows[0][0], "1");
  });

  test("reads in read-only transactions", async () => {
    const write = "insert into public.huge default values returning id";
    const error = await assertRejects(() => stack.database.read(write), Error);
    assertStringIncludes(error.message, "read-only transaction");
    assertEquals((await stack.database.query("select count(*)::int as count from public.huge"))[0]?.count, 1500);
    // The next transaction may write again.
    assertEquals((await stack.database.query(write)).length, 1);
  });

  test("answers 404 for other tables and 403 for other pages", async () => {
    for (const table of ["pg_authid", "users; drop table users", "clerk.user_tombstones"]) {
      assertEquals((await ask(stack, { table })).status, 404);
    }
    for (const headers of [{ origin: "http://127.0.0.1:1" }, { "sec-fetch-site": "cross-site" }]) {
      assertEquals((await ask(stack, {}, headers)).status, 403);
    }
  });

  test("ends", () => stack.stop());
}
