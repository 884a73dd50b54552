import { assertEquals } from "@std/assert";
import type { ClerkChange } from "../../../supabase/functions/_clerk-supabase/database/change.ts";
import { createOwnColumnsMapping } from "../../../supabase/functions/_clerk-supabase/clerk/own_columns.ts";
import { createApplyItems } from "../../../supabase/functions/clerk-reconcile/apply_items.ts";
import { usersMapping } from "../../helpers/clerk/clerk_api.ts";

Deno.test("createApplyItems() applies a page in one call, with each user's own columns", async () => {
  const calls: Array<readonly ClerkChange[]> = [];
  const applyItems = createApplyItems((changes) => {
    calls.push(changes);
    return Promise.resolve(changes.map(() => ({ outcome: "created" })));
  }, usersMapping(createOwnColumnsMapping({ of_user: ({ id }) => id })));
  assertEquals(await applyItems([{ id: "user_a" }, { id: "user_b" }], 1), [
    { user_id: "user_a", outcome: "created" },
    { user_id: "user_b", outcome: "created" },
  ]);
  assertEquals(calls.map((changes) => changes.map(({ own }) => own)), [[{ of_user: "user_a" }, { of_user: "user_b" }]]);
  assertEquals([await applyItems([], 1), calls.length], [[], 1]);
});
