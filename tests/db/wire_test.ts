/** An embedded database for other programs: by PostgreSQL's wire protocol. */
import { assertEquals, assertRejects } from "@std/assert";
import postgres from "postgres";
import { openPglite } from "../../project/database/pglite.ts";
import { serveWire } from "../../project/database/wire.ts";
import { testsOf } from "../helpers/shared_test.ts";

const test = testsOf("serveWire() ");

test("answers a driver's queries, one connection after the other, and tells it of errors", async () => {
  const database = await openPglite();
  const server = serveWire(database);
  for (const ssl of [false, "prefer"] as const) {
    const sql = postgres(server.url, { max: 1, ssl });
    assertEquals([...await sql`select ${"x".repeat(200_000)}::text as long, ${7}::integer as n`], [
      { long: "x".repeat(200_000), n: 7 },
    ]);
    await assertRejects(() => sql`select no_such_column`, postgres.PostgresError, "no_such_column");
    assertEquals([...await sql`select 1 as one`], [{ one: 1 }]);
    await sql.end();
  }
  assertEquals(await database.query("select 2 as two"), [{ two: 2 }]);
  server.close();
  await database.close();
});

test("lets the next one in after a client that is gone", async () => {
  const database = await openPglite();
  const server = serveWire(database);
  const gone = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(server.url).port) });
  await gone.write(new Uint8Array([0, 0]));
  gone.close();
  const sql = postgres(server.url, { max: 1 });
  assertEquals([...await sql`select 1 as one`], [{ one: 1 }]);
  await sql.end();
  server.close();
  await database.close();
});
