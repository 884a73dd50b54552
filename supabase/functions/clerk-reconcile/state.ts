/**
 * How far each task came: what `clerk.reconcile.state` holds between slices.
 *
 * @module
 */
import type { Outcome } from "../_clerk-supabase/database/apply_changes.ts";
import type { ApiError } from "../_clerk-supabase/errors.ts";

/** What every task tells of itself. Times are ISO 8601, by our clock, for people: they order nothing. */
export interface Progress {
  started_at: string;
  /** When its last step was stored. */
  touched_at?: string;
  finished_at?: string;
  /** Users, or rows, looked at so far. */
  users: number;
  /** About how many there are. */
  total: number;
  /** How many users to ask for at once, where a full page cost too much. */
  page?: number;
}

/** A walk through all of Clerk's users, the oldest first. */
export interface Walk extends Progress {
  /** The last ten ids read: the cursor, and what to fall back to where Clerk refuses it. */
  recent: string[];
  /** Clerk's clock when the walk began, in ms. */
  since?: number;
  /** How often it had to begin again because Clerk knew none of the cursors. */
  restarts?: number;
  /** In a dry run, what was found. */
  drift?: Drift;
}

/** A pull of the users updated last, down to the watermark. */
export interface Pull extends Progress {
  offset: number;
  /** The newest `updated_at` of the first page, in ms. */
  newest?: number;
  /** The last user of the page before: the next one has to reach up to it. */
  last?: { id: string; updated_at: number };
  /** How often it did not. */
  setbacks?: number;
}

/** A search for users who are gone at Clerk, in two rounds: the first counts, the second deletes. */
export interface Sweep extends Progress {
  round: "count" | "delete";
  /** The last id looked at. */
  after: string;
  /** Users absent in the first round. */
  absent: number;
  /** Users absent of whom Clerk told too lately to judge. */
  undecided?: number;
  /** Only users whom the database knew before this count for the limits; ms by its own clock. Undefined for all. */
  known_before?: number;
  /** About how many they are, if not all. */
  counted?: number;
  /** Users looked at who count for the limits. */
  old?: number;
  /** Those of them who exist at Clerk. */
  old_present?: number;
  /** Users whom Clerk said are gone. */
  deleted: number;
  /** Users who are absent in the second round, and not yet asked for one by one. */
  pending?: string[];
  /** How many may be deleted, where an operator said so. */
  max_deletes?: number;
  /** When that was. */
  told_at?: string;
  /** Where the second round begins. */
  first?: string;
  /** The first ids that are absent. */
  examples: string[];
  /** There were too many. */
  refused?: true;
}

/** Another attempt at users whom the schema refused. */
export interface Retry extends Progress {
  /** The last id looked at; undefined until the deletions have been tried. */
  after?: string;
}

/** How the table differs from Clerk, in users. */
export interface Drift {
  /** Clerk has them, the table does not. */
  missing: number;
  /** The table has an older version of them. */
  outdated: number;
  /** Clerk has them, and a tombstone here says that they are deleted. */
  deleted_here: number;
  /** Clerk has them, and the database refuses them. */
  refused: number;
  /** A few of each, by their ids. */
  examples: { missing: string[]; outdated: string[]; deleted_here: string[] };
}

/** The state of all tasks. */
export interface ReconcileState {
  /** When the first backfill began, in ms by the database's clock: users known before it are no result of it. */
  imported_at?: number;
  /** A sweep has shown that the rows are users of the instance that the database is bound to. */
  is_proved?: true;
  /** Every user that Clerk updated before this has been taken in, in ms by Clerk's clock. */
  watermark?: number;
  backfill?: Walk;
  pull?: Pull;
  retry?: Retry;
  sweep?: Sweep;
  compare_users?: Walk;
  compare_rows?: Sweep;
}

/** A task's name. */
export type TaskName = Exclude<
  keyof ReconcileState,
  "watermark" | "imported_at" | "is_proved"
>;

/** What one step did. */
export interface Step {
  /** Everything that changed in the state. */
  state: ReconcileState;
  /** What reading Clerk's answers cost, in characters. */
  size: number;
  /** What became of the users, in order. */
  results: Array<{ user_id: string } & Outcome>;
  /** To be thrown when the state is stored. */
  error?: ApiError;
}

/** A task, in steps that can each be repeated without harm. */
export interface Task {
  name: TaskName;
  /** The state with the task at its start. */
  begin: (state: ReconcileState) => Promise<ReconcileState>;
  step: (state: ReconcileState) => Promise<Step>;
}

/**
 * Notes that a task did a step.
 *
 * @param state The state after it.
 * @param name The task.
 * @param now The clock, in milliseconds.
 * @returns The state; the same where the task gave up and left no progress.
 */
export function touch(state: ReconcileState, name: TaskName, now: number): ReconcileState {
  return state[name] === undefined ? state : { ...state, [name]: { ...state[name], touched_at: iso(now) } };
}

/**
 * Writes a time as progress has it.
 *
 * @param time Milliseconds.
 * @returns ISO 8601.
 */
export function iso(time: number): string {
  return new Date(time).toISOString();
}

/**
 * What was counted, pages that were numbered, and what an operator said tell nothing of today where nobody has gone on,
 * or said it again, for so long; ms. How long a task takes in all is another matter: a sweep of millions of users takes
 * days of a schedule.
 */
export const LASTS = 60 * 60_000;

/** How many ids are told as examples. */
export const EXAMPLES = 10;

/**
 * Tells whether a task has something left to do.
 *
 * @param state The state.
 * @param name The task.
 * @returns True between its begin and its end.
 */
export function isUnfinished(state: ReconcileState, name: TaskName): boolean {
  return state[name] !== undefined && state[name].finished_at === undefined;
}
