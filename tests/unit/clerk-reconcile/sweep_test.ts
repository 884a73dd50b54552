import { assertEquals, assertStringIncludes } from "@std/assert";
import { createCompareRows, createSweep } from "../../../supabase/functions/clerk-reconcile/sweep.ts";
import type { ReconcileState, Step } from "../../../supabase/functions/clerk-reconcile/state.ts";
import type { ApiError } from "../../../supabase/functions/_shared/errors.ts";
import { createFakeClerk, createFakeTable } from "../../helpers/clerk_api.ts";

const NOW = Date.parse("2026-11-23T10:00:00Z");
const OLD = NOW - 11 * 60_000;

/** A Clerk and a table that agree on `count` users, each more than ten minutes old. */
async function setUp(count: number, { maxDeletes }: { maxDeletes?: number } = {}) {
  const clerk = createFakeClerk(count, OLD);
  clerk.time = NOW;
  const table = createFakeTable();
  await table.apply(
    [...clerk.users.values()].map(({ id, created_at, updated_at }) => ({
      type: "user.fetched",
      user_id: id,
      sent_at: NOW,
      created_at: Number(created_at),
      updated_at: Number(updated_at),
    })),
  );
  const deps = {
    clerk,
    apply: table.apply,
    listRows: (after: string, size: number) =>
      Promise.resolve(
        [...table.rows].filter(([id]) => id > after).sort(([a], [b]) => a < b ? -1 : 1).slice(0, size)
          .map(([user_id, { created_at }]) => ({ user_id, created_at })),
      ),
    countRows: () => Promise.resolve(table.rows.size),
    deleteMode: "hard" as const,
    maxDeletes,
    now: () => NOW,
  };
  return { clerk, table, sweep: createSweep(deps), compare: createCompareRows(deps) };
}

type Run = { state: ReconcileState; results: Step["results"]; error?: ApiError };

async function run(
  { sweep }: Awaited<ReturnType<typeof setUp>>,
  before: (step: number) => void = () => {},
): Promise<Run> {
  let state = await sweep.begin({});
  const results: Step["results"] = [];
  for (let index = 0; state.sweep?.finished_at === undefined; index++) {
    before(index);
    const step = await sweep.step(state);
    ({ state } = step);
    results.push(...step.results);
    if (step.error) return { state, results, error: step.error };
  }
  return { state, results };
}

const finds = (asked: string[]) => asked.filter((line) => line.startsWith("find"));

Deno.test("a sweep deletes the users who are gone, each after Clerk said so of itself", async () => {
  const world = await setUp(450);
  const gone = ["user_000010", "user_000123", "user_000124", "user_000449"];
  for (const id of gone) world.clerk.users.delete(id);
  const { results, state } = await run(world);
  assertEquals(results.map(({ user_id, outcome }) => [user_id, outcome]), gone.map((id) => [id, "deleted"]));
  assertEquals(finds(world.clerk.asked), gone.map((id) => `find ${id}`));
  assertEquals([world.table.rows.size, [...world.table.tombstones]], [446, gone]);
  assertEquals([state.sweep?.deleted, state.sweep?.refused], [4, undefined]);
});

Deno.test("a sweep of a table in step asks for each user once, and proves nobody", async () => {
  const world = await setUp(450);
  await run(world);
  assertEquals(world.clerk.asked, ["list 100 ids", "list 100 ids", "list 100 ids", "list 100 ids", "list 50 ids"]);
});

Deno.test("a sweep does not delete a user whom a list forgot", async () => {
  const world = await setUp(300);
  world.clerk.forgotten.add("user_000005").add("user_000250");
  world.clerk.users.delete("user_000006");
  const { results } = await run(world);
  assertEquals(results.map(({ user_id, outcome }) => `${user_id} ${outcome}`), [
    "user_000005 stale",
    "user_000006 deleted",
    "user_000250 stale",
  ]);
  assertEquals(world.table.rows.size, 299);
});

Deno.test("a sweep leaves users alone who are younger than ten minutes by Clerk's clock", async () => {
  const world = await setUp(3);
  world.table.rows.set("user_young", { version: 1, created_at: NOW - 10 * 60_000 });
  world.table.rows.set("user_younger", { version: 1, created_at: NOW });
  world.table.rows.set("user_zold", { version: 1, created_at: NOW - 10 * 60_000 - 1 });
  const { results } = await run(world);
  assertEquals(results.map(({ user_id }) => user_id), ["user_zold"]);
});

