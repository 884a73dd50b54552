/**
 * Through all of Clerk's users, the oldest first: the backfill, and the first half of a dry run.
 *
 * @module
 */
import type { ClerkApi } from "../_shared/clerk/api.ts";
import type { ApplyChanges } from "../_shared/database/apply_changes.ts";
import { applyUsers } from "./apply_users.ts";
import { type Drift, EXAMPLES, type ReconcileState, type Step, type Task, type Walk } from "./state.ts";

/** What a walk takes. */
export interface WalkDeps {
  clerk: Pick<ClerkApi, "listUsers" | "countUsers">;
  /** The write path, or its dry run. */
  apply: ApplyChanges;
  /** The clock, in milliseconds. */
  now: () => number;
}

/** The most that Clerk gives at once. */
const PAGE = 500;
/** How many ids are kept as cursors: a user who is deleted meanwhile is no cursor any more. */
const CURSORS = 10;
/** What pulls overlap by, in ms. */
export const OVERLAP = 5 * 60_000;

/**
 * Makes the backfill. What is updated behind its back is for the pull, which begins where the backfill began.
 *
 * @param deps Clerk and the write path.
 * @returns The task.
 */
export function createBackfill(deps: WalkDeps): Task {
  return createWalk("backfill", deps, (state, walk) => ({
    ...state,
    backfill: walk,
    ...(walk.finished_at !== undefined && walk.since !== undefined && { watermark: walk.since - OVERLAP }),
  }));
}

/**
 * Makes the comparison of Clerk's users with the table.
 *
 * @param deps Clerk and the dry run of the write path.
 * @returns The task.
 */
export function createCompareUsers(deps: WalkDeps): Task {
  return createWalk("compare_users", deps, ({ compare_rows: _, ...state }, walk, { results }) => ({
    ...state,
    compare_users: { ...walk, drift: addDrift(walk.drift, results) },
  }));
}

function createWalk(
  name: "backfill" | "compare_users",
  deps: WalkDeps,
  store: (state: ReconcileState, walk: Walk, step: Pick<Step, "results">) => ReconcileState,
): Task {
  return {
    name,
    begin: async (state) => {
      const total = await deps.clerk.countUsers();
      return store(state, { started_at: iso(deps.now()), users: 0, total, recent: [] }, { results: [] });
    },
    step: async (state) => {
      const { walk, size, results } = await stepWalk(deps, state[name]!);
      return { state: store(state, walk, { results }), size, results };
    },
  };
}

async function stepWalk(
  { clerk, apply, now }: WalkDeps,
  walk: Walk,
): Promise<{ walk: Walk } & Pick<Step, "size" | "results">> {
  const cursor = walk.recent.at(-1);
  const page = await clerk.listUsers({
    limit: PAGE,
    order_by: "+created_at",
    ...(cursor !== undefined && { starting_after: cursor }),
  });
  if (!page) return { walk: stepBack(walk), size: 0, results: [] };
  const results = await applyUsers(apply, page.users, page.answeredAt);
  const recent = [...walk.recent, ...page.users.map(({ id }) => id)].slice(-CURSORS);
  const done = page.users.length < PAGE;
  return {
    walk: {
      ...walk,
      recent,
      since: walk.since ?? page.answeredAt,
      users: walk.users + page.users.length,
      ...(done && { finished_at: iso(now()) }),
    },
    size: page.size,
    results,
  };
}

/** To the next older cursor. Where none is left, from the start: what is read again is stale. */
function stepBack(walk: Walk): Walk {
  const recent = walk.recent.slice(0, -1);
  return { ...walk, recent, users: recent.length > 0 ? walk.users : 0 };
}

function addDrift(before: Drift | undefined, results: Step["results"]): Drift {
  const found = {
    missing: results.filter(({ outcome }) => outcome === "created"),
    outdated: results.filter(({ outcome }) => outcome === "updated"),
    deleted_here: results.filter((result) => "deleted" in result),
  };
  const count = (kind: keyof typeof found) => (before?.[kind] ?? 0) + found[kind].length;
  const examples = (kind: keyof typeof found) =>
    [...before?.examples[kind] ?? [], ...found[kind].map(({ user_id }) => user_id)].slice(0, EXAMPLES);
  return {
    missing: count("missing"),
    outdated: count("outdated"),
    deleted_here: count("deleted_here"),
    examples: {
      missing: examples("missing"),
      outdated: examples("outdated"),
      deleted_here: examples("deleted_here"),
    },
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
