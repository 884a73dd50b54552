import { assertEquals } from "@std/assert";
import type { ReconcileRequest } from "../../../supabase/functions/clerk-reconcile/input.ts";
import { planTasks } from "../../../supabase/functions/clerk-reconcile/plan.ts";
import type { ReconcileState } from "../../../supabase/functions/clerk-reconcile/state.ts";

const NOW = Date.parse("2026-11-23T10:00:00Z");
const HOUR = 60 * 60_000;

const walk = (finished?: number) => ({ ...progress(finished), recent: [] });
const sweep = (finished?: number) => ({
  ...progress(finished),
  round: "count" as const,
  after: "",
  absent: 0,
  deleted: 0,
  examples: [],
});

function progress(finished?: number) {
  const started = { started_at: new Date(NOW - HOUR / 2).toISOString(), users: 0, total: 0 };
  return finished === undefined ? started : { ...started, finished_at: new Date(finished).toISOString() };
}

function plan(state: ReconcileState, request: Partial<ReconcileRequest> = {}): string[] {
  const whole = { task: undefined, dryRun: false, restart: false, maxDeletes: undefined, bind: undefined, ...request };
  return planTasks(whole, state, NOW).map(({ name, begin }) => `${begin ? "begin" : "go on"} ${name}`);
}

const synced: ReconcileState = { watermark: NOW - HOUR, backfill: walk(NOW - HOUR), sweep: sweep(NOW - HOUR) };

Deno.test("the first call backfills, then pulls and sweeps", () => {
  assertEquals(plan({}), ["begin backfill", "begin pull", "begin retry", "begin sweep"]);
  assertEquals(plan({ backfill: walk() }), ["go on backfill", "begin pull", "begin retry", "begin sweep"]);
});

Deno.test("a later call pulls, and sweeps once a day", () => {
  assertEquals(plan(synced), ["begin pull"]);
  assertEquals(plan({ ...synced, sweep: sweep(NOW - 25 * HOUR) }), ["begin pull", "begin retry", "begin sweep"]);
  assertEquals(plan({ ...synced, sweep: sweep() }), ["begin pull", "go on sweep"]);
  assertEquals(plan({ ...synced, sweep: { ...sweep(NOW - HOUR), refused: true } }), ["begin pull"]);
  assertEquals(plan(synced, { restart: true }), ["begin pull", "begin retry", "begin sweep"]);
});

Deno.test("a task that is asked for goes on, or begins when it was complete", () => {
  assertEquals(plan(synced, { task: "backfill" }), ["begin backfill"]);
  assertEquals(plan({ ...synced, backfill: walk() }, { task: "backfill" }), ["go on backfill"]);
  assertEquals(plan({ ...synced, backfill: walk() }, { task: "backfill", restart: true }), ["begin backfill"]);
  assertEquals(plan(synced, { task: "sweep" }), ["begin retry", "begin sweep"]);
  assertEquals(plan(synced, { task: "pull" }), ["begin pull"]);
});

Deno.test("a pull without a watermark backfills first", () => {
  assertEquals(plan({ backfill: walk() }, { task: "pull" }), ["go on backfill", "begin pull"]);
});

Deno.test("an interrupted pull goes on, and is followed by one of what came since", () => {
  const pull = { ...progress(), offset: 200 };
  assertEquals(plan({ ...synced, pull }), ["go on pull", "begin pull"]);
  assertEquals(plan({ ...synced, pull }, { task: "pull" }), ["go on pull", "begin pull"]);
  assertEquals(plan({ ...synced, pull }, { task: "pull", restart: true }), ["begin pull"]);
});

Deno.test("a retry comes before the sweep, once, and goes on if it was interrupted", () => {
  const retry = { ...progress(), after: "user_a" };
  assertEquals(plan({ ...synced, retry }, { task: "sweep" }), ["go on retry", "begin sweep"]);
  const done = { ...progress(NOW), after: "user_a" };
  assertEquals(plan({ ...synced, retry: done, sweep: sweep() }, { task: "sweep" }), ["go on sweep"]);
});

Deno.test("what was interrupted more than an hour ago begins anew, but for a backfill", () => {
  const old = { started_at: new Date(NOW - HOUR - 1).toISOString() };
  assertEquals(plan({ ...synced, sweep: { ...sweep(), ...old } }, { task: "sweep" }), ["begin retry", "begin sweep"]);
  assertEquals(plan({ ...synced, pull: { ...progress(), ...old, offset: 200 } }), ["begin pull"]);
  assertEquals(plan({ backfill: { ...walk(), ...old } }, { task: "backfill" }), ["go on backfill"]);
  assertEquals(plan({ compare_users: { ...walk(), ...old } }, { dryRun: true }), [
    "begin compare_users",
    "begin compare_rows",
  ]);
});

Deno.test("what takes longer than an hour goes on, as long as it is gone on with", () => {
  const long = { started_at: new Date(NOW - 100 * HOUR).toISOString(), touched_at: new Date(NOW - HOUR).toISOString() };
  assertEquals(plan({ ...synced, sweep: { ...sweep(), ...long } }), ["begin pull", "go on sweep"]);
  assertEquals(plan({ ...synced, sweep: { ...sweep(), ...long } }, { task: "sweep" }), ["go on sweep"]);
  assertEquals(plan({ compare_users: { ...walk(), ...long } }, { dryRun: true }), [
    "go on compare_users",
    "begin compare_rows",
  ]);
  const rows = { compare_users: { ...walk(NOW - 90 * HOUR), ...long }, compare_rows: { ...sweep(), ...long } };
  rows.compare_users.touched_at = new Date(NOW - 90 * HOUR).toISOString();
  assertEquals(plan(rows, { dryRun: true }), ["go on compare_rows"]);
});

Deno.test("a dry run compares the users, then the rows, and begins anew when it was complete", () => {
  const dry = { dryRun: true };
  assertEquals(plan(synced, dry), ["begin compare_users", "begin compare_rows"]);
  assertEquals(plan({ compare_users: walk() }, dry), ["go on compare_users", "begin compare_rows"]);
  assertEquals(plan({ compare_users: walk(NOW) }, dry), ["begin compare_rows"]);
  assertEquals(plan({ compare_users: walk(NOW), compare_rows: sweep() }, dry), ["go on compare_rows"]);
  assertEquals(plan({ compare_users: walk(NOW), compare_rows: sweep(NOW) }, dry), [
    "begin compare_users",
    "begin compare_rows",
  ]);
  assertEquals(plan({ compare_users: walk(), compare_rows: sweep() }, { ...dry, restart: true }), [
    "begin compare_users",
    "begin compare_rows",
  ]);
});
