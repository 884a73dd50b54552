/**
 * The response of `GET /clerk-reconcile`, which shows how fresh the table is.
 *
 * @module
 */
import { iso, type Kind, type Progress, type ReconcileState, type Sweep, TASK_NAMES } from "./state.ts";
import type { Status } from "./store.ts";

/** The body of the response. */
export interface StatusReport extends Omit<Status, "reconcile"> {
  /** Number of users at Clerk; null if Clerk cannot be reached. */
  clerk_users: number | null;
  /** The error code if Clerk cannot be reached. */
  clerk_error: string | null;
  reconcile: {
    running: boolean;
    /** All updates of users before this time have been stored. */
    watermark: string | null;
    pull: TaskReport | null;
    organizations: KindReport;
    memberships: KindReport;
  } & KindReport;
}

/** The tasks of a kind. */
export interface KindReport {
  backfill: TaskReport | null;
  sweep: TaskReport | null;
}

/** The last run of a task. */
export interface TaskReport {
  started_at: string;
  /** Null until the task is finished. */
  finished_at: string | null;
  items: number;
  total: number;
  /** Only for a sweep: whether it was refused, and how many objects were gone. */
  refused?: boolean;
  absent?: number;
}

/** Number of users at Clerk, or the code of the error. */
export type Counted = { count: number; error?: never } | { count?: never; error: string };

/**
 * Creates the body of the response.
 *
 * @param status The status from the database.
 * @param clerk The number of users at Clerk.
 * @returns The body.
 */
export function describeStatus({ reconcile, ...status }: Status, clerk: Counted): StatusReport {
  return {
    ...status,
    clerk_users: clerk.count ?? null,
    clerk_error: clerk.error ?? null,
    reconcile: {
      running: reconcile.running,
      watermark: describeWatermark(reconcile),
      ...describeKind(reconcile, "users"),
      pull: describeTask(reconcile.pull),
      organizations: describeKind(reconcile, "organizations"),
      memberships: describeKind(reconcile, "memberships"),
    },
  };
}

function describeKind(state: ReconcileState, kind: Kind): KindReport {
  const { backfill, sweep } = TASK_NAMES[kind];
  return { backfill: describeTask(state[backfill]), sweep: describeSweep(state[sweep]) };
}

function describeTask(progress: Progress | undefined): TaskReport | null {
  if (!progress) return null;
  const { started_at, finished_at, items, total } = progress;
  return { started_at, finished_at: finished_at ?? null, items, total };
}

function describeSweep(sweep: Sweep | undefined): TaskReport | null {
  const task = describeTask(sweep);
  return task && sweep ? { ...task, refused: sweep.refused ?? false, absent: sweep.absent } : null;
}

function describeWatermark({ watermark }: ReconcileState): string | null {
  return watermark === undefined ? null : iso(watermark);
}
