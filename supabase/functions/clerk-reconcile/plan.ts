/**
 * Which tasks a call is about, in which order.
 *
 * @module
 */
import type { ReconcileRequest } from "./input.ts";
import { isUnfinished, type ReconcileState, type TaskName } from "./state.ts";

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
    begin: restart || !isUnfinished(state, name),
  });
  if (request.dryRun) return planComparison(state, request.restart);
  // A pull goes down to the watermark, which a backfill sets.
  const backfill = state.watermark === undefined ? [planned("backfill", request.restart && !request.task)] : [];
  switch (request.task) {
    case "backfill":
    case "sweep":
      return [planned(request.task)];
    case "pull":
      return [...backfill, planned("pull")];
    default:
      return [...backfill, planned("pull"), ...isSweepDue(request, state, now) ? [planned("sweep")] : []];
  }
}

/** The rows are compared after the users. A new comparison drops the rows of the one before, and so is told from it. */
function planComparison(state: ReconcileState, restart: boolean): Planned[] {
  const rows: Planned = { name: "compare_rows", begin: !isUnfinished(state, "compare_rows") };
  const isComplete = state.compare_users === undefined || state.compare_rows?.finished_at !== undefined;
  if (restart || isComplete) return [{ name: "compare_users", begin: true }, { ...rows, begin: true }];
  return isUnfinished(state, "compare_users") ? [{ name: "compare_users", begin: false }, rows] : [rows];
}

function isSweepDue({ restart }: ReconcileRequest, { sweep }: ReconcileState, now: number): boolean {
  if (restart || sweep?.finished_at === undefined) return true;
  return now - Date.parse(sweep.finished_at) > SWEEP_EVERY;
}
