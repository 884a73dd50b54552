/** Tests that the committed types match those that the real CLI generates from the migrations. */
import { assertEquals } from "@std/assert";
import { generateTypes, TYPE_FILES } from "../../tools/database_types.ts";
import { withMigratedDatabase } from "../helpers/database/postgres.ts";

Deno.test("the database's types, and their copies in examples, match supabase gen types", () =>
  withMigratedDatabase(async ({ url }) => {
    const generated = await generateTypes(url);
    for (const file of TYPE_FILES) {
      assertEquals(await Deno.readTextFile(file), generated, `${file.pathname} is out of date: run deno task types`);
    }
  }));

Deno.test("generateTypes() includes a column that a migration adds", () =>
  withMigratedDatabase(async ({ sql, url }) => {
    await sql`alter table public.users add column favourite_colour text`;
    const columns = (await generateTypes(url)).match(/^ +"favourite_colour"\??: string \| null;$/gm);
    // In Row, Insert and Update.
    assertEquals(columns?.length, 3);
  }));
