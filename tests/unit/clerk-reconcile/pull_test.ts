import { assertEquals, assertRejects } from "@std/assert";
import { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import { createApplyItems } from "../../../supabase/functions/clerk-reconcile/apply_items.ts";
import { createPull } from "../../../supabase/functions/clerk-reconcile/pull.ts";
import { createUsersReader } from "../../../supabase/functions/clerk-reconcile/users.ts";
import { createBackfill } from "../../../supabase/functions/clerk-reconcile/backfill.ts";
import type { ReconcileState } from "../../../supabase/functions/clerk-reconcile/state.ts";
import {
  createFakeClerk,
  createFakeTable,
  type FakeClerk,
  makeCostly,
  usersMapping,
} from "../../helpers/clerk/clerk_api.ts";

const NOW = Date.parse("2026-11-23T10:00:00Z");
const HOUR = 60 * 60_000;

async function pull(clerk: FakeClerk, state: ReconcileState, before: (step: number) => void = () => {}) {
  const table = createFakeTable();
  const applyItems = createApplyItems(table.apply, usersMapping());
  const backfill = createBackfill({ reader: createUsersReader(clerk), applyItems, now: () => NOW });
  const task = createPull({ clerk, applyItems, backfill, now: () => NOW });
  state = await task.begin(state);
  for (let step = 0; state.pull?.finished_at === undefined; step++) {
    if (step > 100) throw new Error("Cannot end");
    before(step);
    ({ state } = await task.step(state));
  }
  return { table, state };
}

/** Returns a user by its place from the end of the list. Each user is a second older than the next. */
const user = (place: number) => `user_${String(2_000 - place).padStart(6, "0")}`;

Deno.test("a pull reads users updated since the watermark, and moves the watermark", async () => {
  const clerk = createFakeClerk(2_000, NOW);
  const { table, state } = await pull(clerk, { watermark: NOW - 700_000 });
  assertEquals(table.rows.size, 700);
  assertEquals([clerk.asked, state.pull?.items], [["list 0", "list 200", "list 400", "list 600"], 850]);
  assertEquals(state.watermark, NOW - 1_000 - 5 * 60_000);
});

Deno.test("a pull requests no further full page after one cost too much, and misses no user", async () => {
  for (const deleted of [0, 9, 10, 49]) {
    const clerk = createFakeClerk(2_000, NOW);
    const limits = makeCostly(clerk);
    const { table } = await pull(clerk, { watermark: NOW - 220_000 }, (step) => {
      if (step === 1) { for (let place = 1; place <= deleted; place++) clerk.users.delete(user(place)); }
    });
    assertEquals([limits[0], Math.max(...limits.slice(1))], [250, 50]);
    if (deleted === 0) assertEquals(clerk.asked.slice(0, 3), ["list 0", "list 40", "list 80"]);
    const missed = [...clerk.users.values()].filter(({ id, updated_at }) =>
      Number(updated_at) >= NOW - 220_000 && !table.rows.has(id)
    );
    assertEquals(missed, [], `${deleted} deleted`);
  }
});

Deno.test("a pull without updates sends one request, and never moves the watermark back", async () => {
  const clerk = createFakeClerk(2_000, NOW - HOUR);
  clerk.time = NOW;
  const { table, state } = await pull(clerk, { watermark: NOW - HOUR + 30 * 60_000 });
  assertEquals([table.rows.size, clerk.asked, state.watermark], [0, ["list 0"], NOW - HOUR + 30 * 60_000]);
  assertEquals((await pull(createFakeClerk(0, NOW), { watermark: NOW - HOUR })).state.watermark, NOW - HOUR);
});

Deno.test("a pull ignores an update time in the future", async () => {
  const clerk = createFakeClerk(2_000, NOW);
  clerk.users.get(user(1))!.updated_at = NOW + 1_000_000;
  assertEquals((await pull(clerk, { watermark: NOW - 700_000 })).state.watermark, NOW - 2_000 - 5 * 60_000);
});

Deno.test("a pull misses no user if users are deleted between two pages", async () => {
  for (const deleted of [10, 49, 50, 51, 199, 249]) {
    const clerk = createFakeClerk(2_000, NOW);
    const { table } = await pull(clerk, { watermark: NOW - 1_200_000 }, (step) => {
      if (step === 1) { for (let place = 1; place <= deleted; place++) clerk.users.delete(user(place)); }
    });
    const missed = [...clerk.users.values()].filter(({ id, updated_at }) =>
      Number(updated_at) >= NOW - 1_200_000 && !table.rows.has(id)
    );
    assertEquals(missed, [], `${deleted} deleted`);
  }
});

Deno.test("a pull misses no user if the last user of a page is updated or deleted meanwhile", async () => {
  for (const change of ["delete", "update"] as const) {
    const clerk = createFakeClerk(2_000, NOW);
    // All have the same time, like users of an import.
    for (const one of clerk.users.values()) one.updated_at = NOW - 5_000;
    const { table } = await pull(clerk, { watermark: NOW - 60_000 }, (step) => {
      if (step !== 1) return;
      for (let place = 200; place <= 300; place++) {
        if (change === "delete") clerk.users.delete(user(place));
        else clerk.users.get(user(place))!.updated_at = NOW;
      }
    });
    assertEquals([...clerk.users.keys()].filter((id) => !table.rows.has(id)), [], change);
  }
});

Deno.test("a pull corrects a watermark ahead of Clerk's clock", async () => {
  const clerk = createFakeClerk(10, NOW);
  const { table, state } = await pull(clerk, { watermark: NOW + 30 * 24 * HOUR });
  assertEquals([table.rows.size, state.watermark], [10, NOW - 5 * 60_000]);
});

Deno.test("a pull fails if the list is not in order", async () => {
  const clerk = createFakeClerk(10, NOW);
  const { listUsers } = clerk;
  clerk.listUsers = (query) => listUsers({ ...query, order_by: "+created_at" });
  const error = await assertRejects(() => pull(clerk, { watermark: NOW - HOUR }), ApiError);
  assertEquals(error.code, "CLERK_UNAVAILABLE");
});

Deno.test("a pull with too many updates starts a backfill instead", async () => {
  const clerk = createFakeClerk(12_000, NOW);
  const { state } = await pull(clerk, { watermark: 1 });
  assertEquals([state.watermark, state.backfill?.items, state.pull?.finished_at !== undefined], [undefined, 0, true]);
  assertEquals(clerk.asked.at(-1), "list 10000");
});

Deno.test("a pull whose pages never overlap starts a backfill instead", async () => {
  const clerk = createFakeClerk(2_000, NOW);
  const { listUsers } = clerk;
  // The users after the first page are different every time.
  clerk.listUsers = async (query) => {
    const page = (await listUsers(query))!;
    return query.offset === 0 ? page : { ...page, users: page.users.slice(100) };
  };
  const { state } = await pull(clerk, { watermark: 1 });
  assertEquals([state.watermark, state.backfill?.items], [undefined, 0]);
});
