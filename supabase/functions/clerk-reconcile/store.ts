/**
 * What reconcile keeps in the database, and reads there.
 *
 * @module
 */
import type { ServiceClient } from "../_shared/database/clients.ts";
import { databaseFailure } from "../_shared/database/failure.ts";
import type { Json } from "../_shared/database/types.ts";
import { ApiError } from "../_shared/errors.ts";
import { isObject } from "../_shared/json.ts";
import type { ReconcileState } from "./state.ts";
import type { KnownUser } from "./sweep.ts";

/** The right to work, and where the last slice stopped. */
export interface Lease {
  id: string;
  state: ReconcileState;
}

/** What `clerk_status` tells; the README of operations describes its parts. */
export interface Status {
  users: number;
  deleted: number;
  /** The Clerk instance that the database is bound to. */
  instance: { instance_id: string; bound_at: string; bound_by: string; moved_from: string | null } | null;
  /** Users whom the schema refuses, deleted users whose row it keeps, and since when the first of them waits. */
  refusals: { users: number; deletions: number; since: string | null };
  last_message:
    | { type: string | null; received_at: string; event_at: string | null; lag_seconds: number | null }
    | null;
  last_day: Array<{ type: string; outcome: string; messages: number; median_lag_seconds: number | null }>;
  reconcile: ReconcileState & { running: boolean };
}

/** The store. Each throws `DATABASE_UNAVAILABLE` or `DATABASE_MISCONFIGURED`. */
export interface ReconcileStore {
  /** Takes the lease, or throws `RECONCILE_RUNNING`. */
  lease: () => Promise<Lease>;
  /** Stores the state and renews the lease; throws `RECONCILE_RUNNING` where it was lost. */
  save: (lease: Lease) => Promise<void>;
  /** Stores the state and gives the lease back. */
  release: (lease: Lease) => Promise<void>;
  listRows: (after: string, size: number) => Promise<KnownUser[]>;
  countRows: () => Promise<number>;
  status: () => Promise<Status>;
}

/**
 * Seconds that a lease lives. Longer than anything between two saves: a wait for Clerk's rate limit of up to 20 s, or a
 * page of Clerk's (10 s) and the call that applies it (8 s).
 */
const LEASE = 60;

/** Seconds after which to ask again: most slices are done long before their lease ends. */
const SOON = 10;

/**
 * Makes the store.
 *
 * @param client The service role's client.
 * @returns The store.
 */
export function createReconcileStore(client: ServiceClient): ReconcileStore {
  const save = async ({ id, state }: Lease, seconds: number) => {
    const args = { lease: id, state: state as unknown as Json, seconds };
    if (await unwrap(client.rpc("save_reconcile", args)) !== true) throw running(SOON);
  };
  return {
    lease: async () => {
      const answer = await unwrap(client.rpc("lease_reconcile", { seconds: LEASE }));
      if (isObject(answer) && answer.lease === null) throw running(Math.min(SOON, Number(answer.retry_after)));
      if (!isLease(answer)) throw unexpected("lease_reconcile");
      return { id: answer.lease, state: answer.state };
    },
    save: (lease) => save(lease, LEASE),
    release: (lease) => save(lease, 0),
    listRows: async (after, size) => {
      const rows = await unwrap(client.rpc("list_clerk_users", { after, size }));
      if (!isRows(rows)) throw unexpected("list_clerk_users");
      return rows;
    },
    countRows: async () => {
      const count = await unwrap(client.rpc("count_clerk_users"));
      if (typeof count !== "number") throw unexpected("count_clerk_users");
      return count;
    },
    status: async () => {
      const status = await unwrap(client.rpc("clerk_status"));
      if (!isObject(status) || !isObject(status.reconcile)) throw unexpected("clerk_status");
      return status as unknown as Status;
    },
  };
}

async function unwrap(
  query: PromiseLike<{ data: unknown; error: { code?: string } | null; status: number }>,
): Promise<unknown> {
  const { data, error, status } = await query;
  if (error) throw databaseFailure({ status, error });
  return data;
}

function isLease(answer: unknown): answer is { lease: string; state: ReconcileState } {
  return isObject(answer) && typeof answer.lease === "string" && isObject(answer.state);
}

function isRows(rows: unknown): rows is KnownUser[] {
  return Array.isArray(rows) &&
    rows.every((row) =>
      isObject(row) && typeof row.user_id === "string" && typeof row.live === "boolean" &&
      typeof row.newest_at === "number"
    );
}

function running(seconds: number): ApiError {
  return new ApiError("RECONCILE_RUNNING", "Cannot reconcile: another call is at work", {
    headers: { "retry-after": String(seconds) },
  });
}

function unexpected(name: string): ApiError {
  return new ApiError("DATABASE_MISCONFIGURED", `Cannot use the database: ${name} answered otherwise`);
}
