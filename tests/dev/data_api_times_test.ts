/** The local stack's Data API formats times as the hosted one does, on PostgreSQL and on the embedded database. */
import { assertEquals } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { startThrowawayStack } from "../../dev/throwaway_stack.ts";
import { createStackDatabase } from "../helpers/migrated.ts";
import { testsOf } from "../helpers/shared_test.ts";

for (const embedded of [true, false]) {
  const database = await createStackDatabase({ embedded });
  const stack = await startThrowawayStack({ databaseUrl: database.url, databaseFrom: database.from });
  const admin = createClient(stack.url, stack.keys.secret, { auth: { persistSession: false } });
  const test = testsOf(`the Data API on ${embedded ? "PGlite" : "PostgreSQL"} `);

  test("returns times with a T and an offset, in lists, embedded rows and inserted rows", async () => {
    await stack.database.script(`
      create table public.owners (id int primary key, since timestamptz);
      create table public.moments (
        id int primary key, owner int references public.owners, at timestamptz, "local" timestamp, "all" timestamptz[]
      );
      grant all on public.owners, public.moments to service_role;
      insert into public.owners values (1, '2026-11-27 01:02:03.123Z');
    `);
    const at = "2026-11-27T01:02:03.123+00:00";
    const row = { id: 1, owner: 1, at, local: "2026-11-27T01:02:03", all: [at] };
    assertEquals(await admin.from("moments").insert(row).select().single().then(({ data }) => data), row);
    const { data } = await admin.from("moments").select("*, owners(since)").eq("at", at);
    assertEquals(data, [{ ...row, owners: { since: at } }]);
  });

  test("ends", async () => {
    await stack.stop();
    await database.drop?.();
  });
}
