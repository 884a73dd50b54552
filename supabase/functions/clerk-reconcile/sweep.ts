/**
 * Deletes rows whose object is gone at Clerk, to repair missed webhooks. Nothing else in the bundle deletes without a
 * signed message, so each deletion is proved twice, and too many at once are refused.
 *
 * @module
 */
import { ApiError } from "../_clerk-supabase/errors.ts";
import {
  IDLE_EXPIRY_MS,
  iso,
  type Kind,
  type KnownRow,
  MAX_EXAMPLES,
  type Proof,
  type ReconcileState,
  type Step,
  type Sweep,
  type SweepName,
  type Task,
  TASK_NAMES,
} from "./state.ts";

/** The rows of a kind. */
export interface RowSource {
  /** Returns the next rows after a cursor, in its order. */
  listRows: (after: string, size: number) => Promise<KnownRow[]>;
  /**
   * Counts live rows. `knownBefore` limits them to rows known before that time, in milliseconds by the database's
   * clock.
   */
  countRows: (knownBefore?: number) => Promise<number>;
}

/** A sweep's access to the objects and rows of a kind. */
export interface SweptKind extends RowSource {
  kind: Kind;
  /** Rows to read at once. */
  size: number;
  /** Rows to look up at Clerk in one step. */
  lookups: number;
  idOf: (row: KnownRow) => string;
  cursorOf: (row: KnownRow) => string;
  /** The first proof: looks several rows up in Clerk's lists. */
  lookUp: (rows: readonly KnownRow[]) => Promise<Presence>;
  /** The second proof: looks up one object. Deletes the row if the object is gone, otherwise stores Clerk's version. */
  settle: (row: KnownRow) => Promise<{ results: Step["results"]; isGone: boolean }>;
}

/** The result of looking rows up in Clerk's lists. */
export interface Presence {
  /** The ids that Clerk lists. */
  present: ReadonlySet<string>;
  /** The ids about which the lists prove nothing. */
  unproved?: ReadonlySet<string>;
  answeredAt: number;
  size: number;
}

/** Dependencies of a sweep. */
export interface SweepDeps {
  kind: SweptKind;
  /** The caller's limit of deletions. */
  maxDeletes: number | undefined;
  /** The clock, in milliseconds. */
  now: () => number;
}

/** A younger object may be missing from Clerk's lists for a moment. */
const GRACE_MS = 10 * 60_000;

/**
 * Creates the sweep.
 *
 * @param deps The kind, its limit and the clock.
 * @returns The task.
 */
export function createSweep(deps: SweepDeps): Task {
  const name = TASK_NAMES[deps.kind.kind].sweep;
  return {
    name,
    begin: async (state) => ({
      ...state,
      [name]: await beginSweep(deps, counted(deps, state), lastBackfill(deps, state)),
    }),
    step: (state) => {
      const sweep = withOperatorLimit(deps, { ...state[name]!, ...counted(deps, state) });
      if (sweep.round === "count") return count(deps, state, sweep);
      return sweep.pending?.[0] === undefined ? choose(deps, state, sweep) : settle(deps, state, sweep, sweep.pending);
    },
  };
}

/**
 * Creates the comparison of rows with Clerk, which finds the same rows as a sweep and deletes none.
 *
 * @param deps The kind and the clock.
 * @returns The task.
 */
export function createCompareRows(deps: Pick<SweepDeps, "kind" | "now">): Task {
  const name = TASK_NAMES[deps.kind.kind].compareRows;
  return {
    name,
    begin: async (state) => {
      const { is_disabled: isDisabled = false } = state[TASK_NAMES[deps.kind.kind].compare] ?? {};
      return { ...state, [name]: await beginSweep(deps, {}, { isDisabled }) };
    },
    step: async (state) => {
      const { sweep, size, done } = await search(deps, state[name]!);
      return { state: { ...state, [name]: done ? finish(deps, sweep) : sweep }, size, results: [] };
    },
  };
}

/** Returns the findings of the last backfill that matter to a sweep. There are none for users. */
function lastBackfill(
  { kind: { kind } }: SweepDeps,
  state: ReconcileState,
): { isDisabled: boolean; seenSince?: number } {
  if (kind === "users") return { isDisabled: false };
  const { is_disabled: isDisabled = false, since, finished_at } = state[TASK_NAMES[kind].backfill] ?? {};
  return {
    isDisabled,
    ...(finished_at !== undefined && since !== undefined &&
      { seenSince: since }),
  };
}

/** An operator's limit applies to later calls until it expires. */
function withOperatorLimit({ maxDeletes, now }: SweepDeps, sweep: Sweep): Sweep {
  if (maxDeletes !== undefined) return { ...sweep, max_deletes: maxDeletes, told_at: iso(now()) };
  const { max_deletes: _, told_at, ...rest } = sweep;
  return told_at === undefined || now() - Date.parse(told_at) <= IDLE_EXPIRY_MS ? sweep : rest;
}

