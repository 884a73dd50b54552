/**
 * Which tasks a call is about, in which order.
 *
 * @module
 */
import type { ReconcileRequest } from "./input.ts";
import {
  IDLE_EXPIRY_MS,
  isUnfinished,
  type Kind,
  KINDS,
  type Progress,
  type ReconcileState,
  TASK_NAMES,
  type TaskName,
} from "./state.ts";

/** A task, and whether it begins anew or goes on. */
export interface Planned {
  name: TaskName;
  begin: boolean;
}

/** What nobody asked for by name is due once a day, but for a pull. */
const DAY_MS = 24 * 60 * 60_000;
/** Memberships come after their organizations, and what deletes comes last. */
const OF_ORGANIZATIONS: readonly TaskName[] = [
  "backfill_organizations",
  "backfill_memberships",
  "sweep_organizations",
  "sweep_memberships",
];
/** The tasks of a kind alone. */
const WALKS: Record<Kind, readonly TaskName[]> = {
  users: ["backfill"],
  organizations: ["backfill_organizations"],
  memberships: ["backfill_organizations", "backfill_memberships"],
};
const COMPARISONS: readonly TaskName[] = KINDS.map((kind) => TASK_NAMES[kind])
  .flatMap(({ compare, compareRows }) => [compare, compareRows]);

/**
 * Plans a call. What is unfinished goes on, unless the caller wants it from the start.
 *
 * @param request What the caller asked for.
 * @param state Where the tasks are.
 * @param now The clock, in milliseconds.
 * @returns The tasks, to be done one after the other.
 */
export function planTasks(request: ReconcileRequest, state: ReconcileState, now: number): Planned[] {
  const planned = (name: TaskName, restart = request.restart): Planned => ({
    name,
    begin: restart || !goesOn(state, name, now),
  });
  if (request.dryRun) return planComparison(state, request.restart, now);
  // What was updated since an interrupted pull began is for another one.
  const pulls = goesOn(state, "pull", now) && !request.restart
    ? [{ name: "pull" as const, begin: false }, { name: "pull" as const, begin: true }]
    : [{ name: "pull" as const, begin: true }];
  // A pull goes down to the watermark, which a backfill sets.
  const backfill = state.watermark === undefined ? [planned("backfill", request.restart && !request.task)] : [];
  const isDue = (name: TaskName) => request.restart || isDaysOld(state[name], now);
  const planAll = (names: readonly TaskName[]) => names.map((name) => planned(name));
  switch (request.task) {
    case "backfill":
      return planAll(request.kind ? WALKS[request.kind] : [...WALKS.users, ...WALKS.memberships]);
    case "sweep":
      return planAll(sweepsOf(request, state, now));
    case "pull":
      return [...backfill, ...pulls];
    default:
      return [
        ...backfill,
        ...pulls,
        ...isDue("sweep") ? planAll(sweepOfUsers(request, state, now)) : [],
        ...planAll(OF_ORGANIZATIONS.filter(isDue)),
      ];
  }
}

/** A sweep of organizations or memberships relies on a backfill that has just seen what is there. */
function sweepsOf(request: ReconcileRequest, state: ReconcileState, now: number): readonly TaskName[] {
  const { kind } = request;
  if (kind === undefined) return [...sweepOfUsers(request, state, now), ...OF_ORGANIZATIONS];
  return kind === "users" ? sweepOfUsers(request, state, now) : [...WALKS[kind], TASK_NAMES[kind].sweep];
}

/** Refused users are retried before the sweep, which may be refused. One that goes on has had its retry. */
function sweepOfUsers({ restart }: ReconcileRequest, state: ReconcileState, now: number): TaskName[] {
  const hadRetry = goesOn(state, "sweep", now) &&
    !isUnfinished(state, "retry") && !restart;
  return hadRetry ? ["sweep"] : ["retry", "sweep"];
}

/** Kind after kind, and each kind's rows after what Clerk has. A new comparison drops what the one before found. */
function planComparison(state: ReconcileState, restart: boolean, now: number): Planned[] {
  const [first, last] = [COMPARISONS[0]!, COMPARISONS.at(-1)!];
  const isComplete = state[first] === undefined ||
    state[last]?.finished_at !== undefined;
  if (restart || isComplete || !COMPARISONS.some((name) => isRecent(state[name], now))) {
    return COMPARISONS.map((name) => ({ name, begin: true }));
  }
  return COMPARISONS.filter((name) => state[name]?.finished_at === undefined)
    .map((name) => ({ name, begin: !isUnfinished(state, name) }));
}

/**
 * Backfills go on whenever they were interrupted: if items behind an offset have moved meanwhile, its pages do not meet, and
 * tell. All else begins anew after a while.
 */
function goesOn(state: ReconcileState, name: TaskName, now: number): boolean {
  return isUnfinished(state, name) &&
    (KINDS.some((kind) => TASK_NAMES[kind].backfill === name) || isRecent(state[name], now));
}

function isRecent(progress: Progress | undefined, now: number): boolean {
  return progress !== undefined && now - Date.parse(progress.touched_at ?? progress.started_at) <= IDLE_EXPIRY_MS;
}

function isDaysOld(progress: Progress | undefined, now: number): boolean {
  return progress?.finished_at === undefined ||
    now - Date.parse(progress.finished_at) > DAY_MS;
}
