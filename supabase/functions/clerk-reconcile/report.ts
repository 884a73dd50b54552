/**
 * What a call answers.
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
  type Sweep,
  TASK_NAMES,
  type TaskName,
} from "./state.ts";

/** What became of the items of one slice. */
export interface Tally {
  items: Record<Kind, number>;
  outcomes: Record<string, number>;
  refused: RefusedItem[];
}

/** What the database refused, or whose row it could not delete. */
export type RefusedItem = Pick<Refused, "code" | "detail"> & ItemId;

/** The answer of one call. */
export interface Report {
  /** The task that was worked on last. */
  task: "backfill" | "pull" | "retry" | "sweep" | "compare" | null;
  /** What that task was about. */
  kind: Kind | null;
  /** Nothing is left to do. */
  done: boolean;
  /** Seconds that Clerk wants to be left alone before the next call. */
  retry_after: number;
  /** Requests to Clerk in this call. */
  requests: number;
  /** How much was looked at in this call, at Clerk or in the tables. */
  items: Record<Kind, number>;
  /** What became of them in this call, by outcome; in a dry run, what would have. */
  outcomes: Record<string, number>;
  /** The first that the database refused, or whose row it could not delete, and why. */
  refused: Tally["refused"];
  /** The task since it began. */
  progress: {
    items: number;
    total: number;
    started_at: string;
    finished_at: string | null;
  } | null;
  /** In a dry run, how the tables differ from Clerk so far. */
  drift?: Record<Kind, DriftReport>;
}

/** How a table differs from Clerk. */
export interface DriftReport extends Omit<Drift, "examples"> {
  /** The table has them, Clerk does not. */
  extra: number;
  /** The table has them, Clerk does not, and Clerk told of them within ten minutes: too early to tell. */
  undecided: number;
  /** The first ids of each. */
  examples: Drift["examples"] & { extra: string[] };
}

/** Returns what callers call a task, and what it is about. */
export function describeTask(name: TaskName): { task: NonNullable<Report["task"]>; kind: Kind } {
  const kind = KINDS.find((one) => Object.values<TaskName>(TASK_NAMES[one]).includes(name)) ?? "users";
  const { backfill, sweep } = TASK_NAMES[kind];
  if (name === "pull" || name === "retry") return { task: name, kind };
  return { task: name === backfill ? "backfill" : name === sweep ? "sweep" : "compare", kind };
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
