/** Tests with two connections that a change decides on the state committed while it waited. */
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { deletion, profile, signIn } from "../helpers/database/changes.ts";
import { connectTo, createMigratedDatabase, forgetAll } from "../helpers/database/postgres.ts";
import { eventually } from "../../project/eventually.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await createMigratedDatabase();
const [first, second] = [connectTo(database.url), connectTo(database.url)];

async function apply(sql: postgres.Sql | postgres.TransactionSql, ...changes: unknown[]): Promise<string[]> {
  const [row] = await sql`select public.apply_clerk_changes(${sql.json(changes as never)}) as outcomes`;
  return row!.outcomes.map(({ outcome }: { outcome: string }) => outcome);
}

const emails = async () =>
  Object.fromEntries(
    (await database.sql`select clerk_user_id, email from public.users`).map((row) => [row.clerk_user_id, row.email]),
  );

/** Runs `held` in a transaction of the first connection, and commits once the second connection waits for it. */
async function overlap(held: unknown[], waiting: unknown[]): Promise<string[]> {
  const { promise: commit, resolve } = Promise.withResolvers<void>();
  const holding = Promise.withResolvers<void>();
  const transaction = first.begin(async (sql) => {
    await apply(sql, ...held);
    holding.resolve();
    await commit;
  });
  await holding.promise;
  const outcomes = apply(second, ...waiting);
  // If it does not wait, the test reports that, regardless of its outcome.
  outcomes.catch(() => {});
  try {
    await eventually(async () => {
      const rows = await database.sql`
        select from pg_stat_activity
        where datname = current_database() and wait_event = 'advisory' and query like '%apply_clerk_changes%'`;
      assert(rows.length > 0, "the second connection does not wait");
    });
  } finally {
    resolve();
    await transaction;
  }
  return await outcomes;
}

const test = testsOf("apply_clerk_changes() ", () => forgetAll(database.sql));

test("finds an older version stale if a newer one committed while it waited", async () => {
  await apply(second, profile("user_a", 1, { first_name: "one" }));
  assertEquals(
    await overlap([profile("user_a", 3, { first_name: "three" })], [profile("user_a", 2, { first_name: "two" })]),
    ["stale"],
  );
  assertEquals((await database.sql`select first_name from public.users`)[0]!.first_name, "three");
});

test("finds a duplicate if the same message committed while it waited", async () => {
  const message = profile("user_a", 1);
  assertEquals(await overlap([message], [message]), ["duplicate"]);
});

test("does not restore a user deleted while it waited", async () => {
  assertEquals(await overlap([deletion("user_a", 2)], [profile("user_a", 3)]), ["stale"]);
  assertEquals(await emails(), {});
});

test("keeps the later of two sign-ins", async () => {
  await apply(second, profile("user_a", 1));
  assertEquals(await overlap([signIn("user_a", 9)], [signIn("user_a", 5)]), ["unchanged"]);
});

test("gives an address to one of two users that claim it at the same time", async () => {
  const claim = (id: string, version: number) => profile(id, version, { email: "x@example.com", email_verified: true });
  assertEquals(await overlap([claim("user_a", 2)], [claim("user_b", 1)]), ["created"]);
  assertEquals(await emails(), { user_a: "x@example.com", user_b: null });
});

test("passes an address on to a claim that committed while it waited", async () => {
  const claim = (id: string, version: number, email: string) => profile(id, version, { email, email_verified: true });
  await apply(second, claim("user_a", 5, "x@example.com"));
  assertEquals(await overlap([claim("user_b", 1, "x@example.com")], [claim("user_a", 6, "y@example.com")]), [
    "updated",
  ]);
  assertEquals(await emails(), { user_a: "y@example.com", user_b: "x@example.com" });
});

test("locks a bounded number of objects for any number of changes", async () => {
  const page = (offset: number) =>
    Array.from(
      { length: 500 },
      (_, index) => profile(`user_${offset + index}`, 1, { email: `${offset + index}@example.com` }),
    );
  await first.begin(async (sql) => {
    for (let offset = 0; offset < 10_000; offset += 500) await apply(sql, ...page(offset));
    const [row] =
      await sql`select count(*)::int as n from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`;
    assert(row!.n > 1_000 && row!.n <= 2_048, `${row!.n} locks`);
  });
});

testsOf("")("the database is dropped", async () => {
  await Promise.all([first.end(), second.end()]);
  await database.drop();
});
