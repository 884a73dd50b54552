/**
 * Which tasks a call is about, in which order.
 *
 * @module
 */
import type { ReconcileRequest } from "./input.ts";
import { isUnfinished, LASTS, type Progress, type ReconcileState, type TaskName } from "./state.ts";

/** A task, and whether it begins anew or goes on. */
export interface Planned {
  name: TaskName;
  begin: boolean;
}

/** A sweep that nobody asked for by name is due once a day. */
const SWEEP_EVERY = 24 * 60 * 60_000;

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
  // Before the sweep, which may be refused. One that goes on has had its retry.
  const retry = goesOn(state, "sweep", now) && !isUnfinished(state, "retry") &&
      !request.restart
    ? []
    : [planned("retry")];
  const sweep = [...retry, planned("sweep")];
  switch (request.task) {
    case "backfill":
      return [planned("backfill")];
    case "sweep":
      return sweep;
    case "pull":
      return [...backfill, ...pulls];
    default:
      return [...backfill, ...pulls, ...isSweepDue(request, state, now) ? sweep : []];
  }
}

/** The rows are compared after the users. A new comparison drops the rows of the one before, and so is told from it. */
function planComparison(state: ReconcileState, restart: boolean, now: number): Planned[] {
  const rows: Planned = { name: "compare_rows", begin: !isUnfinished(state, "compare_rows") };
  const { compare_users: users, compare_rows: before } = state;
  const isComplete = users === undefined || before?.finished_at !== undefined;
  if (restart || isComplete || !(isRecent(users, now) || isRecent(before, now))) {
    return [{ name: "compare_users", begin: true }, { ...rows, begin: true }];
  }
  return isUnfinished(state, "compare_users") ? [{ name: "compare_users", begin: false }, rows] : [rows];
}

/** A walk by cursor goes on whenever it was interrupted; the others begin anew after a while. */
function goesOn(state: ReconcileState, name: TaskName, now: number): boolean {
  return isUnfinished(state, name) && (name === "backfill" || isRecent(state[name], now));
}

function isRecent(progress: Progress | undefined, now: number): boolean {
  return progress !== undefined && now - Date.parse(progress.touched_at ?? progress.started_at) <= LASTS;
}

function isSweepDue({ restart }: ReconcileRequest, { sweep }: ReconcileState, now: number): boolean {
  if (restart || sweep?.finished_at === undefined) return true;
  return now - Date.parse(sweep.finished_at) > SWEEP_EVERY;
}
