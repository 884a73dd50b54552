import { assertEquals, assertStringIncludes } from "@std/assert";
import { createApplyItems } from "../../../supabase/functions/clerk-reconcile/apply_items.ts";
import { createCompareRows, createSweep } from "../../../supabase/functions/clerk-reconcile/sweep.ts";
import { createSweptUsers } from "../../../supabase/functions/clerk-reconcile/users.ts";
import type { ReconcileState, Step } from "../../../supabase/functions/clerk-reconcile/state.ts";
import type { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import { createFakeClerk, createFakeTable, usersMapping } from "../../helpers/clerk/clerk_api.ts";

const NOW = Date.parse("2026-11-23T10:00:00Z");
const OLD = NOW - 11 * 60_000;

/** Creates a Clerk and a table with the same `count` users, each more than ten minutes old. */
async function setUp(
  count: number,
  { maxDeletes, knownSince = () => 0 }: { maxDeletes?: number; knownSince?: (userId: string) => number } = {},
) {
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
  const swept = {
    clerk,
    apply: table.apply,
    applyItems: createApplyItems(table.apply, usersMapping()),
    listRows: (after: string, size: number) =>
      Promise.resolve(
        [...table.rows].filter(([id]) => id > after).sort(([a], [b]) => a < b ? -1 : 1).slice(0, size)
          .map(([user_id, { version }]) => ({
            user_id,
            live: true,
            newest_at: version,
            known_since: knownSince(user_id),
          })),
      ),
    countRows: (knownBefore = Infinity) =>
      Promise.resolve([...table.rows.keys()].filter((id) => knownSince(id) < knownBefore).length),
    deleteMode: "hard" as const,
  };
  const deps = { kind: createSweptUsers(swept), maxDeletes, now: () => NOW };
  return { clerk, table, swept, deps, sweep: createSweep(deps), compare: createCompareRows(deps) };
}

const PROVED: ReconcileState = { proofs: { users: { is_proved: true } } };

type Run = { state: ReconcileState; results: Step["results"]; error?: ApiError };

async function run(
  { sweep }: Awaited<ReturnType<typeof setUp>>,
  before: (step: number) => void = () => {},
  start: ReconcileState = PROVED,
): Promise<Run> {
  let state = await sweep.begin(start);
  const results: Step["results"] = [];
  for (let index = 0; state.sweep?.finished_at === undefined; index++) {
    if (index > 2_000) throw new Error("Cannot end");
    before(index);
    const step = await sweep.step(state);
    ({ state } = step);
    results.push(...step.results);
    if (step.error) return { state, results, error: step.error };
  }
  return { state, results };
}

const finds = (asked: string[]) => asked.filter((line) => line.startsWith("find"));

Deno.test("a sweep deletes users who are gone, after looking each of them up", async () => {
  const world = await setUp(450);
  const gone = ["user_000010", "user_000123", "user_000124", "user_000449"];
  for (const id of gone) world.clerk.users.delete(id);
  const { results, state } = await run(world);
  assertEquals(results.map(({ user_id, outcome }) => [user_id, outcome]), gone.map((id) => [id, "deleted"]));
  assertEquals(finds(world.clerk.asked), gone.map((id) => `find ${id}`));
  assertEquals([world.table.rows.size, [...world.table.tombstones]], [446, gone]);
  assertEquals([state.sweep?.deleted, state.sweep?.refused], [4, undefined]);
});

Deno.test("a sweep of a table in sync looks up each user once, in lists only", async () => {
  const world = await setUp(450);
  await run(world);
  assertEquals(world.clerk.asked, Array(9).fill("list 50 ids"));
});

Deno.test("a sweep does not delete a user whom a list left out", async () => {
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

Deno.test("a sweep skips users whom Clerk reported within ten minutes, even old ones", async () => {
  const world = await setUp(3);
  world.table.rows.set("user_young", { version: NOW - 10 * 60_000, created_at: 1 });
  world.table.rows.set("user_younger", { version: NOW, created_at: 1 });
  world.table.rows.set("user_zold", { version: NOW - 10 * 60_000 - 1, created_at: 1 });
  const { results } = await run(world);
  assertEquals(results.map(({ user_id }) => user_id), ["user_zold"]);
});

Deno.test("a sweep is refused and deletes nobody if more than 5 % and more than ten users are absent", async () => {
  const cases: Array<[users: number, gone: number, refused: boolean]> = [
    [20, 10, false],
    [20, 11, true],
    [400, 20, false],
    [400, 21, true],
    [200, 200, true],
    // If all users are gone, the keys probably belong to another instance.
    [1, 1, true],
    [10, 10, true],
    [11, 10, false],
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
      assertEquals(state.sweep?.examples.length, Math.min(10, gone));
    }
  }
});

Deno.test("a refused sweep deletes nobody, wherever the absent users are in the table", async () => {
  const world = await setUp(400);
  for (let place = 0; place < 21; place++) world.clerk.users.delete(`user_${String(place * 19).padStart(6, "0")}`);
  assertEquals([(await run(world)).error?.code, world.table.tombstones.size], ["SWEEP_REFUSED", 0]);
});

Deno.test("a sweep deletes up to the given limit, and not one more", async () => {
  const world = await setUp(200, { maxDeletes: 150 });
  for (const id of [...world.clerk.users.keys()].slice(0, 150)) world.clerk.users.delete(id);
  assertEquals((await run(world)).error, undefined);
  assertEquals(world.table.rows.size, 50);

  const everybody = await setUp(20, { maxDeletes: 20 });
  everybody.clerk.users.clear();
  assertEquals([(await run(everybody)).error, everybody.table.rows.size], [undefined, 0]);

  const late = await setUp(200, { maxDeletes: 3 });
  for (const id of ["user_000001", "user_000102"]) late.clerk.users.delete(id);
  // Other users are deleted between the two rounds, so they were not counted.
  const { error } = await run(late, () => {
    if (finds(late.clerk.asked).length > 0) {
      for (let id = 103; id < 200; id++) late.clerk.users.delete(`user_000${id}`);
    }
  });
  assertEquals([error?.code, late.table.rows.size], ["SWEEP_REFUSED", 199]);

  const none = await setUp(20, { maxDeletes: 0 });
  none.clerk.users.delete("user_000001");
  assertEquals((await run(none)).error?.code, "SWEEP_REFUSED");
});

Deno.test("a sweep counts its deletions correctly after any interruption", async () => {
  const world = await setUp(1_000, { maxDeletes: 10 });
  for (const id of ["user_000000", "user_000001"]) world.clerk.users.delete(id);
  let state = await world.sweep.begin(PROVED);
  while (state.sweep?.round === "count") ({ state } = await world.sweep.step(state));
  // More users are deleted, and the state of every second step is lost after its work is done.
  for (let id = 2; id < 10; id++) world.clerk.users.delete(`user_00000${id}`);
  for (let id = 300; id < 500; id++) world.clerk.users.delete(`user_000${id}`);
  let error: ApiError | undefined;
  for (let index = 0; state.sweep?.finished_at === undefined && index < 200; index++) {
    const step = await world.sweep.step(state);
    if (index % 2 === 0) continue;
    ({ state } = step);
    error = step.error ?? error;
  }
  assertEquals([error?.code, state.sweep?.deleted, world.table.tombstones.size], ["SWEEP_REFUSED", 10, 10]);
});

Deno.test("a sweep settles one user per step, so that a slice can end between any two", async () => {
  const world = await setUp(300, { maxDeletes: 100 });
  for (const id of [...world.clerk.users.keys()].slice(100, 135)) world.clerk.users.delete(id);
  let before = 0;
  const { results } = await run(world, () => {
    const proved = finds(world.clerk.asked).length;
    if (proved - before > 1) throw new Error(`${proved - before} in one step`);
    before = proved;
  });
  assertEquals([results.length, world.table.rows.size], [35, 265]);
});

/** Creates rows by webhook for users that this Clerk does not have, and rows from a first backfill. */
async function strangers(old: number, imported: number, options: { present?: number; maxDeletes?: number } = {}) {
  const isOld = (id: string) => Number(id.slice(-6)) < old;
  const world = await setUp(old + imported, { ...options, knownSince: (id) => isOld(id) ? 1_000 : 2_000 });
  for (const id of [...world.clerk.users.keys()].filter(isOld).slice(options.present ?? 0)) {
    world.clerk.users.delete(id);
  }
  return { world, start: { proofs: { users: { imported_at: 2_000 } } } satisfies ReconcileState };
}

Deno.test("the first sweep deletes nobody unless most of the rows from before the import exist at Clerk", async () => {
  const cases: Array<[old: number, present: number, imported: number, refused: boolean]> = [
    [8, 0, 3, true],
    [10, 0, 200, true],
    [30, 0, 600, true],
    [8, 0, 0, true],
    [1, 0, 500, true],
    [10, 5, 200, true],
    [10, 6, 200, false],
    // Ten of the 30 users that count may be deleted. If all 630 counted, 31 could be.
    [30, 19, 600, true],
    [30, 20, 600, false],
  ];
  for (const [old, present, imported, refused] of cases) {
    const label = `${present} of ${old} exist, ${imported} imported`;
    const { world, start } = await strangers(old, imported, { present });
    const { error, state } = await run(world, undefined, start);
    assertEquals(error?.code, refused ? "SWEEP_REFUSED" : undefined, label);
    assertEquals(world.table.tombstones.size, refused ? 0 : old - present, label);
    assertEquals(state.proofs?.users?.is_proved, refused ? undefined : true, label);
  }
});

Deno.test("a sweep without deletions proves nothing while the rows may belong to another instance", async () => {
  const { world, start } = await strangers(8, 3);
  for (const id of world.table.rows.keys()) world.table.rows.get(id)!.version = NOW;
  const young = await run(world, undefined, start);
  assertEquals([young.error, young.state.proofs?.users?.is_proved], [undefined, undefined]);
  for (const id of world.table.rows.keys()) world.table.rows.get(id)!.version = OLD;
  assertEquals((await run(world, undefined, young.state)).error?.code, "SWEEP_REFUSED");
  assertEquals(world.table.tombstones.size, 0);
});

Deno.test("a sweep of an empty table proves nothing", async () => {
  assertEquals((await run(await setUp(0), undefined, {})).state.proofs?.users?.is_proved, undefined);
});

Deno.test("an operator's limit replaces the proof of the first sweep", async () => {
  const { world, start } = await strangers(8, 3, { maxDeletes: 8 });
  const { error, state } = await run(world, undefined, start);
  assertEquals([error, world.table.tombstones.size, state.proofs?.users?.is_proved], [undefined, 8, true]);
});

Deno.test("a sweep keeps an operator's limit in later calls", async () => {
  const world = await setUp(300, { maxDeletes: 40 });
  for (const id of [...world.clerk.users.keys()].slice(0, 40)) world.clerk.users.delete(id);
  let { state } = await world.sweep.step(await world.sweep.begin(PROVED));
  const scheduled = createSweep({ ...world.deps, maxDeletes: undefined });
  while (state.sweep?.finished_at === undefined) ({ state } = await scheduled.step(state));
  assertEquals([state.sweep.refused, world.table.rows.size], [undefined, 260]);
});

Deno.test("an operator's limit expires after an idle hour", async () => {
  const hours = (count: number) => ({ now: () => NOW + count * 60 * 60_000, maxDeletes: undefined });
  const world = await setUp(500, { maxDeletes: 400 });
  const { state } = await world.sweep.step(await world.sweep.begin(PROVED));
  const soon = await createSweep({ ...world.deps, ...hours(1) }).step(state);
  assertEquals(soon.state.sweep?.max_deletes, 400);
  const late = await createSweep({ ...world.deps, ...hours(1.1) }).step(soon.state);
  assertEquals(late.state.sweep?.max_deletes, undefined);
});

Deno.test("a sweep is refused early if its second round finds far more than the first", async () => {
  const world = await setUp(2_000);
  world.clerk.users.delete("user_000001");
  let gone = false;
  let state = await world.sweep.begin(PROVED);
  let error: ApiError | undefined;
  while (state.sweep?.finished_at === undefined) {
    if (state.sweep?.round === "delete" && !gone) {
      gone = true;
      for (const id of [...world.clerk.users.keys()].filter((_, index) => index % 8 === 0)) {
        world.clerk.users.delete(id);
      }
    }
    ({ state, error } = await world.sweep.step(state) as Step & Run);
  }
  assertEquals(error?.code, "SWEEP_REFUSED");
  assertStringIncludes(error!.message, "at least 14 of 2000 users are gone at Clerk, and 10 may be deleted");
  assertEquals([state.sweep.deleted, world.table.tombstones.size], [8, 8]);
});

Deno.test("a sweep's deletion has Clerk's time and the delete mode", async () => {
  const world = await setUp(1);
  const changes: unknown[] = [];
  const kind = createSweptUsers({
    ...world.swept,
    apply: (given) => {
      changes.push(...given);
      return world.table.apply(given);
    },
    listRows: (after) =>
      Promise.resolve(after === "" ? [{ user_id: "user_gone", live: true, newest_at: 1, known_since: 0 }] : []),
    countRows: () => Promise.resolve(1),
    deleteMode: "soft",
  });
  const sweep = createSweep({ kind, maxDeletes: 1, now: () => 0 });
  await run({ ...world, sweep });
  assertEquals(changes, [
    { type: "user.deleted", user_id: "user_gone", sent_at: NOW, event_at: NOW, delete_mode: "soft" },
  ]);
});

Deno.test("a comparison of rows counts users who are gone, and looks up none of them alone", async () => {
  const world = await setUp(300);
  for (const id of [...world.clerk.users.keys()].slice(0, 100)) world.clerk.users.delete(id);
  let state = await world.compare.begin({});
  while (state.compare_rows?.finished_at === undefined) ({ state } = await world.compare.step(state));
  assertEquals([state.compare_rows.absent, state.compare_rows.examples.length], [100, 10]);
  assertEquals([finds(world.clerk.asked), world.table.rows.size], [[], 300]);
});
