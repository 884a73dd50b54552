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
import type { ApplyUsers } from "./apply_users.ts";
import { EXAMPLES, iso, LASTS, type ReconcileState, type Step, type Sweep, type Task } from "./state.ts";

/** A user who is not deleted here. */
export interface KnownUser {
  user_id: string;
  /** Whether it has a row; a user whose profile never came has none. */
  live: boolean;
  /** The last that is known of the user, in milliseconds by Clerk's clock. */
  newest_at: number;
}

/** What a sweep takes. */
export interface SweepDeps {
  clerk: Pick<ClerkApi, "listUsers" | "findUser">;
  apply: ApplyChanges;
  applyUsers: ApplyUsers;
  /** The next users behind an id, by id. */
  listRows: (after: string, size: number) => Promise<KnownUser[]>;
  countRows: () => Promise<number>;
  deleteMode: DeleteMode;
  /** How many may be deleted, where the caller said so. */
  maxDeletes: number | undefined;
  /** The clock, in milliseconds. */
  now: () => number;
}

/** Clerk takes up to 100 ids at once; half of that keeps the memory small, whatever the users' metadata. */
const PAGE = 50;
/** Users younger than this may be missing in a list of Clerk's for a moment; ms. */
const GRACE = 10 * 60_000;

/**
 * Makes the sweep.
 *
 * @param deps Clerk, the rows and the write path.
 * @returns The task.
 */
