/**
 * The one write path, from this side.
 *
 * @module
 */
import type { ClerkChange } from "./change.ts";
import { isObject, type Json } from "../formats/json.ts";
import { ApiError } from "../errors.ts";
import type { ServiceClient } from "./clients.ts";
import { databaseFailure, type Failure } from "./failure.ts";

/** What became of a change. */
export type Outcome = Done | Refused;

/** A change that was refused. */
export interface Refused {
  outcome: "refused";
  code: string;
  detail?: RefusalDetail;
}

/** What a refusal is about: names of the database's schema, never a value. */
export interface RefusalDetail {
  /** `SCHEMA_REFUSED` and `DELETE_BLOCKED`: PostgreSQL's code. */
  sqlstate?: string;
  /** The table, with its schema. */
  table?: string;
  constraint?: string;
  column?: string;
  /** The adopter's function that raised, with its schema. */
  function?: string;
  /** `WRONG_INSTANCE`: the instance that the database is bound to. */
  bound?: string;
}

/** A change that was not refused. */
interface Done {
  outcome: Applied;
  /** The schema kept a deleted user's row, which is hidden instead. */
  code?: "DELETE_BLOCKED";
  detail?: RefusalDetail;
  /** In a dry run: stale because the user is deleted. */
  deleted?: true;
}

/** The outcomes of a change that was not refused; `kept` is for an event that is only kept. */
export const APPLIED = ["created", "updated", "deleted", "unchanged", "stale", "pending", "kept", "duplicate"] as const;
type Applied = typeof APPLIED[number];

/** Applies changes in one transaction and tells what became of each, in order. */
export type ApplyChanges = (changes: readonly ClerkChange[]) => Promise<Outcome[]>;

/** The same for changes that a Clerk instance reported, or one that did not name itself. */
export type ApplyInstanceChanges = (
  changes: readonly ClerkChange[],
  instanceId: string | undefined,
) => Promise<Outcome[]>;

/**
 * Makes the write path.
 *
 * @param client The service role's client.
 * @returns A function that calls `apply_clerk_changes`; at most 500 changes a call. It throws
 * `DATABASE_UNAVAILABLE` or `DATABASE_MISCONFIGURED`; then nothing is certain to be applied, and calling again
 * with the same changes does no harm.
 */
export function createApplyChanges(client: ServiceClient): ApplyChanges {
  return (changes) => readOutcomes(changes, client.rpc("apply_clerk_changes", { changes: toJson(changes) }));
}

/**
 * Makes the write path for events. The first accepted event binds the database to its instance; changes of any other
 * instance are refused as `WRONG_INSTANCE`. Once this process has seen that the database is bound to an instance, that
 * instance's changes go straight to `apply_clerk_changes`.
 *
 * @param client The service role's client.
 * @returns A function like {@linkcode createApplyChanges}'s that also takes the instance.
 */
export function createApplyInstanceChanges(client: ServiceClient): ApplyInstanceChanges {
  let bound: string | undefined;
  return async (changes, instanceId) => {
    const given = { changes: toJson(changes) };
    if (!instanceId || instanceId === bound) {
      return await readOutcomes(changes, client.rpc("apply_clerk_changes", given));
    }
    const binding = client.rpc("apply_clerk_changes_of", { ...given, instance_id: instanceId });
    const outcomes = await readOutcomes(changes, binding);
    if (!outcomes.some((one) => one.outcome === "refused" && one.code === "WRONG_INSTANCE")) bound = instanceId;
    return outcomes;
  };
}

/**
 * Makes a dry run of the write path.
 *
 * @param client The service role's client.
 * @returns A function like {@linkcode createApplyChanges}'s that tells what would become of each change, and changes
 * nothing.
 */
export function createPreviewChanges(client: ServiceClient): ApplyChanges {
  return (changes) => readOutcomes(changes, client.rpc("preview_clerk_changes", { changes: toJson(changes) }));
}

/**
 * Describes a refusal for logs and answers.
 *
 * @param detail What the database told.
 * @returns The parts that are known, such as `23514 public.users short_name`; empty if none is.
 *
 * @example
 * ```ts
 * import { describeRefusal } from "./apply_changes.ts";
 *
 * const detail = { sqlstate: "23514", table: "public.users", constraint: "short_name" };
 * if (describeRefusal(detail) !== "23514 public.users short_name") throw new Error();
 * ```
 */
export function describeRefusal(detail: RefusalDetail = {}): string {
  const { sqlstate, table, column, constraint, function: raisedIn } = detail;
  return [sqlstate, table, column, constraint, raisedIn].filter((part) => part !== undefined).join(" ");
}

function toJson(changes: readonly ClerkChange[]): Json {
  return changes.map((change) => ({ ...change }));
}

/** An answer of the Data API, as far as it is read. */
type OutcomesQuery = PromiseLike<Failure | { status: number; data: unknown; error: null }>;

async function readOutcomes(changes: readonly ClerkChange[], query: OutcomesQuery): Promise<Outcome[]> {
  const answer = await query;
  if (answer.error) throw databaseFailure(answer);
  const { data } = answer as { data: unknown };
  if (!isOutcomes(data) || data.length !== changes.length) {
    throw new ApiError("DATABASE_MISCONFIGURED", "Cannot use the database: the write path returned an unknown answer");
  }
  return data;
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
