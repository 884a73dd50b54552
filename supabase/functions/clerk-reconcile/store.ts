/**
 * Reads and writes the data of reconcile in the database.
 *
 * @module
 */
import type { DeleteMode } from "../_clerk-supabase/config.ts";
import type { ServiceClient } from "../_clerk-supabase/database/clients.ts";
import { databaseFailure } from "../_clerk-supabase/database/failure.ts";
import { ApiError, RETRY_AFTER_SECONDS } from "../_clerk-supabase/errors.ts";
import { isObject, type Json } from "../_clerk-supabase/formats/json.ts";
import type { Kind, KnownRow, ReconcileState, Step } from "./state.ts";
import type { RowSource } from "./sweep.ts";

/** The right to run a slice, with the state after the last slice. */
export interface Lease {
  id: string;
  state: ReconcileState;
  /** Time at which it was taken, in milliseconds by the database's clock. */
  takenAt: number;
}

/** The SQL functions that read a kind's rows. */
const ROW_FUNCTIONS = {
  users: { list: "list_clerk_users", count: "count_clerk_users" },
  organizations: { list: "list_clerk_organizations", count: "count_clerk_organizations" },
  memberships: { list: "list_clerk_memberships", count: "count_clerk_memberships" },
} as const;
/** The columns that identify a row of each kind. */
const ROW_IDS = {
  users: ["user_id"],
  organizations: ["organization_id"],
  memberships: ["membership_id", "organization_id", "user_id"],
} as const;

/** A user that the schema refuses. */
export interface Refusal {
  user_id: string;
  /** `user.deleted` for a row that cannot be deleted. */
  type: string;
  /** `DELETE_BLOCKED` for a row that is hidden instead. */
  code: string;
}

/** The result of `clerk_status`. `docs/operations.md` describes its parts. */
export interface Status {
  users: number;
  deleted: number;
  /** Live and permanently deleted organizations, and memberships with a row. */
  organizations: { live: number; deleted: number; memberships: number };
  /** The Clerk instance that the database mirrors; null before the first event or reconcile. */
  instance: BoundInstance | null;
  /** Objects that the schema refuses, deletions that it prevents, and the time of the oldest one. */
  refusals: { users: number; organizations: number; memberships: number; deletions: number; since: string | null };
  /** Messages that the database refuses and Svix still retries, and the time of the first one. */
  failing: { messages: number; since: string | null };
  last_message:
    | { type: string | null; received_at: string; event_at: string | null; lag_seconds: number | null }
    | null;
  last_day: Array<{ type: string; outcome: string; messages: number; median_lag_seconds: number | null }>;
  reconcile: ReconcileState & { running: boolean };
}

/** The Clerk instance that the database mirrors. */
export interface BoundInstance {
  instance_id: string;
  bound_at: string;
  /** An accepted event, a reconcile, or an operator who moved the database. */
  bound_by: "webhook" | "reconcile" | "operator";
  /** The instance before the last move. */
  moved_from: string | null;
}

/** The store. Each throws `DATABASE_UNAVAILABLE` or `DATABASE_MISCONFIGURED`. */
export interface ReconcileStore {
  /** Takes the lease, or throws `RECONCILE_RUNNING`. */
  lease: () => Promise<Lease>;
  /** Stores the state and renews the lease; throws `RECONCILE_RUNNING` if the lease was lost. */
  save: (lease: Lease) => Promise<void>;
  /** Stores the state and releases the lease. */
  release: (lease: Lease) => Promise<void>;
  rows: Record<Kind, RowSource>;
  /** Returns the next refused users after an id, ordered by id. */
  listRefusals: (after: string, size: number) => Promise<Refusal[]>;
  /** Tries again to delete rows that the schema kept, and returns the outcomes. */
  retryDeletions: (size: number) => Promise<Step["results"]>;
  /** Does the same for organizations and memberships. In mode soft, hidden organizations stay. */
  retryOrganizationDeletions: (size: number, mode: DeleteMode) => Promise<Step["results"]>;
  /** Returns the id of the instance that the database is bound to; undefined if it is unbound. */
  boundInstance: () => Promise<string | undefined>;
  /** Binds an unbound database, and returns the instance that it is bound to. */
  bindInstance: (instanceId: string, by: "reconcile" | "operator") => Promise<string>;
  /** Moves the database, and resets the state of all tasks and the lease. */
  moveInstance: (from: string, to: string) => Promise<void>;
  status: () => Promise<Status>;
}

/**
 * Lifetime of a lease. It is longer than the time between two saves: a wait of up to 20 s for Clerk's rate limit, or a
 * page of Clerk (10 s) and the call that applies it (8 s).
 */
const LEASE_SECONDS = 60;

/**
 * Creates the store.
 *
 * @param client The service role's client.
 * @returns The store.
 */
