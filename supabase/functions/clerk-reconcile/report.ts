/**
 * What a call answers.
 *
 * @module
 */
import type { Refused } from "../_clerk-supabase/database/apply_changes.ts";
import { type Drift, EXAMPLES, type ReconcileState, type TaskName } from "./state.ts";

/** What became of the users of one slice. */
export interface Tally {
  users: number;
  outcomes: Record<string, number>;
  refused: RefusedUser[];
}

/** A user whom the database refused, or whose row it could not delete. */
export type RefusedUser = Pick<Refused, "code" | "detail"> & {
  user_id: string;
};

/** The answer of one call. */
export interface Report {
  /** The task that was worked on last. */
  task: "backfill" | "pull" | "retry" | "sweep" | "compare" | null;
  /** Nothing is left to do. */
  done: boolean;
  /** Seconds that Clerk wants to be left alone before the next call. */
  retry_after: number;
  /** Requests to Clerk in this call. */
  requests: number;
  /** Users, or rows, looked at in this call. */
  users: number;
  /** What became of them in this call, by outcome; in a dry run, what would have. */
  outcomes: Record<string, number>;
  /** The first users whom the database refused, or whose row it could not delete, and why. */
  refused: Tally["refused"];
  /** The task since it began. */
  progress: { users: number; total: number; started_at: string; finished_at: string | null } | null;
  /** In a dry run, how the table differs from Clerk so far. */
  drift?: DriftReport;
}

/** How the table differs from Clerk. */
export interface DriftReport extends Omit<Drift, "examples"> {
  /** The table has them, Clerk does not. */
  extra: number;
  /** The table has them, Clerk does not, and Clerk told of them within ten minutes: too early to tell. */
  undecided: number;
  /** The first ids of each. */
  examples: Drift["examples"] & { extra: string[] };
}

/**
 * Makes the answer.
 *
 * @param slice What the slice did.
 * @returns The answer.
 */
export function createReport(slice: {
  task: TaskName | null;
  done: boolean;
  retryAfter: number;
  requests: number;
  tally: Tally;
  state: ReconcileState;
}): Report {
  const { task, done, retryAfter, requests, tally, state } = slice;
  const compares = task === "compare_users" || task === "compare_rows";
  const progress = task === null ? undefined : state[task];
  return {
    task: compares ? "compare" : task,
    done,
    retry_after: retryAfter,
    requests,
    ...tally,
    progress: progress
      ? {
        users: progress.users,
        total: progress.total,
        started_at: progress.started_at,
        finished_at: progress.finished_at ?? null,
      }
      : null,
    ...(compares && { drift: describeDrift(state, task === "compare_rows") }),
  };
}

/** While the users are compared, the rows' numbers are those of the dry run before. */
function describeDrift({ compare_users: users, compare_rows: rows }: ReconcileState, rowsBegun: boolean): DriftReport {
  const found = users?.drift;
  return {
    missing: found?.missing ?? 0,
    outdated: found?.outdated ?? 0,
    extra: rowsBegun ? rows?.absent ?? 0 : 0,
    undecided: rowsBegun ? rows?.undecided ?? 0 : 0,
    deleted_here: found?.deleted_here ?? 0,
    refused: found?.refused ?? 0,
    examples: {
      missing: found?.examples.missing ?? [],
      outdated: found?.examples.outdated ?? [],
      extra: rowsBegun ? (rows?.examples ?? []).slice(0, EXAMPLES) : [],
      deleted_here: found?.examples.deleted_here ?? [],
    },
  };
}
