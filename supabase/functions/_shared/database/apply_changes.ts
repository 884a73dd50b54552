/**
 * The one write path, from this side.
 *
 * @module
 */
import type { ClerkChange } from "../clerk/change.ts";
import { isObject } from "../json.ts";
import { ApiError } from "../errors.ts";
import type { ServiceClient } from "./clients.ts";
import { databaseFailure } from "./failure.ts";

/** What became of a change. */
export type Outcome = Done | Refused;

/** A change that was refused. */
export interface Refused {
  outcome: "refused";
  code: string;
  /** What the refusal is about: names only, never a value. */
  detail?: { column?: string };
}

/** A change that was not refused. */
interface Done {
  outcome: Applied;
  /** In a dry run: stale because the user is deleted. */
  deleted?: true;
}

/** The outcomes of a change that was not refused; `kept` is for an event that is only kept. */
export const APPLIED = ["created", "updated", "deleted", "unchanged", "stale", "kept", "duplicate"] as const;
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
export function createApplyChanges(client: ServiceClient): ApplyChanges {
  return callWith(client, "apply_clerk_changes");
}

/**
 * Makes a dry run of the write path.
 *
 * @param client The service role's client.
 * @returns A function like {@linkcode createApplyChanges}'s that tells what would become of each change, and changes
 * nothing.
 */
export function createPreviewChanges(client: ServiceClient): ApplyChanges {
  return callWith(client, "preview_clerk_changes");
}

function callWith(client: ServiceClient, name: "apply_clerk_changes" | "preview_clerk_changes"): ApplyChanges {
  return async (changes) => {
    const { data, error, status } = await client.rpc(name, { changes: changes.map((change) => ({ ...change })) });
    if (error) throw databaseFailure({ status, error });
    if (!isOutcomes(data) || data.length !== changes.length) {
      throw new ApiError("DATABASE_MISCONFIGURED", `Cannot use the database: ${name} answered otherwise`);
    }
    return data;
  };
}

/**
 * Turns the refusal of an own column into an error. It is the project's fault and not Clerk's: 500, so that Svix tries
 * again, and the message is applied once the column or its function is fixed.
 *
 * @param refusal The database's outcome.
 * @returns The error to throw; undefined if the change was refused for another reason.
 */
export function ownColumnError({ code, detail }: Refused): ApiError | undefined {
  if (code !== "OWN_COLUMN_INVALID") return undefined;
  const name = detail?.column ?? "unknown";
  return new ApiError(
    "OWN_COLUMN_INVALID",
    `Cannot write own column ${name}: compare clerk_columns.ts with the columns of public.users`,
    { cause: { code: `column ${name}` } },
  );
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
