import { assertEquals } from "@std/assert";
import { createRetry } from "../../../supabase/functions/clerk-reconcile/retry.ts";
import type { ReconcileState, Step } from "../../../supabase/functions/clerk-reconcile/state.ts";
import { createFakeClerk, createFakeTable } from "../../helpers/clerk/clerk_api.ts";

/** Runs a retry of users that the schema refused, and of one deletion that it blocked. */
async function retry(refused: number, deleteMode: "hard" | "soft" = "hard", blocked = "DELETE_BLOCKED") {
  const clerk = createFakeClerk(refused, 0);
  const table = createFakeTable();
  const refusals = [...clerk.users.keys()].map((user_id) => ({
    user_id,
    type: "user.updated",
    code: "SCHEMA_REFUSED",
  }));
  refusals.push({ user_id: "user_zoe", type: "user.deleted", code: blocked });
  const modes: string[] = [];
  const task = createRetry({
    clerk,
    apply: table.apply,
    applyItems: async (users, answeredAt) => {
      const outcomes = await table.apply(
        users.map(({ id }) => ({ type: "user.fetched", user_id: id, sent_at: answeredAt })),
      );
      return users.map(({ id }, index) => ({ user_id: id, ...outcomes[index]! }));
    },
    store: {
      listRefusals: (after, size) => Promise.resolve(refusals.filter(({ user_id }) => user_id > after).slice(0, size)),
      retryDeletions: () => Promise.resolve([{ user_id: "user_zoe", outcome: "deleted", code: "DELETE_BLOCKED" }]),
      retryOrganizationDeletions: (_, mode) => {
        modes.push(mode);
        return Promise.resolve([]);
      },
    },
    deleteMode,
    organizationDeleteMode: "soft",
    now: () => 0,
  });
  let state: ReconcileState = await task.begin({});
  const results: Step["results"] = [];
  while (state.retry?.finished_at === undefined) {
    const step = await task.step(state);
    ({ state } = step);
    results.push(...step.results);
  }
  return { clerk, table, results, state, modes };
}

Deno.test("a retry tries the deletions, then the refused users page by page", async () => {
  const { clerk, table, results, state } = await retry(120);
  assertEquals(clerk.asked, ["list 50 ids", "list 50 ids", "list 20 ids"]);
  assertEquals([table.rows.size, results.length, results[0]?.user_id, state.retry?.items], [120, 121, "user_zoe", 121]);
});

Deno.test("a retry without refused users sends no request to Clerk", async () => {
  assertEquals((await retry(0)).clerk.asked, []);
});

Deno.test("a retry in mode soft leaves hidden rows alone", async () => {
  assertEquals((await retry(1, "soft")).results.map(({ user_id }) => user_id), ["user_000000"]);
});

Deno.test("a retry in mode soft hides a row that the schema did not allow to be hidden", async () => {
  for (const mode of ["soft", "hard"] as const) {
    const { results, table } = await retry(0, mode, "SCHEMA_REFUSED");
    assertEquals(results.map(({ user_id }) => user_id), ["user_zoe"]);
    assertEquals([...table.tombstones], mode === "soft" ? ["user_zoe"] : []);
  }
});
