/**
 * How fresh the table is.
 *
 * @module
 */
import type { Progress, ReconcileState, TaskName } from "./state.ts";
import type { Status } from "./store.ts";

/** What `GET /clerk-reconcile` answers. */
export interface StatusReport extends Omit<Status, "reconcile"> {
  /** How many users Clerk has; null where it could not be asked. */
  clerk_users: number | null;
  reconcile: {
    running: boolean;
    /** Every user that Clerk updated before this has been taken in. */
    watermark: string | null;
  } & Record<"backfill" | "pull" | "sweep", TaskReport | null>;
}

/** A task, the last time that it ran. */
export interface TaskReport {
  started_at: string;
  /** Null while something is left to do. */
  finished_at: string | null;
  users: number;
  total: number;
}

/**
 * Makes the answer.
 *
 * @param status What the database tells.
 * @param clerkUsers How many users Clerk has.
 * @returns The answer.
 */
export function describeStatus({ reconcile, ...status }: Status, clerkUsers: number | null): StatusReport {
  const task = (name: TaskName): TaskReport | null => describeTask(reconcile[name]);
  return {
    ...status,
    clerk_users: clerkUsers,
    reconcile: {
      running: reconcile.running,
      watermark: describeWatermark(reconcile),
      backfill: task("backfill"),
      pull: task("pull"),
      sweep: task("sweep"),
    },
  };
}

function describeTask(progress: Progress | undefined): TaskReport | null {
  if (!progress) return null;
  const { started_at, finished_at, users, total } = progress;
  return { started_at, finished_at: finished_at ?? null, users, total };
}

function describeWatermark({ watermark }: ReconcileState): string | null {
  return watermark === undefined ? null : new Date(watermark).toISOString();
}
