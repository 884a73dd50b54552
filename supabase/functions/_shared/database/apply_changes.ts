/**
 * The one write path, from this side.
 *
 * @module
 */
import type { ClerkChange } from "../clerk/change.ts";
import { isObject } from "../json.ts";
import { ApiError } from "../errors.ts";
import type { DatabaseClient } from "./clients.ts";
import { databaseFailure } from "./failure.ts";
import type { Json } from "./types.ts";

/** What became of a change. */
export type Outcome = { outcome: Applied } | { outcome: "refused"; code: string };

/** The outcomes of a change that was not refused. */
const APPLIED = ["created", "updated", "deleted", "unchanged", "stale", "duplicate"] as const;
type Applied = typeof APPLIED[number];

/** Applies changes in one transaction and tells what became of each, in order. */
export type ApplyChanges = (changes: readonly ClerkChange[]) => Promise<Outcome[]>;

/**
 * Makes the write path.
 *
 * @param client The service role's client.
 * @returns A function that calls `apply_clerk_changes`; at most 500 changes a call. It throws
 * `DATABASE_UNAVAILABLE` or `DATABASE_MISCONFIGURED`; then nothing is certain to be applied, and calling again
 * with the same changes does no harm.
 */
export function createApplyChanges(client: DatabaseClient): ApplyChanges {
  return async (changes) => {
    const { data, error, status } = await client.rpc("apply_clerk_changes", { changes: changes as unknown as Json });
    if (error) throw databaseFailure({ status, error });
    if (!isOutcomes(data) || data.length !== changes.length) {
      throw new ApiError("DATABASE_MISCONFIGURED", "Cannot use the database: apply_clerk_changes answered otherwise");
    }
    return data;
  };
}

function isOutcomes(data: unknown): data is Outcome[] {
  return Array.isArray(data) && data.every(isOutcome);
}

/** Anything else is no answer of our function, and nothing to acknowledge a webhook on. */
function isOutcome(item: unknown): boolean {
  if (!isObject(item)) return false;
  return APPLIED.some((outcome) => outcome === item.outcome) ||
    item.outcome === "refused" && typeof item.code === "string";
}
