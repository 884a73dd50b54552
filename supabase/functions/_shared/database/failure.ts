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

/** SQLSTATE classes and PostgREST codes of what passes by itself: connections, resources, conflicts, restarts. */
const PASSING = /^(08|40|53|55|57|58)|^PGRST00[0-3]$/;
/** PostgREST's codes for a token that it does not accept. */
const TOKEN_REFUSED = /^PGRST30[0-3]$/;

/**
 * Turns a failed query into an error. What passes by itself is 503 with `Retry-After`; what somebody has to mend
 * is 500, so that Svix retries either.
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
  if (PASSING.test(code) || status === 0 || status === 408 || status === 429 || status > 500) {
    return new ApiError("DATABASE_UNAVAILABLE", "Cannot reach the database in time", {
      headers: { "retry-after": "5" },
      cause,
    });
  }
  return new ApiError(
    "DATABASE_MISCONFIGURED",
    "Cannot use the database: apply the migrations and check the keys (the log has the code)",
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
    { headers: { "retry-after": "60" }, cause: { code } },
  );
}