function proofOf({ kind: { kind } }: Pick<SweepDeps, "kind">, state: ReconcileState): Proof {
  return state.proofs?.[kind] ?? {};
}

/**
 * Rows that the first backfill imported do not count for the limits until a sweep has proved the instance of the rows.
 * They exist at Clerk even with wrong keys, and would only raise the limit.
 */
function counted(deps: SweepDeps, state: ReconcileState): Pick<Sweep, "known_before"> {
  const { is_proved, imported_at } = proofOf(deps, state);
  return is_proved || imported_at === undefined ? {} : { known_before: imported_at };
}

/**
 * In an instance without organizations, nothing can be proved about existing rows, so the sweep is already finished.
 */
async function beginSweep(
  { kind, now }: Pick<SweepDeps, "kind" | "now">,
  limited: Pick<Sweep, "known_before">,
  { isDisabled, seenSince }: { isDisabled: boolean; seenSince?: number },
): Promise<Sweep> {
  return {
    started_at: iso(now()),
    items: 0,
    ...(isDisabled ? { total: 0, finished_at: iso(now()) } : await countTotals(kind, limited)),
    round: "count",
    after: "",
    absent: 0,
    deleted: 0,
    examples: [],
    ...limited,
    ...(seenSince !== undefined && { seen_since: seenSince }),
  };
}

async function countTotals(
  { countRows }: RowSource,
  { known_before: knownBefore }: Pick<Sweep, "known_before">,
): Promise<Pick<Sweep, "total" | "counted">> {
  const total = await countRows();
  return knownBefore === undefined ? { total } : { total, counted: await countRows(knownBefore) };
}

/**
 * The first round counts absent rows. The second round follows if the number is allowed. A sweep with nothing to delete
 * succeeds, even if it has not proved anything.
 */
async function count(deps: SweepDeps, state: ReconcileState, before: Sweep): Promise<Step> {
  const { sweep, size, done } = await search(deps, before);
  if (sweep.absent > allowed(sweep)) return { ...refuse(deps, state, sweep, sweep.absent), size };
  if (!done) return { state: store(deps, state, sweep), size, results: [] };
  if (sweep.first === undefined) return { state: end(deps, state, sweep), size, results: [] };
  const isTrusted = sweep.max_deletes !== undefined ||
    (proofOf(deps, state).is_proved ? sweep.absent < sweep.items : isProof(sweep));
  if (!isTrusted) return { ...refuse(deps, state, sweep, sweep.absent), size };
  const totals = await countTotals(deps.kind, sweep);
  const second: Sweep = { ...sweep, ...totals, round: "delete", after: sweep.first, pending: [] };
  return { state: store(deps, state, second), size, results: [] };
}

/**
 * Returns whether the rows belong to this Clerk instance: most of those that count must exist there. If none counts,
 * because the database was empty before the first backfill, one must exist.
 */
function isProof({ items, absent, undecided = 0, old = 0, old_present: present = 0 }: Sweep): boolean {
  return old > 0 ? present * 2 > old : items > absent + undecided;
}

/** Checks a page of rows. */
async function search(
  { kind }: Pick<SweepDeps, "kind">,
  sweep: Sweep,
): Promise<{ sweep: Sweep; size: number; done: boolean }> {
  const { after, live, gone, absent, undecided, size, done } = await findAbsent(kind, sweep);
  const countOld = (rows: KnownRow[]) =>
    rows.filter(({ known_since }) => known_since < (sweep.known_before ?? Infinity)).length;
  return {
    sweep: {
      ...sweep,
      old: (sweep.old ?? 0) + countOld(live),
      old_present: (sweep.old_present ?? 0) + countOld(live) - countOld(gone),
      after,
      items: sweep.items + live.length,
      absent: sweep.absent + absent.length,
      undecided: (sweep.undecided ?? 0) + undecided,
      examples: [...sweep.examples, ...absent.map(kind.idOf)].slice(0, MAX_EXAMPLES),
      ...(sweep.first === undefined && absent.length > 0 && { first: sweep.after }),
    },
    size,
    done,
  };
}

/**
 * The first proof for the next rows: a list by ids leaves out objects that Clerk does not have. Rows that the last
 * backfill saw are not looked up.
 */
