/**
 * Through everything of a kind that Clerk has, the oldest first: a backfill, and the first half of a dry run.
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

/** Reads a kind's items from Clerk, page by page, the oldest first. */
export interface Reader {
  /** Where a backfill begins. A backfill with nothing to read begins finished. */
  begin: (state: ReconcileState) => Promise<Partial<BackfillProgress>>;
  read: (progress: BackfillProgress) => Promise<Reading>;
}

/** What a reader read. */
export interface Reading {
  /** How the backfill goes on, with everything that was counted. */
  progress: BackfillProgress;
  /** Undefined if the reader has to look again. */
  page?: { items: readonly Item[]; answeredAt: number };
  /** What reading Clerk's answer cost, in characters. */
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

/** Clerk gives up to 500 at once; half of that keeps the memory small where items have much metadata. */
export const ITEMS_PER_PAGE = 250;
/** What pulls overlap by, in ms. */
export const OVERLAP_MS = 5 * 60_000;

/**
 * Creates the backfill of users. What is updated behind its back is for the pull, which begins where the backfill began.
 *
 * @param deps Clerk and the write path.
 * @returns The task.
 */
export function createBackfill(deps: BackfillDeps): Task {
  return createBackfillTask("backfill", deps, (state, progress) => {
    if (progress.finished_at === undefined || progress.since === undefined) return { ...state, backfill: progress };
    // A pull that was under way has nothing left to do.
    const { pull: _, ...rest } = state;
    return { ...rest, backfill: progress, watermark: progress.since - OVERLAP_MS };
  });
}

/**
 * Creates the backfill through organizations or memberships. Clerk cannot list them by their last update, so it takes the
 * place of a pull, too.
 *
 * @param kind Which.
 * @param deps Clerk and the write path.
 * @returns The task.
 */
export function createDailyBackfill(kind: "organizations" | "memberships", deps: BackfillDeps): Task {
  const name = TASK_NAMES[kind].backfill;
  return createBackfillTask(name, deps, (state, progress) => ({ ...state, [name]: progress }));
}

/**
 * Creates the comparison of what Clerk has with the table.
 *
 * @param kind Of what.
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

/** What comes later in a dry run is of the dry run before. */
function withoutLater(kind: keyof typeof TASK_NAMES, state: ReconcileState): ReconcileState {
  const later = KINDS.slice(KINDS.indexOf(kind) + 1).map((one) => TASK_NAMES[one]);
  const names = new Set<string>([
    TASK_NAMES[kind].compareRows,
    ...later.flatMap((one) => [one.compare, one.compareRows]),
  ]);
  return Object.fromEntries(Object.entries(state).filter(([name]) => !names.has(name)));
}

/**
 * Tells what to keep of a page's limit: a full page that cost too much is not asked for again in the same task.
 *
 * @param limit How many items were asked for.
 * @returns A part of the task's progress.
 */
export function smallerPage(limit: number): Pick<Progress, "page"> {
  return limit < ITEMS_PER_PAGE ? { page: limit } : {};
}

/**
 * Fails if a list ended far too early: that is a fault of Clerk's, and not the list's end. Items are deleted, and new ones
 * come, while a list is read.
 *
 * @param read How many items were read.
 * @param count How many Clerk has.
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
    // Of a membership whose user or organization is missing, too, the outcome is pending.
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
