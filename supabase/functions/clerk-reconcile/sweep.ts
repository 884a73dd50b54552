/**
 * Users who are gone at Clerk and still have a row: deletions whose webhooks were missed. Nothing else in the bundle
 * deletes without a signed message, so each one is proved twice, and too many at once are refused.
 *
 * @module
 */
import type { ClerkApi } from "../_clerk-supabase/clerk/api.ts";
import type { ClerkChange } from "../_clerk-supabase/database/change.ts";
import type { DeleteMode } from "../_clerk-supabase/config.ts";
import type { ApplyChanges } from "../_clerk-supabase/database/apply_changes.ts";
import { ApiError } from "../_clerk-supabase/errors.ts";
import type { ApplyUsers } from "./apply_users.ts";
import { EXAMPLES, iso, LASTS, type ReconcileState, type Step, type Sweep, type Task } from "./state.ts";

/** A user who is not deleted here. */
export interface KnownUser {
  user_id: string;
  /** Whether it has a row; a user whose profile never came has none. */
  live: boolean;
  /** The last that is known of the user, in milliseconds by Clerk's clock. */
  newest_at: number;
  /** When the database first knew the user, in milliseconds by its own clock. */
  known_since: number;
}

/** What a sweep takes. */
export interface SweepDeps {
  clerk: Pick<ClerkApi, "listUsers" | "findUser">;
  apply: ApplyChanges;
  applyUsers: ApplyUsers;
  /** The next users behind an id, by id. */
  listRows: (after: string, size: number) => Promise<KnownUser[]>;
  /** Counts live rows: all, or those that the database knew before a time, in milliseconds by its own clock. */
  countRows: (knownBefore?: number) => Promise<number>;
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
    begin: async (state) => ({ ...state, sweep: await beginSweep(deps, countedUsers(state)) }),
    step: (state) => {
      const sweep = withOperatorLimit(deps, { ...state.sweep!, ...countedUsers(state) });
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

/** An operator's limit applies to later calls until it expires. */
function withOperatorLimit({ maxDeletes, now }: SweepDeps, sweep: Sweep): Sweep {
  if (maxDeletes !== undefined) {
    return { ...sweep, max_deletes: maxDeletes, told_at: iso(now()) };
  }
  const { max_deletes: _, told_at, ...rest } = sweep;
  return told_at === undefined || now() - Date.parse(told_at) <= LASTS ? sweep : rest;
}

/**
 * Until a sweep has shown whose users these are, those whom the first backfill brought in do not count: they exist at
 * Clerk, whatever the keys, and would only raise the limit.
 */
function countedUsers({ is_proved, imported_at }: ReconcileState): Pick<Sweep, "known_before"> {
  return is_proved || imported_at === undefined ? {} : { known_before: imported_at };
}

async function beginSweep(
  { countRows, now }: Pick<SweepDeps, "countRows" | "now">,
  limited: Pick<Sweep, "known_before"> = {},
): Promise<Sweep> {
  return {
    started_at: iso(now()),
    users: 0,
    ...await countTotals(countRows, limited),
    round: "count",
    after: "",
    absent: 0,
    deleted: 0,
    examples: [],
    ...limited,
  };
}

async function countTotals(
  countRows: SweepDeps["countRows"],
  { known_before: knownBefore }: Pick<Sweep, "known_before">,
): Promise<Pick<Sweep, "total" | "counted">> {
  const total = await countRows();
  return knownBefore === undefined ? { total } : { total, counted: await countRows(knownBefore) };
}

/**
 * The first round: how many are absent. If that is no more than allowed, the second one follows. A sweep with nobody to
 * delete ends well, whether or not it has proved anything.
 */
async function count(deps: SweepDeps, state: ReconcileState, before: Sweep): Promise<Step> {
  const { sweep, size, done } = await search(deps, before);
  if (sweep.absent > allowed(sweep)) return { ...refuse(deps, state, sweep, sweep.absent), size };
  if (!done) return { state: { ...state, sweep }, size, results: [] };
  if (sweep.first === undefined) {
    return { state: end(deps, state, sweep), size, results: [] };
  }
  const isTrusted = sweep.max_deletes !== undefined ||
    (state.is_proved ? sweep.absent < sweep.users : isProof(sweep));
  if (!isTrusted) return { ...refuse(deps, state, sweep, sweep.absent), size };
  const totals = await countTotals(deps.countRows, sweep);
  const second: Sweep = { ...sweep, ...totals, round: "delete", after: sweep.first, pending: [] };
  return { state: { ...state, sweep: second }, size, results: [] };
}

/**
 * Whether the rows are users of this Clerk: most of those who count exist there. If nobody counts, because the database was
 * empty before the first backfill, somebody has to exist.
 */
function isProof({ users, absent, undecided = 0, old = 0, old_present: present = 0 }: Sweep): boolean {
  return old > 0 ? present * 2 > old : users > absent + undecided;
}

/** Looks at a page of rows. */
async function search(
  deps: Pick<SweepDeps, "clerk" | "listRows">,
  sweep: Sweep,
): Promise<{ sweep: Sweep; size: number; done: boolean }> {
  const { rows, live, gone, absent, undecided, size } = await findAbsent(deps, sweep.after);
  const countOld = (users: KnownUser[]) =>
    users.filter(({ known_since }) => known_since < (sweep.known_before ?? Infinity)).length;
  return {
    sweep: {
      ...sweep,
      old: (sweep.old ?? 0) + countOld(live),
      old_present: (sweep.old_present ?? 0) + countOld(live) - countOld(gone),
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
  if (live.length === 0) {
    return { rows, live, gone: [], absent: [], undecided: 0, size: 0 };
  }
  const page = await clerk.listUsers({ limit: PAGE, user_id: live.map(({ user_id }) => user_id) });
  // Without a cursor, Clerk has none to refuse.
  if (!page) throw new TypeError("Cannot sweep: no list");
  const present = new Set(page.users.map(({ id }) => id));
  const gone = live.filter(({ user_id }) => !present.has(user_id));
  const absent = gone.filter(({ newest_at }) => newest_at < page.answeredAt - GRACE).map(({ user_id }) => user_id);
  return { rows, live, gone, absent, undecided: gone.length - absent.length, size: page.size };
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
function allowed({ max_deletes, total, counted = total, round, absent }: Sweep): number {
  const share = Math.floor(counted * 0.05);
  return max_deletes ?? Math.max(10, round === "count" ? share : Math.min(share, 2 * absent));
}

function refuse(deps: SweepDeps, state: ReconcileState, sweep: Sweep, gone: number): Step {
  const error = new ApiError(
    "SWEEP_REFUSED",
    `Cannot sweep: ${
      describeExcess(state, sweep, gone)
    }. ${sweep.deleted} were deleted. Check that the keys are of the ` +
      "right Clerk instance and look at a dry run, then say how many may go (max_deletes, or --max-deletes)",
  );
  return { state: { ...state, sweep: { ...finish(deps, sweep), refused: true } }, size: 0, results: [], error };
}

function describeExcess(state: ReconcileState, sweep: Sweep, gone: number): string {
  const { total, old = 0, old_present: present = 0 } = sweep;
  if (sweep.round === "delete" || sweep.absent > allowed(sweep)) {
    return `at least ${gone} of ${total} users are gone at Clerk, and ${allowed(sweep)} may go`;
  }
  if (state.is_proved || old === 0) {
    return `all ${gone} users are gone at Clerk, and all of them at once is too much`;
  }
  return `${present} of ${old} users from before the first backfill exist at Clerk, and the first deletion needs most of ` +
    "them to exist";
}

/** The whole table has been looked at. */
function end(deps: SweepDeps, state: ReconcileState, sweep: Sweep): ReconcileState {
  const isProved = state.is_proved || sweep.max_deletes !== undefined ||
    isProof(sweep);
  return { ...state, ...(isProved && { is_proved: true }), sweep: finish(deps, sweep) };
}

function finish({ now }: Pick<SweepDeps, "now">, sweep: Sweep): Sweep {
  return { ...sweep, finished_at: iso(now()) };
}