export function createSweep(deps: SweepDeps): Task {
  return {
    name: "sweep",
    begin: async (state) => {
      const sweep = await beginSweep(deps);
      return { ...state, sweep: state.moved ? { ...sweep, max_deletes: 0 } : sweep };
    },
    step: (state) => {
      const sweep = listen(deps, state);
      if (sweep.round === "count") return count(deps, state, sweep);
      return sweep.pending?.[0] === undefined ? choose(deps, state, sweep) : settle(deps, state, sweep, sweep.pending);
    },
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

/** An operator's word holds for whoever calls next, but not for days. */
function listen({ maxDeletes, now }: SweepDeps, { sweep, moved }: ReconcileState): Sweep {
  if (maxDeletes !== undefined) return { ...sweep!, max_deletes: maxDeletes, told_at: iso(now()) };
  const { max_deletes: _, told_at, ...rest } = sweep!;
  if (told_at === undefined || now() - Date.parse(told_at) <= LASTS) return sweep!;
  return moved ? { ...rest, max_deletes: 0 } : rest;
}

async function beginSweep({ countRows, now }: Pick<SweepDeps, "countRows" | "now">): Promise<Sweep> {
  const startedAt = iso(now());
  const total = await countRows();
  return { started_at: startedAt, users: 0, total, round: "count", after: "", absent: 0, deleted: 0, examples: [] };
}

/** The first round: how many are absent. Where that is no more than allowed, the second one follows. */
async function count(deps: SweepDeps, state: ReconcileState, before: Sweep): Promise<Step> {
  const { sweep, size, done } = await search(deps, before);
  if (sweep.absent > allowed(sweep)) return { ...refuse(deps, state, sweep, sweep.absent), size };
  if (!done) return { state: { ...state, sweep }, size, results: [] };
  if (sweep.first === undefined) return { state: end(deps, state, sweep), size, results: [] };
  // Nobody at all is left: more likely this is another Clerk.
  const nobodyLeft = sweep.absent === sweep.users && sweep.max_deletes === undefined;
  if (nobodyLeft) return { ...refuse(deps, state, sweep, sweep.absent), size };
  const second: Sweep = { ...sweep, round: "delete", after: sweep.first, total: await deps.countRows(), pending: [] };
  return { state: { ...state, sweep: second }, size, results: [] };
}

/** Looks at a page of rows. */
async function search(
  deps: Pick<SweepDeps, "clerk" | "listRows">,
  sweep: Sweep,
): Promise<{ sweep: Sweep; size: number; done: boolean }> {
  const { rows, live, absent, undecided, size } = await findAbsent(deps, sweep.after);
  return {
    sweep: {
      ...sweep,
      after: rows.at(-1)?.user_id ?? sweep.after,
      users: sweep.users + live.length,
      absent: sweep.absent + absent.length,
      undecided: (sweep.undecided ?? 0) + undecided,
      examples: [...sweep.examples, ...absent].slice(0, EXAMPLES),
      ...(sweep.first === undefined && absent.length > 0 && { first: sweep.after }),
    },
    size,
    done: rows.length < PAGE,
  };
}

/** The first proof: a list by ids leaves out the ones that Clerk does not know. */
async function findAbsent({ clerk, listRows }: Pick<SweepDeps, "clerk" | "listRows">, after: string) {
  const rows = await listRows(after, PAGE);
  const live = rows.filter((row) => row.live);
  if (live.length === 0) return { rows, live, absent: [], undecided: 0, size: 0 };
  const page = await clerk.listUsers({ limit: PAGE, user_id: live.map(({ user_id }) => user_id) });
  // Without a cursor, Clerk has none to refuse.
  if (!page) throw new TypeError("Cannot sweep: no list");
  const present = new Set(page.users.map(({ id }) => id));
  const gone = live.filter(({ user_id }) => !present.has(user_id));
  const absent = gone.filter(({ newest_at }) => newest_at < page.answeredAt - GRACE).map(({ user_id }) => user_id);
  return { rows, live, absent, undecided: gone.length - absent.length, size: page.size };
}

/**
 * The second round, by turns. Whoever is absent on the next page is chosen, before anybody is deleted, so that a slice
 * which is cut off anywhere has not deleted more than was counted.
 */
async function choose(deps: SweepDeps, state: ReconcileState, sweep: Sweep): Promise<Step> {
  const { rows, absent, size } = await findAbsent(deps, sweep.after);
  const gone = sweep.deleted + absent.length;
  if (gone > allowed(sweep)) return { ...refuse(deps, state, sweep, gone), size };
  const next: Sweep = { ...sweep, pending: absent, after: rows.at(-1)?.user_id ?? sweep.after };
  const done = absent.length === 0 && rows.length < PAGE;
  return { state: done ? end(deps, state, next) : { ...state, sweep: next }, size, results: [] };
}

/** One of the chosen is asked for by itself, and deleted where Clerk says that it is gone. */
async function settle(
  deps: SweepDeps,
  state: ReconcileState,
  sweep: Sweep,
  [userId = "", ...pending]: readonly string[],
): Promise<Step> {
  const { result, gone } = await prove(deps, userId);
  const next: Sweep = { ...sweep, pending, deleted: sweep.deleted + (gone ? 1 : 0) };
  return { state: { ...state, sweep: next }, size: 0, results: [result] };
}

/** The second proof: Clerk says of the user itself that there is none. A list that forgot somebody is put right. */
async function prove(
  { clerk, apply, applyUsers, deleteMode }: SweepDeps,
  userId: string,
): Promise<{ result: Step["results"][number]; gone: boolean }> {
  const { user, answeredAt } = await clerk.findUser(userId);
  if (user) return { result: (await applyUsers([user], answeredAt))[0]!, gone: false };
  const deletion: ClerkChange = {
    type: "user.deleted",
    user_id: userId,
    sent_at: answeredAt,
    event_at: answeredAt,
    delete_mode: deleteMode,
  };
  const [outcome] = await apply([deletion]);
  return { result: { user_id: userId, ...outcome! }, gone: true };
}

/** The second round may come days after the first: it does not go far beyond what was counted. */
function allowed({ max_deletes, total, round, absent }: Sweep): number {
  const share = Math.floor(total * 0.05);
  return max_deletes ?? Math.max(10, round === "count" ? share : Math.min(share, 2 * absent));
}

function refuse(deps: SweepDeps, state: ReconcileState, sweep: Sweep, gone: number): Step {
  const error = new ApiError(
    "SWEEP_REFUSED",
    `Cannot sweep: at least ${gone} of ${sweep.total} users are gone at Clerk, ` +
      (sweep.absent > allowed(sweep) || sweep.round === "delete"
        ? `and ${allowed(sweep)} may go`
        : "and all of them at once is too much") +
      `. ${sweep.deleted} were deleted. Look at a dry run, then say how many may go (max_deletes, or --max-deletes)`,
  );
  return { state: { ...state, sweep: { ...finish(deps, sweep), refused: true } }, size: 0, results: [], error };
}

/** The whole table has been looked at. */
function end(deps: SweepDeps, { moved: _, ...state }: ReconcileState, sweep: Sweep): ReconcileState {
  return { ...state, sweep: finish(deps, sweep) };
}

function finish({ now }: Pick<SweepDeps, "now">, sweep: Sweep): Sweep {
  return { ...sweep, finished_at: iso(now()) };
}
