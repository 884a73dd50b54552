/** Tests the connections that the local stack's Data API borrows, when the server ends one. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import postgres from "postgres";
import { createLender, type Lender, type Reserved } from "../../project/database/lender.ts";
import { createDatabase, type TestDatabase } from "../helpers/database/postgres.ts";

const CLOSED = "The connection to PostgreSQL was closed";
const MAX_CLIENTS = 10;

/** Runs a test with a lender on a separate database. */
async function withLender(run: (lender: Lender, database: TestDatabase) => Promise<void>): Promise<void> {
  const database = await createDatabase({ hostedDefaults: false });
  const lender = createLender((onclose) => postgres(database.url, { max: 1, onclose, onnotice: () => {} }));
  try {
    await run(lender, database);
  } finally {
    await lender.end({ timeout: 1 });
    await database.drop();
  }
}

const pidOf = async (lent: Reserved) =>
  (await lent.unsafe("select pg_backend_pid() as pid") as [{ pid: number }])[0].pid;

/** Begins a transaction whose next statement gets no response, and ends its connection. */
async function cut(lent: Reserved, { sql }: TestDatabase): Promise<void> {
  await lent.unsafe("begin");
  const pid = await pidOf(lent);
  const statement = assertRejects(() => lent.unsafe("select pg_sleep($1)", [3_600]), Error);
  await sql`select pg_terminate_backend(${pid})`;
  await statement;
}

Deno.test("a lent connection that the server ends refuses the rollback, and the next request gets another", () =>
  withLender(async (lender, database) => {
    // More often than there are connections, to show that every connection still works.
    for (let time = 0; time <= MAX_CLIENTS; time++) {
      const lent = await lender.reserve();
      await cut(lent, database);
      assertEquals((await assertRejects(() => lent.unsafe("rollback"), Error)).message, CLOSED);
      lent.release();
    }
    assertEquals((await lender.reserve().then((lent) => lent.unsafe("select 1 as one")) as unknown[])[0], { one: 1 });
  }));

Deno.test("a request that waits for a connection gets one when the server ends another", () =>
  withLender(async (lender, database) => {
    const lent = await Promise.all(Array.from({ length: MAX_CLIENTS }, () => lender.reserve()));
    let got = false;
    const waits = lender.reserve().then((one) => {
      got = true;
      return one;
    });
    await pidOf(lent[0]!);
    assertEquals(got, false);
    await cut(lent[0]!, database);
    await pidOf(await waits);
  }));

Deno.test("a returned connection is lent again", () =>
  withLender(async (lender) => {
    const first = await lender.reserve();
    const pid = await pidOf(first);
    first.release();
    assertEquals(await pidOf(await lender.reserve()), pid);
  }));

Deno.test("a lender reports an unreachable server, and lends again when it is reachable", () =>
  withLender(async (_, database) => {
    let url = "postgresql://postgres@127.0.0.1:1/none";
    const lender = createLender((onclose) => postgres(url, { max: 1, onclose, onnotice: () => {} }));
    for (let time = 0; time <= MAX_CLIENTS; time++) {
      assertMatch(String(await assertRejects(() => lender.reserve(), Error)), /ECONNREFUSED/);
    }
    url = database.url;
    await pidOf(await lender.reserve());
    await lender.end({ timeout: 1 });
  }));
