/** Tests `deno task dev` with a PostgreSQL that the developer has started. */
import { assertEquals } from "@std/assert";
import { checkOut } from "../../project/checkout.ts";
import { FREE_PORTS, interrupt, paste, readsProfile, ready, start } from "../helpers/stack/dev.ts";
import { createDatabase } from "../helpers/database/postgres.ts";

Deno.test("deno task dev uses the PostgreSQL of DATABASE_URL, twice", async () => {
  const folder = await checkOut();
  const database = await createDatabase({ hostedDefaults: false });
  try {
    for (const users of [1, 2]) {
      const dev = start(folder, FREE_PORTS, { DATABASE_URL: database.url });
      const output = await ready(dev);
      await paste(output);
      await readsProfile(output);
      await interrupt(dev);
      assertEquals((await database.sql`select count(*)::int as n from public.users`)[0]!.n, users);
    }
  } finally {
    await database.drop();
    await Deno.remove(folder, { recursive: true });
  }
});
