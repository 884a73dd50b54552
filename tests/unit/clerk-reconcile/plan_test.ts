import { assertEquals } from "@std/assert";
import type { ReconcileRequest } from "../../../supabase/functions/clerk-reconcile/input.ts";
import { planTasks } from "../../../supabase/functions/clerk-reconcile/plan.ts";
import { KINDS, type ReconcileState, TASK_NAMES } from "../../../supabase/functions/clerk-reconcile/state.ts";

const NOW = Date.parse("2026-11-23T10:00:00Z");
const HOUR = 60 * 60_000;

const backfill = (finished?: number) => ({ ...progress(finished), recent: [] });
const sweep = (finished?: number) => ({
  ...progress(finished),
  round: "count" as const,
  after: "",
  absent: 0,
  deleted: 0,
  examples: [],
});

function progress(finished?: number) {
  const started = { started_at: new Date(NOW - HOUR / 2).toISOString(), items: 0, total: 0 };
  return finished === undefined ? started : { ...started, finished_at: new Date(finished).toISOString() };
}

function plan(state: ReconcileState, request: Partial<ReconcileRequest> = {}): string[] {
  const whole = {
    task: undefined,
    kind: undefined,
    dryRun: false,
    restart: false,
    maxDeletes: undefined,
    bind: undefined,
    ...request,
  };
  return planTasks(whole, state, NOW).map(({ name, begin }) => `${begin ? "begin" : "continue"} ${name}`);
}

const ORGANIZATIONS = [
  "begin backfill_organizations",
  "begin backfill_memberships",
  "begin sweep_organizations",
  "begin sweep_memberships",
];
const COMPARISONS = KINDS.flatMap((kind) => [TASK_NAMES[kind].compare, TASK_NAMES[kind].compareRows])
  .map((name) => `begin ${name}`);

const synced: ReconcileState = {
  watermark: NOW - HOUR,
  backfill: backfill(NOW - HOUR),
  sweep: sweep(NOW - HOUR),
  backfill_organizations: backfill(NOW - HOUR),
  backfill_memberships: backfill(NOW - HOUR),
  sweep_organizations: sweep(NOW - HOUR),
  sweep_memberships: sweep(NOW - HOUR),
};

Deno.test("the first call backfills, then pulls and sweeps, users before organizations and memberships", () => {
  const rest = ["begin pull", "begin retry", "begin sweep", ...ORGANIZATIONS];
  assertEquals(plan({}), ["begin backfill", ...rest]);
  assertEquals(plan({ backfill: backfill() }), ["continue backfill", ...rest]);
});

Deno.test("a later call pulls, and sweeps once a day", () => {
  assertEquals(plan(synced), ["begin pull"]);
  assertEquals(plan({ ...synced, sweep: sweep(NOW - 25 * HOUR) }), ["begin pull", "begin retry", "begin sweep"]);
  assertEquals(plan({ ...synced, sweep: sweep() }), ["begin pull", "continue sweep"]);
  assertEquals(plan({ ...synced, sweep: { ...sweep(NOW - HOUR), refused: true } }), ["begin pull"]);
  assertEquals(plan(synced, { restart: true }), ["begin pull", "begin retry", "begin sweep", ...ORGANIZATIONS]);
});

Deno.test("a later call backfills and sweeps organizations and memberships once a day", () => {
  const names = ["backfill_organizations", "backfill_memberships", "sweep_organizations", "sweep_memberships"] as const;
  for (const name of names) {
    const finished_at = new Date(NOW - 25 * HOUR).toISOString();
    assertEquals(plan({ ...synced, [name]: { ...synced[name], finished_at } }), ["begin pull", `begin ${name}`]);
    const { finished_at: _, ...unfinished } = synced[name]!;
    assertEquals(plan({ ...synced, [name]: unfinished }), ["begin pull", `continue ${name}`]);
  }
});

Deno.test("a requested kind is read before it is swept, and organizations before memberships", () => {
  const kinds = (task: "backfill" | "sweep") => KINDS.map((kind) => plan(synced, { task, kind }));
  assertEquals(kinds("backfill"), [["begin backfill"], [ORGANIZATIONS[0]], ORGANIZATIONS.slice(0, 2)]);
  assertEquals(kinds("sweep"), [
    ["begin retry", "begin sweep"],
    [ORGANIZATIONS[0], ORGANIZATIONS[2]],
    [ORGANIZATIONS[0], ORGANIZATIONS[1], ORGANIZATIONS[3]],
  ]);
});

