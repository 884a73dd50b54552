import { assertEquals } from "@std/assert";
import { createBackfill, createCompareUsers } from "../../../supabase/functions/clerk-reconcile/walk.ts";
import type { ReconcileState, Task } from "../../../supabase/functions/clerk-reconcile/state.ts";
import { createFakeClerk, createFakeTable, type FakeClerk } from "../../helpers/clerk_api.ts";

const NOW = Date.parse("2026-11-23T10:00:00Z");
const now = () => NOW;

/** Steps until the task is done, with something happening before each. */
async function runTask(task: Task, state: ReconcileState, before: (step: number) => void = () => {}) {
  for (let step = 0; state[task.name]?.finished_at === undefined; step++) {
    if (step > 100) throw new Error("Cannot end");
    before(step);
    ({ state } = await task.step(state));
  }
  return state;
}

const backfillOf = (clerk: FakeClerk) => {
  const table = createFakeTable();
  return { table, task: createBackfill({ clerk, apply: table.apply, now }) };
};

Deno.test("the backfill brings every user in, page by page, and sets the watermark to where it began", async () => {
  const clerk = createFakeClerk(1_250, NOW);
  const { table, task } = backfillOf(clerk);
  const state = await runTask(task, await task.begin({}));
  assertEquals(table.rows.size, 1_250);
  assertEquals(clerk.asked, ["list 0", "list user_000499", "list user_000999"]);
  assertEquals([state.backfill?.users, state.backfill?.total, state.watermark], [1_250, 1_250, NOW - 5 * 60_000]);
  assertEquals(Math.max(...table.calls), 100, "no call holds its locks for long");
});

Deno.test("the backfill asks once more where the last page was full, and ends for no users at all", async () => {
  const full = createFakeClerk(500, NOW);
  const { table, task } = backfillOf(full);
  await runTask(task, await task.begin({}));
  assertEquals([table.rows.size, full.asked], [500, ["list 0", "list user_000499"]]);
  const empty = backfillOf(createFakeClerk(0, NOW));
  assertEquals((await runTask(empty.task, await empty.task.begin({}))).watermark, NOW - 5 * 60_000);
});

Deno.test("the backfill falls back to an older cursor where users were deleted, and then to the start", async () => {
  for (const gone of [1, 9, 10]) {
    const clerk = createFakeClerk(700, NOW);
    const { table, task } = backfillOf(clerk);
    await runTask(task, await task.begin({}), (step) => {
      if (step !== 1) return;
      for (let index = 500 - gone; index < 500; index++) clerk.users.delete(`user_${String(index).padStart(6, "0")}`);
    });
    const cursor = gone === 10 ? "list 0" : `list user_${String(499 - gone).padStart(6, "0")}`;
    assertEquals([clerk.asked.length, clerk.asked.at(gone + 1)], [gone === 10 ? gone + 3 : gone + 2, cursor]);
    assertEquals(table.rows.size, 700, `${gone}`);
  }
});

Deno.test("a comparison tells what is missing, outdated or deleted here, and stores no watermark", async () => {
  const clerk = createFakeClerk(600, NOW);
  const table = createFakeTable();
  await table.apply(
    [...clerk.users.values()].slice(3).map((user) => ({
      type: "user.fetched",
      user_id: user.id,
      sent_at: NOW,
      updated_at: Number(user.updated_at) - (user.id === "user_000300" ? 1 : 0),
    })),
  );
  table.tombstones.add("user_000400").add("user_000001");
  const task = createCompareUsers({ clerk, apply: table.apply, now });
  const rows = {
    started_at: "",
    users: 0,
    total: 0,
    round: "count" as const,
    after: "",
    absent: 0,
    deleted: 0,
    examples: [],
  };
  const state = await runTask(task, await task.begin({ compare_rows: rows }));
  assertEquals([state.watermark, state.compare_rows], [undefined, undefined]);
  assertEquals(state.compare_users?.drift, {
    missing: 2,
    outdated: 1,
    deleted_here: 2,
    examples: {
      missing: ["user_000000", "user_000002"],
      outdated: ["user_000300"],
      deleted_here: ["user_000001", "user_000400"],
    },
  });
});
