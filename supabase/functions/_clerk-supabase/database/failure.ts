/**
 * What a failed query means for the answer.
 *
 * @module
 */
import { ApiError } from "../errors.ts";

/** The part of a PostgREST answer that tells of a failure. */
export interface Failure {
  /** HTTP status; 0 where there was no answer. */
  status: number;
  error: { code?: string };
}

/**
 * SQLSTATEs that pass by themselves, class by class and then single codes. `clerk.is_passing()` in SQL gives a reason for
 * each; a test compares the two.
 */
const PASSING_STATE = /^(?:(?:08|40|53|57|58|72)...|25006|25P03|25P04|55006|55P03|HV00N)$/;
/** PostgREST's codes for a database that it cannot reach. */
const UNREACHABLE = /^PGRST00[0-3]$/;
/** What `apply_clerk_changes()` raises for an isolation level under which it cannot work. */
const WRONG_ISOLATION = "25001";
/** PostgREST's codes for a token that it does not accept. */
const TOKEN_REFUSED = /^PGRST30[0-3]$/;

/**
 * Tells whether a database failure passes by itself.
 *
 * @param sqlState PostgreSQL's code of the failure.
 * @returns True if the same call may succeed later without a fix.
 */
export function isPassing(sqlState: string): boolean {
  return PASSING_STATE.test(sqlState);
}

/**
 * Turns a failed query into an error. A failure that passes by itself is 503 with `Retry-After`; one that needs a fix is
 * 500, so that Svix retries either.
 *
 * @param failure Status and error of the answer. The error's message may quote data and goes nowhere.
 * @returns The error to throw.
 *
 * @example
 * ```ts
 * import { databaseFailure } from "./failure.ts";
 *
 * if (databaseFailure({ status: 503, error: { code: "PGRST002" } }).status !== 503) throw new Error();
 * if (databaseFailure({ status: 404, error: { code: "PGRST202" } }).code !== "DATABASE_MISCONFIGURED") throw new Error();
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
      : "Cannot use the database: apply the migrations and check the keys (the log has the code)",
    { cause },
  );
}

/**
 * The same for a query as the caller, whose token we accepted: where the Data API does not, it is set up for
 * another issuer, or has not learned of a rotated key yet. Never the caller's fault.
 *
 * @param failure Status and error of the answer.
 * @returns The error to throw.
 *
 * @example
 * ```ts
 * import { callerFailure } from "./failure.ts";
 *
 * const failure = { status: 401, error: { code: "PGRST301" } }; // as supabase-js answers
 * if (callerFailure(failure).code !== "DATA_API_REFUSED_TOKEN") throw new Error();
 * ```
 */
export function callerFailure(failure: Failure): ApiError {
  const code = failure.error.code ?? "";
  if (!TOKEN_REFUSED.test(code)) return databaseFailure(failure);
  return new ApiError(
    "DATA_API_REFUSED_TOKEN",
    "Cannot query as the caller: the Data API refused a token that is valid. Check third-party auth with Clerk in " +
      "the Supabase dashboard; after a key rotation at Clerk, it may take up to 30 minutes",
    { cause: { code } },
  );
}