export function createReconcileStore(client: ServiceClient): ReconcileStore {
  const save = async ({ id, state }: Lease, seconds: number) => {
    const args = { lease: id, state: state as unknown as Json, seconds };
    if (await unwrap(client.rpc("save_reconcile", args)) !== true) throw running();
  };
  return {
    lease: async () => {
      const answer = await unwrap(client.rpc("lease_reconcile", { seconds: LEASE_SECONDS }));
      if (isObject(answer) && answer.lease === null) {
        throw running(Number(answer.retry_after));
      }
      if (!isLease(answer)) throw unexpected("lease_reconcile");
      return { id: answer.lease, state: answer.state, takenAt: answer.now };
    },
    save: (lease) => save(lease, LEASE_SECONDS),
    release: (lease) => save(lease, 0),
    rows: {
      users: createRowSource(client, "users"),
      organizations: createRowSource(client, "organizations"),
      memberships: createRowSource(client, "memberships"),
    },
    listRefusals: async (after, size) => {
      const refusals = await unwrap(client.rpc("list_clerk_refusals", { after, size }));
      if (!isRefusals(refusals)) throw unexpected("list_clerk_refusals");
      return refusals;
    },
    retryDeletions: async (size) => {
      const results = await unwrap(client.rpc("retry_clerk_deletions", { size }));
      if (!isResults(results)) throw unexpected("retry_clerk_deletions");
      return results;
    },
    retryOrganizationDeletions: async (size, mode) => {
      const args = { size, delete_mode: mode };
      const results = await unwrap(client.rpc("retry_clerk_organizations", args));
      if (!isResults(results)) throw unexpected("retry_clerk_organizations");
      return results;
    },
    ...createInstanceStore(client),
    status: async () => {
      const status = await unwrap(client.rpc("clerk_status"));
      if (!isObject(status) || !isObject(status.reconcile)) throw unexpected("clerk_status");
      return status as unknown as Status;
    },
  };
}

function createRowSource(client: ServiceClient, kind: Kind): RowSource {
  const { list, count } = ROW_FUNCTIONS[kind];
  return {
    listRows: async (after, size) => {
      const rows = await unwrap(client.rpc(list, { after, size }));
      if (!isRows(rows, ROW_IDS[kind])) throw unexpected(list);
      return rows;
    },
    countRows: async (knownBefore) => {
      const args = knownBefore === undefined ? {} : { known_before: new Date(knownBefore).toISOString() };
      const rows = await unwrap(client.rpc(count, args));
      if (typeof rows !== "number") throw unexpected(count);
      return rows;
    },
  };
}

function createInstanceStore(
  client: ServiceClient,
): Pick<ReconcileStore, "boundInstance" | "bindInstance" | "moveInstance"> {
  const boundInstance = async () => {
    const bound = await unwrap(client.rpc("clerk_instance"));
    if (bound === null) return undefined;
    return idOf(bound, "clerk_instance");
  };
  return {
    boundInstance,
    bindInstance: async (instanceId, by) => {
      const args = { instance_id: instanceId, bound_by: by };
      return idOf(await unwrap(client.rpc("bind_clerk_instance", args)), "bind_clerk_instance");
    },
    moveInstance: async (from, to) => {
      await unwrap(client.rpc("move_clerk_instance", { from_instance: from, to_instance: to }));
    },
  };
}

function idOf(bound: unknown, name: string): string {
  if (!isObject(bound) || typeof bound.instance_id !== "string") throw unexpected(name);
  return bound.instance_id;
}

async function unwrap(
  query: PromiseLike<{ data: unknown; error: { code?: string } | null; status: number }>,
): Promise<unknown> {
  const { data, error, status } = await query;
  if (error) throw databaseFailure({ status, error });
  return data;
}

function isLease(answer: unknown): answer is { lease: string; state: ReconcileState; now: number } {
  return isObject(answer) && typeof answer.lease === "string" &&
    isObject(answer.state) &&
    typeof answer.now === "number";
}

function isRefusals(rows: unknown): rows is Refusal[] {
  return Array.isArray(rows) &&
    rows.every((row) =>
      isObject(row) && typeof row.user_id === "string" &&
      typeof row.type === "string" && typeof row.code === "string"
    );
}

function isResults(rows: unknown): rows is Step["results"] {
  return Array.isArray(rows) &&
    rows.every((row) => isObject(row) && typeof row.outcome === "string");
}

function isRows(rows: unknown, ids: readonly string[]): rows is KnownRow[] {
  return Array.isArray(rows) &&
    rows.every((row) =>
      isObject(row) && ids.every((name) => typeof row[name] === "string") &&
      typeof row.live === "boolean" &&
      typeof row.newest_at === "number" && typeof row.known_since === "number"
    );
}

/** Most slices finish long before their lease expires, so a caller need not wait that long. */
function running(leaseSecondsLeft = Infinity): ApiError {
  const seconds = Math.min(RETRY_AFTER_SECONDS.RECONCILE_RUNNING!, leaseSecondsLeft);
  return new ApiError("RECONCILE_RUNNING", "Cannot reconcile: another call is running", {
    retryAfterSeconds: seconds,
  });
}

function unexpected(name: string): ApiError {
  return new ApiError("DATABASE_MISCONFIGURED", `Cannot use the database: ${name} returned an unexpected result`);
}
