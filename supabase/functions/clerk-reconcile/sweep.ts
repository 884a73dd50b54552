/**
 * Users who are gone at Clerk and still have a row: deletions whose webhooks were missed. Nothing else in the bundle
 * deletes without a signed message, so each one is proved twice, and too many at once are refused.
 *
 * @module
 */
import type { ClerkApi } from "../_shared/clerk/api.ts";
import type { ClerkChange } from "../_shared/clerk/change.ts";
import type { DeleteMode } from "../_shared/config.ts";
import type { ApplyChanges } from "../_shared/database/apply_changes.ts";
import { ApiError } from "../_shared/errors.ts";
import { applyUsers } from "./apply_users.ts";
import { EXAMPLES, type ReconcileState, type Step, type Sweep, type Task } from "./state.ts";

/** A row that Clerk is asked about. */
export interface LiveRow {
  user_id: string;
  /** Milliseconds, by Clerk's clock. */
  created_at: number;
}

/** What a sweep takes. */
export interface SweepDeps {
  clerk: Pick<ClerkApi, "listUsers" | "findUser">;
  apply: ApplyChanges;
  /** The next live rows behind an id, by id. */
  listRows: (after: string, size: number) => Promise<LiveRow[]>;
  countRows: () => Promise<number>;
  deleteMode: DeleteMode;
  /** How many may be deleted, where the caller said so. */
  maxDeletes: number | undefined;
  /** The clock, in milliseconds. */
  now: () => number;
}

/** The most ids that Clerk takes at once. */
const PAGE = 100;
/** Users younger than this may be missing in a list of Clerk's for a moment; ms. */
const GRACE = 10 * 60_000;
/** Users deleted in one step: each takes a request. */
const DELETES = 10;

/**
 * Makes the sweep.
 *
 * @param deps Clerk, the rows and the write path.
 * @returns The task.
 */
export function createSweep(deps: SweepDeps): Task {
  return {
    name: "sweep",
    begin: async (state) => ({ ...state, sweep: await beginSweep(deps) }),
    step: (state) => state.sweep!.round === "count" ? count(deps, state) : remove(deps, state),
  };
}

/**
 * Makes the search alone, which deletes nobody.
 *
 * @param deps Clerk and the rows.
 * @returns The task.
 */
export function createCompareRows(deps: Pick<SweepDeps, "clerk" | "listRows" | "countRows" | "now">): Task {
  return {
    name: "compare_rows",
    begin: async (state) => ({ ...state, compare_rows: await beginSweep(deps) }),
    step: async (state) => {
      const { sweep, size, done } = await search(deps, state.compare_rows!);
      return { state: { ...state, compare_rows: done ? finish(deps, sweep) : sweep }, size, results: [] };
    },
  };
}

async function beginSweep({ countRows, now }: Pick<SweepDeps, "countRows" | "now">): Promise<Sweep> {
  const startedAt = new Date(now()).toISOString();
  const total = await countRows();
  return { started_at: startedAt, users: 0, total, round: "count", after: "", absent: 0, deleted: 0, examples: [] };
}

/** The first round: how many are absent. One that is no more than allowed goes on to the second. */
async function count(deps: SweepDeps, state: ReconcileState): Promise<Step> {
  const { sweep, size, done } = await search(deps, state.sweep!);
  if (sweep.absent > allowed(deps, sweep)) return refuse(deps, state, sweep, size);
  if (!done) return { state: { ...state, sweep }, size, results: [] };
  const next: Sweep = sweep.first === undefined
    ? finish(deps, sweep)
    : { ...sweep, round: "delete", after: sweep.first };
  return { state: { ...state, sweep: next }, size, results: [] };
}

