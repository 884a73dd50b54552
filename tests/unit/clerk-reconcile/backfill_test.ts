import { assertEquals, assertRejects } from "@std/assert";
import { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import { createApplyItems } from "../../../supabase/functions/clerk-reconcile/apply_items.ts";
import { createUsersReader } from "../../../supabase/functions/clerk-reconcile/users.ts";
import { createBackfill, createComparison } from "../../../supabase/functions/clerk-reconcile/backfill.ts";
import type { ReconcileState, Task } from "../../../supabase/functions/clerk-reconcile/state.ts";
import {
  createFakeClerk,
  createFakeTable,
  type FakeClerk,
  makeCostly,
  usersMapping,
} from "../../helpers/clerk/clerk_api.ts";

const NOW = Date.parse("2026-11-23T10:00:00Z");
const now = () => NOW;

/** Runs the task to its end, with a callback before each step. */
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
  return {
    table,
    task: createBackfill({
      reader: createUsersReader(clerk),
      applyItems: createApplyItems(table.apply, usersMapping()),
      now,
    }),
  };
};

Deno.test("the backfill imports every user page by page, and sets the watermark to its start", async () => {
  const clerk = createFakeClerk(625, NOW);
  const { table, task } = backfillOf(clerk);
  const state = await runTask(task, await task.begin({}));
  assertEquals(table.rows.size, 625);
  assertEquals(clerk.asked, ["list 0", "list user_000249", "list user_000499"]);
  assertEquals([state.backfill?.items, state.backfill?.total, state.watermark], [625, 625, NOW - 5 * 60_000]);
  assertEquals(table.calls, [250, 250, 125], "a page is one call: each costs a round trip, and its locks are short");
});

Deno.test("the backfill requests no further full page after one cost too much", async () => {
  const clerk = createFakeClerk(225, NOW);
  const limits = makeCostly(clerk);
  const { table, task } = backfillOf(clerk);
  const state = await runTask(task, await task.begin({}));
  assertEquals([table.rows.size, state.backfill?.items, limits], [225, 225, [250, 50, 50, 50, 50]]);
});

Deno.test("the backfill asks once more after a full page, and ends if there are no users", async () => {
  const full = createFakeClerk(250, NOW);
  const { table, task } = backfillOf(full);
  await runTask(task, await task.begin({}));
  assertEquals([table.rows.size, full.asked], [250, ["list 0", "list user_000249"]]);
  const empty = backfillOf(createFakeClerk(0, NOW));
  assertEquals((await runTask(empty.task, await empty.task.begin({}))).watermark, NOW - 5 * 60_000);
});

Deno.test("the backfill falls back to an older cursor if users were deleted, and then to the start", async () => {
  for (const gone of [1, 9, 10]) {
    const clerk = createFakeClerk(450, NOW);
    const { table, task } = backfillOf(clerk);
    await runTask(task, await task.begin({}), (step) => {
      if (step !== 1) return;
      for (let index = 250 - gone; index < 250; index++) clerk.users.delete(`user_${String(index).padStart(6, "0")}`);
    });
    const cursor = gone === 10 ? "list 0" : `list user_${String(249 - gone).padStart(6, "0")}`;
    assertEquals([clerk.asked.length, clerk.asked.at(gone + 1)], [gone === 10 ? gone + 3 : gone + 2, cursor]);
    assertEquals(table.rows.size, 450, `${gone}`);
  }
});

Deno.test("the backfill fails if Clerk refuses all cursors", async () => {
  const clerk = createFakeClerk(450, NOW);
  const { listUsers } = clerk;
  clerk.listUsers = (query) => query.starting_after === undefined ? listUsers(query) : Promise.resolve(undefined);
  const { task } = backfillOf(clerk);
  const error = await assertRejects(async () => await runTask(task, await task.begin({})), ApiError);
  assertEquals(error.code, "CLERK_UNAVAILABLE");
});

Deno.test("the backfill fails if a list ends too early", async () => {
  const clerk = createFakeClerk(2_000, NOW);
  const { listUsers } = clerk;
  let fails = true;
  clerk.listUsers = async (query) => {
    const page = await listUsers(query);
    return fails && query.starting_after === "user_000999" ? { ...page!, users: [] } : page;
  };
  const { table, task } = backfillOf(clerk);
  let state = await task.begin({});
  for (let page = 0; page < 4; page++) ({ state } = await task.step(state));
  assertEquals((await assertRejects(() => task.step(state), ApiError)).code, "CLERK_UNAVAILABLE");
  fails = false;
  assertEquals((await runTask(task, state)).backfill?.items, 2_000);
  assertEquals(table.rows.size, 2_000);
});

Deno.test("the backfill ends if some users were deleted while it read", async () => {
  const clerk = createFakeClerk(600, NOW);
  const { task } = backfillOf(clerk);
  const state = await runTask(task, await task.begin({}), (step) => {
    if (step === 1) { for (let index = 300; index < 400; index++) clerk.users.delete(`user_000${index}`); }
  });
  assertEquals([state.backfill?.items, state.backfill?.finished_at !== undefined], [500, true]);
});

Deno.test("a finished backfill removes an unfinished pull", async () => {
  const { task } = backfillOf(createFakeClerk(3, NOW));
  const pull = { started_at: "", items: 0, total: 0, offset: 9_000 };
  assertEquals("pull" in await runTask(task, await task.begin({ watermark: 1, pull })), false);
});

Deno.test("a comparison that falls back to the start counts no user twice", async () => {
  const clerk = createFakeClerk(450, NOW);
  const preview = (changes: Parameters<ReturnType<typeof createFakeTable>["apply"]>[0]) =>
    createFakeTable().apply(changes);
  const task = createComparison("users", {
    reader: createUsersReader(clerk),
    applyItems: createApplyItems(preview, usersMapping()),
    now,
  });
  const state = await runTask(task, await task.begin({}), (step) => {
    if (step === 1) { for (let index = 240; index < 250; index++) clerk.users.delete(`user_000${index}`); }
  });
  assertEquals(state.compare_users?.drift?.missing, 440);
});

Deno.test("a comparison counts missing, outdated and deleted users, and stores no watermark", async () => {
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
  const task = createComparison("users", {
    reader: createUsersReader(clerk),
    applyItems: createApplyItems(table.apply, usersMapping()),
    now,
  });
  const rows = {
    started_at: "",
    items: 0,
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
    refused: 0,
    examples: {
      missing: ["user_000000", "user_000002"],
      outdated: ["user_000300"],
      deleted_here: ["user_000001", "user_000400"],
    },
  });
});
