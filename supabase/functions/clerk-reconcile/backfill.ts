/**
 * Reads all objects of a kind from Clerk, oldest first: for a backfill, and for the first half of a dry run.
 *
 * @module
 */
import { unavailable } from "../_clerk-supabase/clerk/request.ts";
import type { ApplyItems, Item } from "./apply_items.ts";
import {
  type BackfillName,
  type BackfillProgress,
  type Drift,
  iso,
  KINDS,
  MAX_EXAMPLES,
  type Progress,
  type ReconcileState,
  type Step,
  type Task,
  TASK_NAMES,
} from "./state.ts";

/** Reads a kind's items from Clerk page by page, oldest first. */
export interface Reader {
  /** Returns the initial progress. It is already finished if there is nothing to read. */
  begin: (state: ReconcileState) => Promise<Partial<BackfillProgress>>;
  read: (progress: BackfillProgress) => Promise<Reading>;
}

/** The result of reading one page. */
export interface Reading {
  /** The progress after the page, with updated counts. */
  progress: BackfillProgress;
  /** Undefined if the reader has to read again at another place. */
  page?: { items: readonly Item[]; answeredAt: number };
  /** The cost of reading Clerk's response, in characters. */
  size?: number;
  isLast?: boolean;
}

/** Dependencies of a backfill. */
export interface BackfillDeps {
  reader: Reader;
  /** The write path, or its dry run. */
  applyItems: ApplyItems;
  /** The clock, in milliseconds. */
  now: () => number;
}

/** Clerk allows 500 per page. Half of that limits the memory for items with much metadata. */
export const ITEMS_PER_PAGE = 250;
/** Overlap between two pulls. */
export const OVERLAP_MS = 5 * 60_000;

/**
 * Creates the backfill of users. Updates during the backfill are left to the pull, which starts at the time when the
 * backfill started.
 *
 * @param deps Clerk and the write path.
 * @returns The task.
 */
export function createBackfill(deps: BackfillDeps): Task {
  return createBackfillTask("backfill", deps, (state, progress) => {
    if (progress.finished_at === undefined || progress.since === undefined) return { ...state, backfill: progress };
    // An unfinished pull has nothing left to do.
    const { pull: _, ...rest } = state;
    return { ...rest, backfill: progress, watermark: progress.since - OVERLAP_MS };
  });
}

/**
 * Creates the backfill of organizations or memberships. It replaces a pull too, because Clerk cannot list them by their
 * last update.
 *
 * @param kind The kind.
 * @param deps Clerk and the write path.
 * @returns The task.
 */
export function createDailyBackfill(kind: "organizations" | "memberships", deps: BackfillDeps): Task {
  const name = TASK_NAMES[kind].backfill;
  return createBackfillTask(name, deps, (state, progress) => ({ ...state, [name]: progress }));
}

/**
 * Creates the comparison of Clerk's objects with the table.
 *
 * @param kind The kind.
 * @param deps Clerk and the dry run of the write path.
 * @returns The task.
 */
export function createComparison(kind: keyof typeof TASK_NAMES, deps: BackfillDeps): Task {
  const name = TASK_NAMES[kind].compare;
  return createBackfillTask(name, deps, (state, progress, { results }) => ({
    ...withoutLater(kind, state),
    [name]: { ...progress, drift: addDrift(progress.drift, results) },
  }));
}

/** Removes the progress of later comparisons, because it belongs to the previous dry run. */
function withoutLater(kind: keyof typeof TASK_NAMES, state: ReconcileState): ReconcileState {
  const later = KINDS.slice(KINDS.indexOf(kind) + 1).map((one) => TASK_NAMES[one]);
  const names = new Set<string>([
    TASK_NAMES[kind].compareRows,
    ...later.flatMap((one) => [one.compare, one.compareRows]),
  ]);
  return Object.fromEntries(Object.entries(state).filter(([name]) => !names.has(name)));
}

/**
 * Returns the page size to keep in the progress, so that a task does not request pages again that cost too much.
 *
 * @param limit The limit of the last request.
 * @returns The part of the task's progress.
 */
export function smallerPage(limit: number): Pick<Progress, "page"> {
  return limit < ITEMS_PER_PAGE ? { page: limit } : {};
}

/**
 * Throws if a list ended far too early, which is a fault of Clerk. A small difference is normal, because items are
 * created and deleted while the list is read.
 *
 * @param read Number of items that were read.
 * @param count Number of items that Clerk has.
 */
export function requireWholeList(read: number, count: number): void {
  if (count - read > Math.max(10, count * 0.01)) throw unavailable({ code: "list too short" });
}

function createBackfillTask(
  name: BackfillName,
  { reader, applyItems, now }: BackfillDeps,
  store: (state: ReconcileState, progress: BackfillProgress, step: Pick<Step, "results">) => ReconcileState,
): Task {
  return {
    name,
    begin: async (state) => {
      const progress = { started_at: iso(now()), items: 0, total: 0, ...await reader.begin(state) };
      return store(state, progress, { results: [] });
    },
    step: async (state) => {
      const { progress, page, size = 0, isLast } = await reader.read(state[name]!);
      const results = page ? await applyItems(page.items, page.answeredAt) : [];
      const next: BackfillProgress = {
        ...progress,
        ...(page && { since: progress.since ?? page.answeredAt }),
        ...(isLast && { finished_at: iso(now()) }),
      };
      return { state: store(state, next, { results }), size, results };
    },
  };
}

function addDrift(before: Drift | undefined, results: Step["results"]): Drift {
  const found = {
    // The outcome is pending if the membership's user or organization is missing too.
    missing: results.filter(({ outcome }) => outcome === "created" || outcome === "pending"),
    outdated: results.filter(({ outcome }) => outcome === "updated"),
    deleted_here: results.filter((result) => "deleted" in result),
  };
  const refused = results.filter(({ outcome }) => outcome === "refused").length;
  const count = (kind: keyof typeof found) => (before?.[kind] ?? 0) + found[kind].length;
  const examples = (kind: keyof typeof found) =>
    [...before?.examples[kind] ?? [], ...found[kind].map(idOf)].slice(0, MAX_EXAMPLES);
  return {
    missing: count("missing"),
    outdated: count("outdated"),
    deleted_here: count("deleted_here"),
    refused: (before?.refused ?? 0) + refused,
    examples: { missing: examples("missing"), outdated: examples("outdated"), deleted_here: examples("deleted_here") },
  };
}

function idOf({ membership_id, organization_id, user_id }: Step["results"][number]): string {
  return membership_id ?? organization_id ?? user_id ?? "";
}
