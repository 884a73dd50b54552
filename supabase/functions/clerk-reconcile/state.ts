/**
 * The progress of each task, stored in `clerk.reconcile.state` between slices.
 *
 * @module
 */
import type { Outcome } from "../_clerk-supabase/database/apply_changes.ts";
import type { ApiError } from "../_clerk-supabase/errors.ts";

/** The kinds of objects that reconcile keeps in step with Clerk. */
export const KINDS = ["users", "organizations", "memberships"] as const;
export type Kind = typeof KINDS[number];

/** The tasks that a caller can ask for. */
export const REQUESTED_TASKS = ["backfill", "pull", "sweep"] as const;
/** The tasks as reports name them: the same for every kind. */
export const REPORTED_TASKS = [...REQUESTED_TASKS, "retry", "compare"] as const;

/**
 * The tasks of each kind by what they do: `backfill` reads everything from Clerk, `sweep` deletes what is gone there,
 * and the two comparisons do the same without writing.
 */
export const TASK_NAMES = {
  users: { backfill: "backfill", sweep: "sweep", compare: "compare_users", compareRows: "compare_rows" },
  organizations: {
    backfill: "backfill_organizations",
    sweep: "sweep_organizations",
    compare: "compare_organizations",
    compareRows: "compare_organization_rows",
  },
  memberships: {
    backfill: "backfill_memberships",
    sweep: "sweep_memberships",
    compare: "compare_memberships",
    compareRows: "compare_membership_rows",
  },
} as const;

type Names = typeof TASK_NAMES[Kind];
/** A task that reads everything from Clerk. */
export type BackfillName = Names["backfill" | "compare"];
/** A task that looks for rows whose object is gone at Clerk. */
export type SweepName = Names["sweep" | "compareRows"];
/** A task's name. */
export type TaskName = BackfillName | SweepName | "pull" | "retry";

/** The progress that every task has. Times are ISO 8601 by our clock, for people; nothing is ordered by them. */
export interface Progress {
  started_at: string;
  /** Time at which the last step was stored. */
  touched_at?: string;
  finished_at?: string;
  /** Number of objects or rows checked so far. */
  items: number;
  /** Approximate number of all objects or rows. */
  total: number;
  /** The reduced page size, if a full page cost too much. */
  page?: number;
}

/** The current place in a list that is read by cursor. */
export interface CursorPlace {
  /** The last ten ids: the cursor, and older ones to fall back to if Clerk refuses it. */
  recent: string[];
  /** How often reading started again because Clerk refused all cursors. */
  restarts?: number;
}

/** The current place in a list that is read by offset. */
export interface OffsetPlace {
  offset: number;
  /** The last items that were read, and the last one's place in the order of the list. */
  last?: { ids: string[]; order: number };
  /** How often pages did not overlap since the last new item. */
  setbacks?: number;
}

/** One of many lists that make up a backfill. */
export interface Part {
  id: string;
  /** Number of items that were read before this list. */
  before: number;
}

/** The progress of a backfill, which reads all objects of a kind, oldest first. */
export interface BackfillProgress extends Progress, Partial<CursorPlace>, Partial<OffsetPlace> {
  /** Start of the backfill by Clerk's clock, in milliseconds. */
  since?: number;
  /** The current organization, if memberships are read organization by organization. */
  part?: Part;
  /** True if the instance does not have organizations. */
  is_disabled?: true;
  /** In a dry run, the differences found. */
  drift?: Drift;
}

/** The progress of a pull, which reads the users updated since the watermark. */
export interface Pull extends Progress, OffsetPlace {
  /** The newest `updated_at` of the first page, in milliseconds. */
  newest?: number;
}

/** A row that a sweep checks. */
export interface KnownRow extends ItemId {
  /** Whether it is visible. A user whose profile never arrived has no row. */
  live: boolean;
  /** Time of the newest known change, in milliseconds by Clerk's clock. */
  newest_at: number;
  /** Time at which the database first learned of it, in milliseconds by the database's clock. */
  known_since: number;
}

/**
 * The progress of a sweep, which finds rows whose object is gone at Clerk. The first round counts, the second deletes.
 */
