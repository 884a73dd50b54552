/** Tests that the committed types match those that the real CLI generates from the migrations. */
import { assertEquals } from "@std/assert";
import { generateTypes, TYPES } from "../../tools/database_types.ts";
import { withMigratedDatabase } from "../helpers/database/postgres.ts";

const OUT_OF_DATE = "supabase/functions/_clerk-supabase/database/types.ts is out of date: run deno task types";

Deno.test("the database's types match supabase gen types", () =>
  withMigratedDatabase(async ({ url }) => {
    assertEquals(await Deno.readTextFile(TYPES), await generateTypes(url), OUT_OF_DATE);
  }));

Deno.test("generateTypes() includes a column that a migration adds", () =>
  withMigratedDatabase(async ({ sql, url }) => {
    await sql`alter table public.users add column favourite_colour text`;
    const columns = (await generateTypes(url)).match(/^ +"favourite_colour"\??: string \| null;$/gm);
    // In Row, Insert and Update.
    assertEquals(columns?.length, 3);
  }));
