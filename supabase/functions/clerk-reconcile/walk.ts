/**
 * Through all of Clerk's users, the oldest first: the backfill, and the first half of a dry run.
 *
 * @module
 */
import type { ClerkApi } from "../_shared/clerk/api.ts";
import { unavailable } from "../_shared/clerk/request.ts";
import type { ApplyUsers } from "./apply_users.ts";
import {
  type Drift,
  EXAMPLES,
  iso,
  type Progress,
  type ReconcileState,
  type Step,
  type Task,
  type Walk,
} from "./state.ts";

/** What a walk takes. */
export interface WalkDeps {
  clerk: Pick<ClerkApi, "listUsers" | "countUsers">;
  /** The write path, or its dry run. */
  applyUsers: ApplyUsers;
  /** The clock, in milliseconds. */
  now: () => number;
}

/** Clerk gives up to 500 at once; half of that keeps the memory small where users have much metadata. */
export const PAGE = 250;
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
  return createWalk("backfill", deps, (state, walk) => {
    if (walk.finished_at === undefined || walk.since === undefined) return { ...state, backfill: walk };
    // A pull that was under way has nothing left to do.
    const { pull: _, ...rest } = state;
    return { ...rest, backfill: walk, watermark: walk.since - OVERLAP };
  });
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

/**
 * Tells what to keep of a page's limit: a full page that cost too much is not asked for again in the same task.
 *
 * @param limit How many users were asked for.
 * @returns A part of the task's progress.
 */
export function smallerPage(limit: number): Pick<Progress, "page"> {
  return limit < PAGE ? { page: limit } : {};
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
  { clerk, applyUsers, now }: WalkDeps,
  walk: Walk,
): Promise<{ walk: Walk } & Pick<Step, "size" | "results">> {
  const cursor = walk.recent.at(-1);
  const page = await clerk.listUsers({
    limit: walk.page ?? PAGE,
    order_by: "+created_at",
    ...(cursor !== undefined && { starting_after: cursor }),
  });
  if (!page) return { walk: stepBack(walk), size: 0, results: [] };
  const users = walk.users + page.users.length;
  const done = page.users.length < page.limit;
  if (done) await expectAll(clerk, walk, users);
  const results = await applyUsers(page.users, page.answeredAt);
  const recent = [...walk.recent, ...page.users.map(({ id }) => id)].slice(-CURSORS);
  return {
    walk: {
      ...walk,
      recent,
      since: walk.since ?? page.answeredAt,
      users,
      ...smallerPage(page.limit),
      ...(done && { finished_at: iso(now()) }),
    },
    size: page.size,
    results,
  };
}

/** To the next older cursor. Where none is left, from the start, once: what is read again is stale. */
function stepBack(walk: Walk): Walk {
  const recent = walk.recent.slice(0, -1);
  if (recent.length > 0) return { ...walk, recent };
  const { drift: _, restarts = 0, ...rest } = walk;
  if (restarts > 0) throw unavailable({ code: "cursors refused" });
  return { ...rest, recent, users: 0, restarts: 1 };
}

/** A short page is the last one, unless Clerk has many more users than were read: then it is a fault of Clerk's. */
async function expectAll(clerk: Pick<ClerkApi, "countUsers">, { total }: Walk, users: number): Promise<void> {
  if (users >= total) return;
  const count = await clerk.countUsers();
  // Users are deleted, and sign up, while they are read.
  if (count - users > Math.max(10, count * 0.01)) throw unavailable({ code: "list too short" });
}

function addDrift(before: Drift | undefined, results: Step["results"]): Drift {
  const found = {
    missing: results.filter(({ outcome }) => outcome === "created"),
    outdated: results.filter(({ outcome }) => outcome === "updated"),
    deleted_here: results.filter((result) => "deleted" in result),
  };
  const refused = results.filter(({ outcome }) => outcome === "refused").length;
  const count = (kind: keyof typeof found) => (before?.[kind] ?? 0) + found[kind].length;
  const examples = (kind: keyof typeof found) =>
    [...before?.examples[kind] ?? [], ...found[kind].map(({ user_id }) => user_id)].slice(0, EXAMPLES);
  return {
    missing: count("missing"),
    outdated: count("outdated"),
    deleted_here: count("deleted_here"),
    refused: (before?.refused ?? 0) + refused,
    examples: {
      missing: examples("missing"),
      outdated: examples("outdated"),
      deleted_here: examples("deleted_here"),
    },
  };
}