export interface Sweep extends Progress {
  round: "count" | "delete";
  /** The last row that was checked. */
  after: string;
  /**
   * Rows with a change since this time were seen by the last backfill, in milliseconds by Clerk's clock. Undefined if
   * there was none.
   */
  seen_since?: number;
  /** Number of rows absent at Clerk in the first round. */
  absent: number;
  /** Number of absent rows that changed too recently to judge. */
  undecided?: number;
  /**
   * Only rows that the database knew before this time count for the limits, in milliseconds by the database's clock.
   * Undefined if all rows count.
   */
  known_before?: number;
  /** Approximate number of the rows that count, if not all do. */
  counted?: number;
  /** Number of checked rows that count for the limits. */
  old?: number;
  /** Number of those that exist at Clerk. */
  old_present?: number;
  /** Number of rows that are gone according to Clerk. */
  deleted: number;
  /** Rows that are absent in the second round and still have to be looked up one by one. */
  pending?: KnownRow[];
  /** The operator's limit of deletions. */
  max_deletes?: number;
  /** Time at which the operator set the limit. */
  told_at?: string;
  /** The start of the second round. */
  first?: string;
  /** The first absent ids. */
  examples: string[];
  /** True if too many rows were absent. */
  refused?: true;
}

/** The progress of a retry of refused users. */
export interface Retry extends Progress {
  /** The last id that was retried; undefined until the deletions have been tried. */
  after?: string;
}

/** The differences between Clerk and a table. */
export interface Drift {
  /** Objects that Clerk has and the table does not. */
  missing: number;
  /** Objects of which the table has an older version. */
  outdated: number;
  /** Objects that Clerk has and that have a tombstone here. */
  deleted_here: number;
  /** Objects that Clerk has and the database refuses. */
  refused: number;
  /** A few ids of each. */
  examples: { missing: string[]; outdated: string[]; deleted_here: string[] };
}

/** Facts about a kind's rows, for the limits of its sweep. */
export interface Proof {
  /** Start of the first backfill, in milliseconds by the database's clock. Older rows do not come from it. */
  imported_at?: number;
  /** True after a sweep has shown that the rows belong to the bound instance. */
  is_proved?: true;
}

/** The progress by task. */
type Tasks =
  & { [name in BackfillName]?: BackfillProgress }
  & { [name in SweepName]?: Sweep }
  & { pull?: Pull; retry?: Retry };

/** The state of all tasks. */
export interface ReconcileState extends Tasks {
  proofs?: { [kind in Kind]?: Proof };
  /** All updates of users before this time have been stored, in milliseconds by Clerk's clock. */
  watermark?: number;
}

/** The Clerk id of a result's object. */
export interface ItemId {
  user_id?: string;
  organization_id?: string;
  membership_id?: string;
}

/** The result of one step. */
export interface Step {
  /** The new state. */
  state: ReconcileState;
  /** The cost of reading Clerk's responses, in characters. */
  size: number;
  /** The outcomes of the items, in order. */
  results: Array<ItemId & Outcome>;
  /** An error to throw after the state is stored. */
  error?: ApiError;
}

/** A task. Repeating any of its steps is harmless. */
export interface Task {
  name: TaskName;
  /** Returns the state with the task at its start. */
  begin: (state: ReconcileState) => Promise<ReconcileState>;
  step: (state: ReconcileState) => Promise<Step>;
}

/**
 * Records the time of a task's step.
 *
 * @param state The state after the step.
 * @param name The task.
 * @param now The time, in milliseconds.
 * @returns The new state, or the same state if the task gave up and left no progress.
 */
export function touch(state: ReconcileState, name: TaskName, now: number): ReconcileState {
  return state[name] === undefined ? state : { ...state, [name]: { ...state[name], touched_at: iso(now) } };
}

/**
 * Formats a time for progress.
 *
 * @param time Milliseconds.
 * @returns ISO 8601.
 */
export function iso(time: number): string {
  return new Date(time).toISOString();
}

/**
 * Time after which an idle task's counts, offsets and operator limits expire. A task that keeps making progress may
 * take longer: a scheduled sweep of millions of users takes days.
 */
export const IDLE_EXPIRY_MS = 60 * 60_000;

/** Number of ids in a list of examples. */
export const MAX_EXAMPLES = 10;

/**
 * Returns whether a task has started and not finished.
 *
 * @param state The state.
 * @param name The task.
 * @returns True between the task's start and its end.
 */
export function isUnfinished(state: ReconcileState, name: TaskName): boolean {
  return state[name] !== undefined && state[name].finished_at === undefined;
}
