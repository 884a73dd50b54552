/**
 * Clerk's users in memory, behind the interface of the Backend API, and a table that they are applied to.
 *
 * @module
 */
import type { ClerkApi, UserObject } from "../../../supabase/functions/_clerk-supabase/clerk/api.ts";
import type { ClerkChange } from "../../../supabase/functions/_clerk-supabase/database/change.ts";
import { changeFromUser } from "../../../supabase/functions/_clerk-supabase/clerk/change.ts";
import type { MapOwnColumns } from "../../../supabase/functions/_clerk-supabase/clerk/own_columns.ts";
import type { ItemMapping } from "../../../supabase/functions/clerk-reconcile/apply_items.ts";
import type { ApplyChanges, Outcome } from "../../../supabase/functions/_clerk-supabase/database/apply_changes.ts";

/** A Clerk with users. Tests change `users` directly. */
export interface FakeClerk extends ClerkApi {
  users: Map<string, UserObject>;
  /** Ids that lists omit although the users exist. */
  forgotten: Set<string>;
  /** The requests, one line each. */
  asked: string[];
  /** Clerk's clock. */
  time: number;
}

/** Creates a Clerk with `count` users, created and updated a second apart. */
export function createFakeClerk(count: number, time: number): FakeClerk {
  const users = new Map<string, UserObject>();
  for (let index = 0; index < count; index++) {
    const at = time - (count - index) * 1000;
    const id = `user_${String(index).padStart(6, "0")}`;
    users.set(id, { id, created_at: at, updated_at: at });
  }
  const clerk: FakeClerk = {
    users,
    forgotten: new Set(),
    asked: [],
    time,
    findUser: (id) => {
      clerk.asked.push(`find ${id}`);
      return Promise.resolve({ user: users.get(id), answeredAt: clerk.time });
    },
    countUsers: () => Promise.resolve(users.size),
    fetchJwks: () => Promise.resolve({}),
    listUsers: ({ limit, offset = 0, order_by, starting_after, user_id }) => {
      clerk.asked.push(`list ${user_id ? `${user_id.length} ids` : starting_after ?? offset}`);
      if (starting_after !== undefined && !users.has(starting_after)) return Promise.resolve(undefined);
      const key = order_by === "-updated_at" ? "updated_at" : "created_at";
      const sorted = [...users.values()].sort((a, b) => Number(a[key]) - Number(b[key]));
      if (order_by === "-updated_at") sorted.reverse();
      const chosen = user_id ? sorted.filter(({ id }) => user_id.includes(id) && !clerk.forgotten.has(id)) : sorted;
      const start = starting_after === undefined ? offset : sorted.findIndex(({ id }) => id === starting_after) + 1;
      return Promise.resolve({ users: chosen.slice(start, start + limit), answeredAt: clerk.time, size: 1_000, limit });
    },
  };
  return clerk;
}

/** Limits pages to 50 users, as if larger pages cost too much. Returns the requested limits. */
export function makeCostly(clerk: FakeClerk): number[] {
  const { listUsers } = clerk;
  const limits: number[] = [];
  clerk.listUsers = (query) => {
    limits.push(query.limit);
    return listUsers({ ...query, limit: Math.min(query.limit, 50) });
  };
  return limits;
}

/** Returns the mapping of users to changes. */
export function usersMapping(mapOwn?: MapOwnColumns): ItemMapping {
  return { changeOf: (user, at) => changeFromUser(user, at, mapOwn), idOf: (id) => ({ user_id: id }) };
}

/** A table of versions by user id. An undefined version is a tombstone. */
export interface FakeTable {
  rows: Map<string, { version: number; created_at: number }>;
  tombstones: Set<string>;
  apply: ApplyChanges;
  /** The sizes of the calls. */
  calls: number[];
}

/** Creates an empty table with the outcomes of the real one. */
export function createFakeTable(): FakeTable {
  const table: FakeTable = {
    rows: new Map(),
    tombstones: new Set(),
    calls: [],
    apply: (changes) => {
      table.calls.push(changes.length);
      return Promise.resolve(changes.map((change) => applyOne(table, change)));
    },
  };
  return table;
}

function applyOne({ rows, tombstones }: FakeTable, change: ClerkChange): Outcome {
  const id = change.user_id!;
  if (change.type === "user.deleted") {
    tombstones.add(id);
    return { outcome: rows.delete(id) ? "deleted" : "unchanged" };
  }
  if (tombstones.has(id)) return { outcome: "stale", deleted: true };
  const known = rows.get(id);
  const version = Number(change.updated_at ?? 0);
  if (known && known.version >= version) return { outcome: "stale" };
  rows.set(id, { version, created_at: Number(change.created_at) });
  return { outcome: known ? "updated" : "created" };
}