Deno.test("a sweep is refused where more than 5 %, and more than ten, are absent, and deletes nobody", async () => {
  const cases: Array<[users: number, gone: number, refused: boolean]> = [
    [20, 10, false],
    [20, 11, true],
    [400, 20, false],
    [400, 21, true],
    [200, 200, true],
  ];
  for (const [users, gone, refused] of cases) {
    const world = await setUp(users);
    for (const id of [...world.clerk.users.keys()].slice(-gone)) world.clerk.users.delete(id);
    const { error, state } = await run(world);
    assertEquals(error?.code, refused ? "SWEEP_REFUSED" : undefined, `${gone} of ${users}`);
    assertEquals(world.table.rows.size, refused ? users : users - gone, `${gone} of ${users}`);
    assertEquals([state.sweep?.refused, state.sweep?.finished_at !== undefined], [refused ? true : undefined, true]);
    if (refused) {
      assertEquals(finds(world.clerk.asked), []);
      assertStringIncludes(error!.message, "max_deletes");
      assertEquals(state.sweep?.examples.length, 10);
    }
  }
});

Deno.test("a sweep deletes as many as it is told, and not one more", async () => {
  const world = await setUp(200, { maxDeletes: 150 });
  for (const id of [...world.clerk.users.keys()].slice(0, 150)) world.clerk.users.delete(id);
  assertEquals((await run(world)).error, undefined);
  assertEquals(world.table.rows.size, 50);

  const late = await setUp(200, { maxDeletes: 3 });
  for (const id of ["user_000001", "user_000002", "user_000003"]) late.clerk.users.delete(id);
  // Others go between the two rounds: they were not counted.
  const { error, results } = await run(late, (step) => {
    if (step === 2) { for (const id of ["user_000000", "user_000004"]) late.clerk.users.delete(id); }
  });
  assertEquals([error?.code, results.length, late.table.rows.size], ["SWEEP_REFUSED", 3, 197]);

  const none = await setUp(20, { maxDeletes: 0 });
  none.clerk.users.delete("user_000001");
  assertEquals((await run(none)).error?.code, "SWEEP_REFUSED");
});

Deno.test("a sweep proves at most ten users in a step, so that a slice can end", async () => {
  const world = await setUp(300, { maxDeletes: 100 });
  for (const id of [...world.clerk.users.keys()].slice(100, 135)) world.clerk.users.delete(id);
  let before = 0;
  const { results } = await run(world, () => {
    const proved = finds(world.clerk.asked).length;
    if (proved - before > 10) throw new Error(`${proved - before} in one step`);
    before = proved;
  });
  assertEquals([results.length, world.table.rows.size], [35, 265]);
});

Deno.test("a sweep's deletion takes Clerk's clock and says which mode", async () => {
  const world = await setUp(1);
  const changes: unknown[] = [];
  const sweep = createSweep({
    clerk: world.clerk,
    apply: (given) => {
      changes.push(...given);
      return world.table.apply(given);
    },
    listRows: (after) => Promise.resolve(after === "" ? [{ user_id: "user_gone", created_at: 1 }] : []),
    countRows: () => Promise.resolve(1),
    deleteMode: "soft",
    maxDeletes: undefined,
    now: () => 0,
  });
  await run({ ...world, sweep });
  assertEquals(changes, [
    { type: "user.deleted", user_id: "user_gone", sent_at: NOW, event_at: NOW, delete_mode: "soft" },
  ]);
});

Deno.test("a comparison of rows counts who is gone, and asks for nobody alone", async () => {
  const world = await setUp(300);
  for (const id of [...world.clerk.users.keys()].slice(0, 100)) world.clerk.users.delete(id);
  let state = await world.compare.begin({});
  while (state.compare_rows?.finished_at === undefined) ({ state } = await world.compare.step(state));
  assertEquals([state.compare_rows.absent, state.compare_rows.examples.length], [100, 10]);
  assertEquals([finds(world.clerk.asked), world.table.rows.size], [[], 300]);
});