/** Looks at a page of rows. */
async function search(
  deps: Pick<SweepDeps, "clerk" | "listRows">,
  sweep: Sweep,
): Promise<{ sweep: Sweep; size: number; done: boolean }> {
  const { rows, absent, size } = await findAbsent(deps, sweep.after);
  const ids = absent.map(({ user_id }) => user_id);
  return {
    sweep: {
      ...sweep,
      after: rows.at(-1)?.user_id ?? sweep.after,
      users: sweep.users + rows.length,
      absent: sweep.absent + absent.length,
      examples: [...sweep.examples, ...ids].slice(0, EXAMPLES),
      ...(sweep.first === undefined && absent.length > 0 && { first: sweep.after }),
    },
    size,
    done: rows.length < PAGE,
  };
}

/** The first proof: a list of 100 ids leaves out the ones that Clerk does not know. */
async function findAbsent({ clerk, listRows }: Pick<SweepDeps, "clerk" | "listRows">, after: string) {
  const rows = await listRows(after, PAGE);
  if (rows.length === 0) return { rows, absent: [], size: 0 };
  const page = await clerk.listUsers({ limit: PAGE, user_id: rows.map(({ user_id }) => user_id) });
  // Without a cursor, Clerk has none to refuse.
  if (!page) throw new TypeError("Cannot sweep: no list");
  const present = new Set(page.users.map(({ id }) => id));
  const absent = rows.filter((row) => !present.has(row.user_id) && row.created_at < page.answeredAt - GRACE);
  return { rows, absent, size: page.size };
}

/** The second round: what is still absent is asked for one by one, and deleted where Clerk says that it is gone. */
async function remove(deps: SweepDeps, state: ReconcileState): Promise<Step> {
  const sweep = state.sweep!;
  const { rows, absent, size } = await findAbsent(deps, sweep.after);
  const batch = absent.slice(0, DELETES);
  const results: Step["results"] = [];
  let deleted = sweep.deleted;
  for (const { user_id } of batch) {
    if (deleted >= allowed(deps, sweep)) return refuse(deps, state, { ...sweep, deleted }, size, results);
    const result = await settle(deps, user_id);
    if (result.outcome === "deleted") deleted++;
    results.push(result);
  }
  const allDone = batch.length === absent.length;
  const after = allDone ? rows.at(-1)?.user_id ?? sweep.after : batch.at(-1)!.user_id;
  const next = { ...sweep, deleted, after };
  const done = allDone && rows.length < PAGE;
  return { state: { ...state, sweep: done ? finish(deps, next) : next }, size, results };
}

/** The second proof: Clerk says of the user itself that there is none. A list that forgot somebody is put right. */
async function settle({ clerk, apply, deleteMode }: SweepDeps, userId: string): Promise<Step["results"][number]> {
  const { user, answeredAt } = await clerk.findUser(userId);
  if (user) return (await applyUsers(apply, [user], answeredAt))[0]!;
  const deletion: ClerkChange = {
    type: "user.deleted",
    user_id: userId,
    sent_at: answeredAt,
    event_at: answeredAt,
    delete_mode: deleteMode,
  };
  const [outcome] = await apply([deletion]);
  return { user_id: userId, ...outcome! };
}

function allowed({ maxDeletes }: SweepDeps, { total }: Sweep): number {
  return maxDeletes ?? Math.max(10, Math.floor(total * 0.05));
}

function refuse(
  deps: SweepDeps,
  state: ReconcileState,
  sweep: Sweep,
  size: number,
  results: Step["results"] = [],
): Step {
  const error = new ApiError(
    "SWEEP_REFUSED",
    `Cannot sweep: at least ${sweep.absent} of ${sweep.total} users are gone at Clerk, more than ${
      allowed(deps, sweep)
    }. ${sweep.deleted} were deleted here. Look at a dry run, then say how many may go in max_deletes`,
  );
  return { state: { ...state, sweep: { ...finish(deps, sweep), refused: true } }, size, results, error };
}

function finish({ now }: Pick<SweepDeps, "now">, sweep: Sweep): Sweep {
  return { ...sweep, finished_at: new Date(now()).toISOString() };
}
