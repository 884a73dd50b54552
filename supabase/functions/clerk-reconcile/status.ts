/**
 * How fresh the table is.
 *
 * @module
 */
import { iso, type Kind, type Progress, type ReconcileState, type Sweep, TASK_NAMES } from "./state.ts";
import type { Status } from "./store.ts";

/** What `GET /clerk-reconcile` answers. */
export interface StatusReport extends Omit<Status, "reconcile"> {
  /** How many users Clerk has; null where it could not be asked. */
  clerk_users: number | null;
  /** Why it could not: a code. */
  clerk_error: string | null;
  reconcile: {
    running: boolean;
    /** Every user that Clerk updated before this has been taken in. */
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

/** A task, the last time that it ran. */
export interface TaskReport {
  started_at: string;
  /** Null while something is left to do. */
  finished_at: string | null;
  items: number;
  total: number;
  /** Of a sweep: whether there were too many, and how many were gone. */
  refused?: boolean;
  absent?: number;
}

/** How many users Clerk has, or the code of why it does not tell. */
export type Counted = { count: number; error?: never } | { count?: never; error: string };

/**
 * Makes the answer.
 *
 * @param status What the database tells.
 * @param clerk How many users Clerk has.
 * @returns The answer.
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
