/**
 * Turns a failed query into an error.
 *
 * @module
 */
import { ApiError } from "../errors.ts";

/** The part of a PostgREST response that describes a failure. */
export interface Failure {
  /** HTTP status; 0 if there was no response. */
  status: number;
  error: { code?: string };
}

/**
 * SQLSTATEs of temporary failures, first classes and then single codes. `clerk.is_passing()` in SQL gives a reason for
 * each; a test compares the two.
 */
const PASSING_STATE = /^(?:(?:08|40|53|57|58|72)...|25006|25P03|25P04|55006|55P03|HV00N)$/;
/** PostgREST's codes for a database that it cannot reach. */
const UNREACHABLE = /^PGRST00[0-3]$/;
/** `apply_clerk_changes()` raises this code if the isolation level is not read committed. */
const WRONG_ISOLATION = "25001";
/** PostgREST's codes for a token that it rejects. */
const TOKEN_REFUSED = /^PGRST30[0-3]$/;

/**
 * Returns whether a database failure is temporary.
 *
 * @param sqlState PostgreSQL's code of the failure.
 * @returns True if the same call may succeed later without a fix.
 */
export function isPassing(sqlState: string): boolean {
  return PASSING_STATE.test(sqlState);
}

/**
 * Turns a failed query into an error. A temporary failure is 503 with `Retry-After`, and one that needs a fix is 500.
 * Svix retries both.
 *
 * @param failure Status and error of the response. The error's message may quote data, so it is dropped.
 * @returns The error to throw.
 *
 * @example
 * ```ts
 * import { databaseFailure } from "./failure.ts";
 *
 * if (databaseFailure({ status: 503, error: { code: "PGRST002" } }).status !== 503) throw new Error();
 * if (databaseFailure({ status: 404, error: { code: "PGRST202" } }).code !== "DATABASE_MISCONFIGURED") throw new
 * Error();
 * ```
 */
export function databaseFailure({ status, error }: Failure): ApiError {
  const code = error.code ?? "";
  const cause = { code: code || `HTTP ${status}` };
  if (isPassing(code) || UNREACHABLE.test(code) || status === 0 || status === 408 || status === 429 || status > 500) {
    return new ApiError("DATABASE_UNAVAILABLE", "Cannot reach the database in time", {
      cause,
    });
  }
  return new ApiError(
    "DATABASE_MISCONFIGURED",
    code === WRONG_ISOLATION
      ? "Cannot use the database: its default transaction isolation is not read committed. Reset it for the role " +
        "service_role and for the database: alter role service_role reset default_transaction_isolation"
      : "Cannot use the database: apply the migrations and check the keys. The log has the code",
    { cause },
  );
}

/**
 * Turns a failed query as the caller into an error. If the Data API rejects a token that we accepted, it is set up for
 * another issuer or does not have a rotated key yet. The caller is never at fault.
 *
 * @param failure Status and error of the response.
 * @returns The error to throw.
 *
 * @example
 * ```ts
 * import { callerFailure } from "./failure.ts";
 *
 * const failure = { status: 401, error: { code: "PGRST301" } }; // as supabase-js returns it
 * if (callerFailure(failure).code !== "DATA_API_REFUSED_TOKEN") throw new Error();
 * ```
 */
export function callerFailure(failure: Failure): ApiError {
  const code = failure.error.code ?? "";
  if (!TOKEN_REFUSED.test(code)) return databaseFailure(failure);
  return new ApiError(
    "DATA_API_REFUSED_TOKEN",
    "Cannot query as the caller: the Data API rejected a valid token. Check third-party auth with Clerk in the " +
      "Supabase dashboard; after a key rotation at Clerk, it may take up to 30 minutes",
    { cause: { code } },
  );
}
