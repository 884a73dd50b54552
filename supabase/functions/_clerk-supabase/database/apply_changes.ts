/**
 * Calls the write path of the database. Nothing else writes Clerk's data.
 *
 * @module
 */
import type { ClerkChange } from "./change.ts";
import { isObject, type Json } from "../formats/json.ts";
import { ApiError } from "../errors.ts";
import type { ServiceClient } from "./clients.ts";
import { databaseFailure, type Failure } from "./failure.ts";

/** The outcome of a change. */
export type Outcome = Done | Refused;

/** A change that was refused. */
export interface Refused {
  outcome: "refused";
  code: string;
  detail?: RefusalDetail;
}

/** Names of the database's schema that explain a refusal. Never contains a value. */
export interface RefusalDetail {
  /** PostgreSQL's code, for `SCHEMA_REFUSED` and `DELETE_BLOCKED`. */
  sqlstate?: string;
  /** The table, with its schema. */
  table?: string;
  constraint?: string;
  column?: string;
  /** The adopter's function that raised, with its schema. */
  function?: string;
  /** The instance that the database is bound to, for `WRONG_INSTANCE`. */
  bound?: string;
}

/** A change that was not refused. */
interface Done {
  outcome: Applied;
  /** The schema prevented the deletion of the row, so the row was hidden instead. */
  code?: "DELETE_BLOCKED";
  detail?: RefusalDetail;
  /** In a dry run: the change is stale because the user is deleted. */
  deleted?: true;
}

/** The outcomes of a change that was not refused. `kept` means that the event was kept and changed no row. */
export const APPLIED = ["created", "updated", "deleted", "unchanged", "stale", "pending", "kept", "duplicate"] as const;
type Applied = typeof APPLIED[number];

/** Applies changes in one transaction and returns their outcomes in the same order. */
export type ApplyChanges = (changes: readonly ClerkChange[]) => Promise<Outcome[]>;

/** Applies changes that a Clerk instance reported. The instance is undefined if the event does not name it. */
export type ApplyInstanceChanges = (
  changes: readonly ClerkChange[],
  instanceId: string | undefined,
) => Promise<Outcome[]>;

/**
 * Creates the write path.
 *
 * @param client The service role's client.
 * @returns A function that calls `apply_clerk_changes` with at most 500 changes. It throws `DATABASE_UNAVAILABLE` or
 * `DATABASE_MISCONFIGURED`. Then the changes may or may not be applied, and applying them again is harmless.
 */
export function createApplyChanges(client: ServiceClient): ApplyChanges {
  return (changes) => readOutcomes(changes, client.rpc("apply_clerk_changes", { changes: toJson(changes) }));
}

/**
 * Creates the write path for events. The first accepted event binds the database to its instance; changes of any other
 * instance are refused as `WRONG_INSTANCE`. After a process has seen the binding, it calls `apply_clerk_changes`
 * directly for that instance.
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
 * Creates a dry run of the write path.
 *
 * @param client The service role's client.
 * @returns A function like {@linkcode createApplyChanges}'s that returns the outcome of each change without applying
 * it.
 */
export function createPreviewChanges(client: ServiceClient): ApplyChanges {
  return (changes) => readOutcomes(changes, client.rpc("preview_clerk_changes", { changes: toJson(changes) }));
}

/**
 * Describes a refusal for logs and responses.
 *
 * @param detail The detail of the outcome.
 * @returns The known parts, such as `23514 public.users short_name`; empty if none is known.
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

/** A query to the Data API that returns outcomes. */
type OutcomesQuery = PromiseLike<Failure | { status: number; data: unknown; error: null }>;

async function readOutcomes(changes: readonly ClerkChange[], query: OutcomesQuery): Promise<Outcome[]> {
  const answer = await query;
  if (answer.error) throw databaseFailure(answer);
  const { data } = answer as { data: unknown };
  if (!isOutcomes(data) || data.length !== changes.length) {
    throw new ApiError("DATABASE_MISCONFIGURED", "Cannot use the database: the write path returned an unknown result");
  }
  return data;
}

/**
 * Turns the refusal of an own column into an error. Its status is 500, because the project is at fault: Svix sends the
 * message again, and it is applied after the column or its function is fixed.
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

/** Any other value does not come from our function, so a webhook must not be acknowledged. */
function isOutcome(item: unknown): boolean {
  if (!isObject(item)) return false;
  return APPLIED.some((outcome) => outcome === item.outcome) ||
    item.outcome === "refused" && typeof item.code === "string";
}