Deno.test("a requested task continues if it is unfinished, and starts again otherwise", () => {
  const backfills = ORGANIZATIONS.slice(0, 2);
  assertEquals(plan(synced, { task: "backfill" }), ["begin backfill", ...backfills]);
  assertEquals(plan({ ...synced, backfill: backfill() }, { task: "backfill" }), ["continue backfill", ...backfills]);
  assertEquals(plan({ ...synced, backfill: backfill() }, { task: "backfill", restart: true }), [
    "begin backfill",
    ...backfills,
  ]);
  assertEquals(plan(synced, { task: "sweep" }), ["begin retry", "begin sweep", ...ORGANIZATIONS]);
  assertEquals(plan(synced, { task: "pull" }), ["begin pull"]);
});

Deno.test("a pull without a watermark backfills first", () => {
  assertEquals(plan({ backfill: backfill() }, { task: "pull" }), ["continue backfill", "begin pull"]);
});

Deno.test("an interrupted pull continues, and is followed by another pull", () => {
  const pull = { ...progress(), offset: 200 };
  assertEquals(plan({ ...synced, pull }), ["continue pull", "begin pull"]);
  assertEquals(plan({ ...synced, pull }, { task: "pull" }), ["continue pull", "begin pull"]);
  assertEquals(plan({ ...synced, pull }, { task: "pull", restart: true }), ["begin pull"]);
});

Deno.test("a retry runs once before the sweep, and continues if it was interrupted", () => {
  const retry = { ...progress(), after: "user_a" };
  assertEquals(plan({ ...synced, retry }, { task: "sweep", kind: "users" }), ["continue retry", "begin sweep"]);
  const done = { ...progress(NOW), after: "user_a" };
  assertEquals(plan({ ...synced, retry: done, sweep: sweep() }, { task: "sweep", kind: "users" }), ["continue sweep"]);
});

Deno.test("a task interrupted more than an hour ago starts again, except a backfill", () => {
  const old = { started_at: new Date(NOW - HOUR - 1).toISOString() };
  const users = { task: "sweep", kind: "users" } as const;
  assertEquals(plan({ ...synced, sweep: { ...sweep(), ...old } }, users), ["begin retry", "begin sweep"]);
  assertEquals(plan({ ...synced, pull: { ...progress(), ...old, offset: 200 } }), ["begin pull"]);
  assertEquals(plan({ backfill: { ...backfill(), ...old } }, { task: "backfill", kind: "users" }), [
    "continue backfill",
  ]);
  assertEquals(plan({ compare_users: { ...backfill(), ...old } }, { dryRun: true }), COMPARISONS);
});

Deno.test("a task of more than an hour continues if it makes progress", () => {
  const long = { started_at: new Date(NOW - 100 * HOUR).toISOString(), touched_at: new Date(NOW - HOUR).toISOString() };
  assertEquals(plan({ ...synced, sweep: { ...sweep(), ...long } }), ["begin pull", "continue sweep"]);
  assertEquals(plan({ ...synced, sweep: { ...sweep(), ...long } }, { task: "sweep", kind: "users" }), [
    "continue sweep",
  ]);
  assertEquals(plan({ compare_users: { ...backfill(), ...long } }, { dryRun: true }), [
    "continue compare_users",
    ...COMPARISONS.slice(1),
  ]);
  const rows = { compare_users: { ...backfill(NOW - 90 * HOUR), ...long }, compare_rows: { ...sweep(), ...long } };
  rows.compare_users.touched_at = new Date(NOW - 90 * HOUR).toISOString();
  assertEquals(plan(rows, { dryRun: true }), ["continue compare_rows", ...COMPARISONS.slice(2)]);
});

Deno.test("a dry run compares kind by kind, and starts again after it was complete", () => {
  const dry = { dryRun: true };
  assertEquals(plan(synced, dry), COMPARISONS);
  assertEquals(plan({ compare_users: backfill() }, dry), ["continue compare_users", ...COMPARISONS.slice(1)]);
  assertEquals(plan({ compare_users: backfill(NOW) }, dry), COMPARISONS.slice(1));
  const halfway = { compare_users: backfill(NOW), compare_rows: sweep(NOW), compare_organizations: backfill() };
  assertEquals(plan(halfway, dry), ["continue compare_organizations", ...COMPARISONS.slice(3)]);
  const complete = { ...halfway, compare_membership_rows: sweep(NOW) };
  assertEquals(plan(complete, dry), COMPARISONS);
  assertEquals(plan(halfway, { ...dry, restart: true }), COMPARISONS);
});