async function findAbsent(kind: SweptKind, { after, seen_since: seenSince = Infinity }: Sweep) {
  const rows = await kind.listRows(after, kind.size);
  const isAsked = (row: KnownRow) => row.live && row.newest_at < seenSince;
  const taken = upTo(rows, isAsked, kind.lookups);
  const live = taken.filter((row) => row.live);
  const asked = taken.filter(isAsked);
  const last = taken.at(-1);
  const next = {
    live,
    after: last ? kind.cursorOf(last) : after,
    done: taken.length === rows.length && rows.length < kind.size,
  };
  if (asked.length === 0) return { ...next, gone: [], absent: [], undecided: 0, size: 0 };
  const { present, unproved = new Set<string>(), answeredAt, size } = await kind.lookUp(asked);
  const gone = asked.filter((row) => !present.has(kind.idOf(row)));
  const absent = gone.filter((row) => !unproved.has(kind.idOf(row)) && row.newest_at < answeredAt - GRACE_MS);
  return { ...next, gone, absent, undecided: gone.length - absent.length, size };
}

/** Returns the first rows, with at most `most` that have to be looked up. */
function upTo(rows: readonly KnownRow[], isAsked: (row: KnownRow) => boolean, most: number): KnownRow[] {
  let asked = 0;
  return rows.filter((row) => asked <= most && (!isAsked(row) || ++asked <= most));
}

/**
 * The second round alternates between choosing the absent rows of the next page and deleting them. Because the choice
 * is stored first, an interrupted slice never deletes more than was counted.
 */
async function choose(deps: SweepDeps, state: ReconcileState, sweep: Sweep): Promise<Step> {
  const { absent, after, size, done } = await findAbsent(deps.kind, sweep);
  const gone = sweep.deleted + absent.length;
  if (gone > allowed(sweep)) return { ...refuse(deps, state, sweep, gone), size };
  const next: Sweep = { ...sweep, pending: absent, after };
  return { state: absent.length === 0 && done ? end(deps, state, next) : store(deps, state, next), size, results: [] };
}

/** Looks up one of the chosen rows. If the object exists after all, its row is updated instead. */
async function settle(
  deps: SweepDeps,
  state: ReconcileState,
  sweep: Sweep,
  [row, ...pending]: readonly KnownRow[],
): Promise<Step> {
  const { results, isGone } = await deps.kind.settle(row!);
  const next: Sweep = { ...sweep, pending, deleted: sweep.deleted + (isGone ? 1 : 0) };
  return { state: store(deps, state, next), size: 0, results };
}

/** Because the second round may run days after the first, its limit is also twice the number that was counted. */
function allowed({ max_deletes, total, counted = total, round, absent }: Sweep): number {
  const share = Math.floor(counted * 0.05);
  return max_deletes ?? Math.max(10, round === "count" ? share : Math.min(share, 2 * absent));
}

function refuse(deps: SweepDeps, state: ReconcileState, sweep: Sweep, gone: number): Step {
  const { kind } = deps.kind;
  const limit = kind === "users"
    ? "max_deletes, or --max-deletes"
    : `max_deletes with kind, or --kind ${kind} --max-deletes`;
  const error = new ApiError(
    "SWEEP_REFUSED",
    `Cannot sweep: ${
      describeExcess(deps, state, sweep, gone)
    }. ${sweep.deleted} were deleted. Check that the keys belong to ` +
      `the right Clerk instance and read a dry run, then set how many may be deleted (${limit})`,
  );
  return { state: store(deps, state, { ...finish(deps, sweep), refused: true }), size: 0, results: [], error };
}

function describeExcess(deps: SweepDeps, state: ReconcileState, sweep: Sweep, gone: number): string {
  const { kind } = deps.kind;
  const { total, old = 0, old_present: present = 0 } = sweep;
  if (sweep.round === "delete" || sweep.absent > allowed(sweep)) {
    return `at least ${gone} of ${total} ${kind} are gone at Clerk, and ${allowed(sweep)} may be deleted`;
  }
  if (proofOf(deps, state).is_proved || old === 0) {
    return `all ${gone} ${kind} are gone at Clerk, and a sweep does not delete all of them at once`;
  }
  return `only ${present} of ${old} ${kind} from before the first backfill exist at Clerk, and the first deletion ` +
    "requires most of them to exist";
}

/** Finishes the sweep after the whole table was checked. */
function end(deps: SweepDeps, state: ReconcileState, sweep: Sweep): ReconcileState {
  const proof = proofOf(deps, state);
  const isProved = proof.is_proved || sweep.max_deletes !== undefined ||
    isProof(sweep);
  const proofs = { ...state.proofs, [deps.kind.kind]: { ...proof, is_proved: true as const } };
  return store(deps, { ...state, ...(isProved && { proofs }) }, finish(deps, sweep));
}

function finish({ now }: Pick<SweepDeps, "now">, sweep: Sweep): Sweep {
  return { ...sweep, finished_at: iso(now()) };
}

function store({ kind: { kind } }: SweepDeps, state: ReconcileState, sweep: Sweep): ReconcileState {
  return { ...state, [TASK_NAMES[kind].sweep satisfies SweepName]: sweep };
}
