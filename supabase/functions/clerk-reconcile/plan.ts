/**
 * Plans the tasks of a call and their order.
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

/** A task, and whether it starts again (`begin`) or continues. */
export interface Planned {
  name: TaskName;
  begin: boolean;
}

/** All tasks except the pull are due once a day. */
const DAY_MS = 24 * 60 * 60_000;
/** Memberships come after their organizations, and sweeps come last. */
const OF_ORGANIZATIONS: readonly TaskName[] = [
  "backfill_organizations",
  "backfill_memberships",
  "sweep_organizations",
  "sweep_memberships",
];
/** The tasks that read one kind. */
const BACKFILLS: Record<Kind, readonly TaskName[]> = {
  users: ["backfill"],
  organizations: ["backfill_organizations"],
  memberships: ["backfill_organizations", "backfill_memberships"],
};
const COMPARISONS: readonly TaskName[] = KINDS.map((kind) => TASK_NAMES[kind])
  .flatMap(({ compare, compareRows }) => [compare, compareRows]);

/**
 * Plans a call. Unfinished tasks continue, unless the caller wants a restart.
 *
 * @param request The caller's options.
 * @param state The progress of the tasks.
 * @param now The time, in milliseconds.
 * @returns The tasks, in the order in which to run them.
 */
export function planTasks(request: ReconcileRequest, state: ReconcileState, now: number): Planned[] {
  const planned = (name: TaskName, restart = request.restart): Planned => ({
    name,
    begin: restart || !continues(state, name, now),
  });
  if (request.dryRun) return planComparison(state, request.restart, now);
  // Users updated since the start of an interrupted pull need another pull.
  const pulls = continues(state, "pull", now) && !request.restart
    ? [{ name: "pull" as const, begin: false }, { name: "pull" as const, begin: true }]
    : [{ name: "pull" as const, begin: true }];
  // A pull reads down to the watermark, which the backfill sets.
  const backfill = state.watermark === undefined ? [planned("backfill", request.restart && !request.task)] : [];
  const isDue = (name: TaskName) => request.restart || isDaysOld(state[name], now);
  const planAll = (names: readonly TaskName[]) => names.map((name) => planned(name));
  switch (request.task) {
    case "backfill":
      return planAll(request.kind ? BACKFILLS[request.kind] : [...BACKFILLS.users, ...BACKFILLS.memberships]);
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

/** A sweep of organizations or memberships needs a recent backfill, which has seen the existing ones. */
function sweepsOf(request: ReconcileRequest, state: ReconcileState, now: number): readonly TaskName[] {
  const { kind } = request;
  if (kind === undefined) return [...sweepOfUsers(request, state, now), ...OF_ORGANIZATIONS];
  return kind === "users" ? sweepOfUsers(request, state, now) : [...BACKFILLS[kind], TASK_NAMES[kind].sweep];
}

/** Refused users are retried before the sweep, because the sweep may fail. An interrupted sweep has had its retry. */
function sweepOfUsers({ restart }: ReconcileRequest, state: ReconcileState, now: number): TaskName[] {
  const hadRetry = continues(state, "sweep", now) &&
    !isUnfinished(state, "retry") && !restart;
  return hadRetry ? ["sweep"] : ["retry", "sweep"];
}

/**
 * Compares kind by kind, first Clerk's objects and then the rows. A new comparison drops the results of the last one.
 */
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
 * Backfills always continue: if items moved meanwhile, the pages do not overlap, which the reader notices. Other tasks
 * start again if they were interrupted for too long.
 */
function continues(state: ReconcileState, name: TaskName, now: number): boolean {
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
