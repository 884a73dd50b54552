/** A released migration never changes, because users have applied it. */
import { assertEquals } from "@std/assert";
import { compareHashes, findForbidden, hashMigrations, readHashes } from "../../tools/migrations/hashes.ts";

Deno.test("every migration has its recorded hash (until it is released, deno task migrations records it)", async () => {
  assertEquals(compareHashes(await readHashes(), await hashMigrations()), []);
});

Deno.test("the check of hashes names a changed, a missing and an unrecorded migration", () => {
  const recorded = { "1_a.sql": "x", "2_b.sql": "y", "3_c.sql": "z" };
  assertEquals(compareHashes(recorded, { "1_a.sql": "x", "2_b.sql": "other", "4_d.sql": "w" }), [
    "2_b.sql has changed",
    "3_c.sql is gone",
    "4_d.sql is not recorded",
  ]);
});

Deno.test("a changed or missing migration may be recorded again until it is released; a new one always", () => {
  const [recorded, current] = [{ "1_a.sql": "x", "2_b.sql": "y" }, { "1_a.sql": "other", "3_c.sql": "z" }];
  assertEquals(findForbidden(recorded, current, new Set()), []);
  assertEquals(findForbidden(recorded, current, new Set(["2_b.sql"])), ["2_b.sql is gone"]);
  assertEquals(findForbidden(recorded, current, new Set(["1_a.sql"])), ["1_a.sql has changed"]);
  assertEquals(findForbidden(recorded, { ...recorded, "3_c.sql": "z" }, new Set(["1_a.sql", "2_b.sql"])), []);
});
