/**
 * The response of a call.
 *
 * @module
 */
import type { Refused } from "../_clerk-supabase/database/apply_changes.ts";
import {
  type BackfillProgress,
  type Drift,
  type ItemId,
  type Kind,
  KINDS,
  MAX_EXAMPLES,
  type ReconcileState,
  type REPORTED_TASKS,
  type Sweep,
  TASK_NAMES,
  type TaskName,
} from "./state.ts";

/** The outcomes of one slice. */
export interface Tally {
  items: Record<Kind, number>;
  outcomes: Record<string, number>;
  refused: RefusedItem[];
}

/** An object that the database refused, or whose row it could not delete. */
export type RefusedItem = Pick<Refused, "code" | "detail"> & ItemId;

/** The response of one call. */
export interface ReconcileReport {
  /** The last task of the call. */
  task: typeof REPORTED_TASKS[number] | null;
  /** The kind of objects of that task. */
  kind: Kind | null;
  /** True if nothing is left to do. */
  done: boolean;
  /** Seconds to wait before the next call, because of Clerk's rate limit. */
  retry_after: number;
  /** Requests to Clerk in this call. */
  requests: number;
  /** Objects checked in this call, at Clerk or in the tables. */
  items: Record<Kind, number>;
  /** Number of objects by outcome; in a dry run, by the outcome that they would have. */
  outcomes: Record<string, number>;
  /** The first objects that the database refused, or whose row it could not delete, and the reasons. */
  refused: Tally["refused"];
  /** The task since its start. */
  progress: {
    items: number;
    total: number;
    started_at: string;
    finished_at: string | null;
  } | null;
  /** In a dry run, the differences between the tables and Clerk that were found so far. */
  drift?: Record<Kind, DriftReport>;
}

/** The differences between a table and Clerk. */
export interface DriftReport extends Omit<Drift, "examples"> {
  /** Objects that the table has and Clerk does not. */
  extra: number;
  /** The same for objects that Clerk reported within the last ten minutes, which is too recent to judge. */
  undecided: number;
  /** The first ids of each difference. */
  examples: Drift["examples"] & { extra: string[] };
}

/** Returns the name of a task in reports, and its kind. */
export function describeTask(name: TaskName): { task: NonNullable<ReconcileReport["task"]>; kind: Kind } {
  const kind = KINDS.find((one) => Object.values<TaskName>(TASK_NAMES[one]).includes(name)) ?? "users";
  const { backfill, sweep } = TASK_NAMES[kind];
  if (name === "pull" || name === "retry") return { task: name, kind };
  return { task: name === backfill ? "backfill" : name === sweep ? "sweep" : "compare", kind };
}

/**
 * Creates the report of a call.
 *
 * @param slice The work of the slice.
 * @returns The report.
 */
export function createReport(slice: {
  task: TaskName | null;
  done: boolean;
  retryAfter: number;
  requests: number;
  tally: Tally;
  state: ReconcileState;
}): ReconcileReport {
  const { task: name, done, retryAfter, requests, tally, state } = slice;
  const { task, kind } = name === null ? { task: null, kind: null } : describeTask(name);
  const progress = name === null ? undefined : state[name];
  return {
    task,
    kind,
    done,
    retry_after: retryAfter,
    requests,
    ...tally,
    progress: progress
      ? {
        items: progress.items,
        total: progress.total,
        started_at: progress.started_at,
        finished_at: progress.finished_at ?? null,
      }
      : null,
    ...(task === "compare" && { drift: describeDrifts(state) }),
  };
}

function describeDrifts(state: ReconcileState): Record<Kind, DriftReport> {
  const drift = (kind: Kind) => describeDrift(state[TASK_NAMES[kind].compare], state[TASK_NAMES[kind].compareRows]);
  return { users: drift("users"), organizations: drift("organizations"), memberships: drift("memberships") };
}

function describeDrift(progress: BackfillProgress | undefined, rows: Sweep | undefined): DriftReport {
  const found = progress?.drift;
  return {
    missing: found?.missing ?? 0,
    outdated: found?.outdated ?? 0,
    extra: rows?.absent ?? 0,
    undecided: rows?.undecided ?? 0,
    deleted_here: found?.deleted_here ?? 0,
    refused: found?.refused ?? 0,
    examples: {
      missing: found?.examples.missing ?? [],
      outdated: found?.examples.outdated ?? [],
      extra: (rows?.examples ?? []).slice(0, MAX_EXAMPLES),
      deleted_here: found?.examples.deleted_here ?? [],
    },
  };
}
