/**
 * How far each task came: what `clerk.reconcile.state` holds between slices.
 *
 * @module
 */
import type { Outcome } from "../_clerk-supabase/database/apply_changes.ts";
import type { ApiError } from "../_clerk-supabase/errors.ts";

/** What reconcile keeps as it is at Clerk. */
export const KINDS = ["users", "organizations", "memberships"] as const;
export type Kind = typeof KINDS[number];

/**
 * The tasks of each kind by what they do: `backfill` reads everything from Clerk, `sweep` deletes what is gone there, and
 * the two comparisons do the same without writing.
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

/** What every task tells of itself. Times are ISO 8601, by our clock, for people: they order nothing. */
export interface Progress {
  started_at: string;
  /** When its last step was stored. */
  touched_at?: string;
  finished_at?: string;
  /** Users, organizations, memberships or their rows looked at so far. */
  items: number;
  /** About how many there are. */
  total: number;
  /** How many items to ask for at once, where a full page cost too much. */
  page?: number;
}

/** Where a list is read on by cursor. */
export interface CursorPlace {
  /** The last ten ids read: the cursor, and what to fall back to where Clerk refuses it. */
  recent: string[];
  /** How often it had to begin again because Clerk knew none of the cursors. */
  restarts?: number;
}

/** Where a list is read on by offset. */
export interface OffsetPlace {
  offset: number;
  /** The items furthest down the list that were read, and the last one's place in the list's order. */
  last?: { ids: string[]; order: number };
  /** How often the pages did not meet since something new was read. */
  setbacks?: number;
}

/** One of many lists that make up a backfill. */
export interface Part {
  id: string;
  /** How many items were read before this list. */
  before: number;
}

/** A backfill through everything of a kind that Clerk has, the oldest first. */
export interface BackfillProgress extends Progress, Partial<CursorPlace>, Partial<OffsetPlace> {
  /** Clerk's clock when the backfill began, in ms. */
  since?: number;
  /** The organization whose memberships are read, if each organization's list is read by itself. */
  part?: Part;
  /** The instance does not have organizations. */
  is_disabled?: true;
  /** In a dry run, what was found. */
  drift?: Drift;
}

/** A pull of the users updated last, down to the watermark. */
export interface Pull extends Progress, OffsetPlace {
  /** The newest `updated_at` of the first page, in ms. */
  newest?: number;
}

/** A row that a sweep looks at. */
export interface KnownRow extends ItemId {
  /** Whether it is visible: a user whose profile never came has no row. */
  live: boolean;
  /** The last that is known of it, in milliseconds by Clerk's clock. */
  newest_at: number;
  /** When the database first knew it, in milliseconds by its own clock. */
  known_since: number;
}

/** A search for what is gone at Clerk, in two rounds: the first counts, the second deletes. */
export interface Sweep extends Progress {
  round: "count" | "delete";
  /** The last row looked at. */
  after: string;
  /** What Clerk told of since then was there when everything was read last, in ms by its clock. Undefined for nothing. */
  seen_since?: number;
  /** Rows absent in the first round. */
  absent: number;
  /** Rows absent of which Clerk told too lately to judge. */
  undecided?: number;
  /** Only rows that the database knew before this count for the limits; ms by its own clock. Undefined for all. */
  known_before?: number;
  /** About how many they are, if not all. */
  counted?: number;
  /** Rows looked at that count for the limits. */
  old?: number;
  /** Those of them that exist at Clerk. */
  old_present?: number;
  /** Rows that Clerk said are gone. */
  deleted: number;
  /** Rows that are absent in the second round, and not yet asked for one by one. */
  pending?: KnownRow[];
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

/** How a table differs from Clerk. */
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

/** What was found out about a kind's rows, for the limits of its sweep. */
export interface Proof {
  /** When the first backfill began, in ms by the database's clock: rows known before it are no result of it. */
  imported_at?: number;
  /** A sweep has shown that the rows are of the instance that the database is bound to. */
  is_proved?: true;
}

/** How far each task came. */
type Tasks =
  & { [name in BackfillName]?: BackfillProgress }
  & { [name in SweepName]?: Sweep }
  & { pull?: Pull; retry?: Retry };

/** The state of all tasks. */
export interface ReconcileState extends Tasks {
  proofs?: { [kind in Kind]?: Proof };
  /** Every user that Clerk updated before this has been taken in, in ms by Clerk's clock. */
  watermark?: number;
}

/** What a result is about, by Clerk's ids. */
export interface ItemId {
  user_id?: string;
  organization_id?: string;
  membership_id?: string;
}

/** What one step did. */
export interface Step {
  /** Everything that changed in the state. */
  state: ReconcileState;
  /** What reading Clerk's answers cost, in characters. */
  size: number;
  /** What became of the items, in order. */
  results: Array<ItemId & Outcome>;
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
export const IDLE_EXPIRY_MS = 60 * 60_000;

/** How many ids are told as examples. */
export const MAX_EXAMPLES = 10;

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
