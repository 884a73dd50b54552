/** `deno task dev` with a PostgreSQL that the developer has started. */
import { assertEquals, assertMatch } from "@std/assert";
import { checkOut } from "../helpers/checkout.ts";
import { FREE_PORTS, interrupt, paste, ready, start } from "../helpers/dev.ts";
import { createDatabase } from "../helpers/postgres.ts";

Deno.test("deno task dev uses the PostgreSQL of DATABASE_URL, twice", async () => {
  const folder = await checkOut();
  const database = await createDatabase({ hostedDefaults: false });
  try {
    for (const users of [1, 2]) {
      const dev = start(folder, FREE_PORTS, { DATABASE_URL: database.url });
      assertMatch(await paste(await ready(dev)), /"clerk_user_id":"user_\w+"/);
      await interrupt(dev);
      assertEquals((await database.sql`select count(*)::int as n from public.users`)[0]!.n, users);
    }
  } finally {
    await database.drop();
    await Deno.remove(folder, { recursive: true });
  }
});
