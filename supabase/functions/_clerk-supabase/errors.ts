/**
 * The errors of all functions: one class and a closed set of codes, each with an HTTP status. `docs/errors.md`
 * describes each code; a test compares the two.
 *
 * @module
 */
import { STATUS_CODE } from "@std/http/status";

/**
 * Status and title of each code. A fault of the caller is 4xx, a fault of our configuration 500, and a failure of
 * another service 503.
 */
export const ERRORS = {
  METHOD_NOT_ALLOWED: [STATUS_CODE.MethodNotAllowed, "Method not allowed"],
  NOT_FOUND: [STATUS_CODE.NotFound, "Not found"],
  BODY_INVALID: [STATUS_CODE.BadRequest, "Body malformed"],
  FIELD_INVALID: [STATUS_CODE.UnprocessableEntity, "Field invalid"],
  BODY_TOO_LARGE: [STATUS_CODE.ContentTooLarge, "Body too large"],
  BODY_TOO_SLOW: [STATUS_CODE.RequestTimeout, "Body too slow"],
  CONFIG_MISSING: [STATUS_CODE.InternalServerError, "Configuration missing"],
  CONFIG_INVALID: [STATUS_CODE.InternalServerError, "Configuration malformed"],
  INTERNAL_ERROR: [STATUS_CODE.InternalServerError, "Internal error"],
  DATABASE_UNAVAILABLE: [STATUS_CODE.ServiceUnavailable, "Database unavailable"],
  DATABASE_MISCONFIGURED: [STATUS_CODE.InternalServerError, "Database refused the request"],
  SCHEMA_REFUSED: [STATUS_CODE.InternalServerError, "The database's schema refused the change"],

  SERVICE_KEY_REQUIRED: [STATUS_CODE.Unauthorized, "Secret key missing"],
  SERVICE_KEY_INVALID: [STATUS_CODE.Forbidden, "Not a secret key of this project"],
  RECONCILE_RUNNING: [STATUS_CODE.Conflict, "Reconcile is running"],
  DATABASE_OF_OTHER_INSTANCE: [STATUS_CODE.Conflict, "Database of another Clerk instance"],
  SWEEP_REFUSED: [STATUS_CODE.Conflict, "Too many users are missing at Clerk"],

  WEBHOOK_HEADERS_MISSING: [STATUS_CODE.BadRequest, "Webhook headers missing"],
  WEBHOOK_SIGNATURE_INVALID: [STATUS_CODE.Unauthorized, "Webhook signature invalid"],
  WEBHOOK_TIMESTAMP_OUT_OF_TOLERANCE: [STATUS_CODE.Unauthorized, "Webhook too old or too new"],
  WRONG_INSTANCE: [STATUS_CODE.Forbidden, "Event of another Clerk instance"],
  EVENT_INVALID: [STATUS_CODE.UnprocessableEntity, "Not a Clerk event"],

  CHANGE_INVALID: [STATUS_CODE.UnprocessableEntity, "Change refused"],
  TYPE_UNKNOWN: [STATUS_CODE.UnprocessableEntity, "Change refused"],
  MESSAGE_ID_INVALID: [STATUS_CODE.UnprocessableEntity, "Change refused"],
  USER_ID_INVALID: [STATUS_CODE.UnprocessableEntity, "Change refused"],
  ORGANIZATION_ID_INVALID: [STATUS_CODE.UnprocessableEntity, "Change refused"],
  MEMBERSHIP_ID_INVALID: [STATUS_CODE.UnprocessableEntity, "Change refused"],
  ROLE_INVALID: [STATUS_CODE.UnprocessableEntity, "Change refused"],
  DELETE_MODE_INVALID: [STATUS_CODE.UnprocessableEntity, "Change refused"],
  TIME_INVALID: [STATUS_CODE.UnprocessableEntity, "Change refused"],
  TIME_IN_FUTURE: [STATUS_CODE.UnprocessableEntity, "Change refused"],
  EMAIL_TOO_LONG: [STATUS_CODE.UnprocessableEntity, "Change refused"],
  OWN_COLUMN_INVALID: [STATUS_CODE.InternalServerError, "Own column refused"],

  TOKEN_MISSING: [STATUS_CODE.Unauthorized, "Token missing"],
  TOKEN_MALFORMED: [STATUS_CODE.Unauthorized, "Token malformed"],
  TOKEN_ALGORITHM_NOT_ALLOWED: [STATUS_CODE.Unauthorized, "Token algorithm not allowed"],
  TOKEN_KEY_UNKNOWN: [STATUS_CODE.Unauthorized, "Token key unknown"],
  TOKEN_SIGNATURE_INVALID: [STATUS_CODE.Unauthorized, "Token signature invalid"],
  TOKEN_ISSUER_INVALID: [STATUS_CODE.Unauthorized, "Token issuer invalid"],
  TOKEN_EXPIRED: [STATUS_CODE.Unauthorized, "Token expired"],
  TOKEN_NOT_YET_VALID: [STATUS_CODE.Unauthorized, "Token not yet valid"],
  TOKEN_ISSUED_IN_FUTURE: [STATUS_CODE.Unauthorized, "Token issued in the future"],
  TOKEN_CLAIM_INVALID: [STATUS_CODE.Unauthorized, "Token claim missing or malformed"],
  TOKEN_PARTY_NOT_AUTHORIZED: [STATUS_CODE.Unauthorized, "Token of another party"],
  TOKEN_NOT_A_SESSION: [STATUS_CODE.Unauthorized, "Not a session token"],
  SESSION_PENDING: [STATUS_CODE.Forbidden, "Session pending"],
  ROLE_CLAIM_MISSING: [STATUS_CODE.InternalServerError, "Role claim missing"],
  JWKS_UNAVAILABLE: [STATUS_CODE.ServiceUnavailable, "Signing keys unavailable"],
  DATA_API_REFUSED_TOKEN: [STATUS_CODE.ServiceUnavailable, "Data API refused the token"],

  USER_DELETED: [STATUS_CODE.Gone, "User deleted"],
  PROFILE_NOT_SYNCED: [STATUS_CODE.NotFound, "Profile not synced yet"],
  NO_ACTIVE_ORGANIZATION: [STATUS_CODE.NotFound, "No active organization"],
  ORGANIZATION_NOT_SYNCED: [STATUS_CODE.NotFound, "Organization not synced yet"],
  ORGANIZATION_MEMBERSHIP_MISSING: [STATUS_CODE.Forbidden, "Not a member of the organization"],
  ROLE_MISSING: [STATUS_CODE.Forbidden, "Role missing"],
  PERMISSION_MISSING: [STATUS_CODE.Forbidden, "Permission missing"],
  CLERK_USER_NOT_FOUND: [STATUS_CODE.NotFound, "User not found at Clerk"],
  CLERK_UNAVAILABLE: [STATUS_CODE.ServiceUnavailable, "Clerk unavailable"],
  CLERK_RATE_LIMITED: [STATUS_CODE.ServiceUnavailable, "Clerk's rate limit reached"],
  CLERK_SECRET_KEY_REFUSED: [STATUS_CODE.InternalServerError, "Clerk refused the secret key"],
  CLERK_SECRET_KEY_OF_OTHER_INSTANCE: [STATUS_CODE.InternalServerError, "Secret key of another Clerk instance"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

/** The stable name of an error, for programs. */
export type ErrorCode = keyof typeof ERRORS;

/** `Retry-After` of each error that is temporary, in seconds. All other errors are answered without the header. */
export const RETRY_AFTER_SECONDS: Readonly<Partial<Record<ErrorCode, number>>> = {
  DATABASE_UNAVAILABLE: 5,
  JWKS_UNAVAILABLE: 5,
  CLERK_UNAVAILABLE: 10,
  CLERK_RATE_LIMITED: 10,
  DATA_API_REFUSED_TOKEN: 60,
  PROFILE_NOT_SYNCED: 2,
  ORGANIZATION_NOT_SYNCED: 2,
  RECONCILE_RUNNING: 10,
};

/** Optional parts of an error and of its response. */
export interface ApiErrorOptions {
  /** Replaces {@linkcode RETRY_AFTER_SECONDS} for this error. */
  retryAfterSeconds?: number;
  /** Other headers of the response: `allow`, `webhook-delivery`. */
  headers?: Record<string, string>;
  /** The field of the request that is wrong. */
  field?: string;
  /** The variable that is missing or malformed. Only callers with the secret key see it. */
  variable?: string;
  /** The original error. Only its code or class name is logged, never its message. */
  cause?: unknown;
}

/**
 * An error with a code, which `handle()` turns into a problem document.
 *
 * @example
 * ```ts
 * import { ApiError } from "./errors.ts";
 *
 * const error = new ApiError("TOKEN_MISSING", "Cannot authenticate: no Authorization header");
 * if (error.status !== 401) throw error;
 * ```
 */
export class ApiError extends Error {
  override name = "ApiError";
  readonly code: ErrorCode;
  /** Seconds after which the caller may try again; undefined if waiting does not help. */
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Record<string, string>;
  readonly field: string | undefined;
  readonly variable: string | undefined;

  /**
   * @param code The name of the error, for programs.
   * @param detail The explanation for people. It must not contain a token, a secret, a body or another user's data.
   * @param options Headers of the response, and the cause.
   */
  constructor(code: ErrorCode, detail: string, options: ApiErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds ?? RETRY_AFTER_SECONDS[code];
    // Annotated, because the Edge Runtime's TypeScript infers an optional member here.
    const retryAfter: Record<string, string> = this.retryAfterSeconds === undefined
      ? {}
      : { "retry-after": String(this.retryAfterSeconds) };
    this.headers = { ...retryAfter, ...options.headers };
    this.field = options.field;
    this.variable = options.variable;
  }

  /** The HTTP status of the response. */
  get status(): number {
    return ERRORS[this.code][0];
  }

  /** A short description that is the same for every occurrence. */
  get title(): string {
    return ERRORS[this.code][1];
  }
}

/**
 * Returns whether a string is one of our codes.
 *
 * @param code Any string, such as the code of a refusal by the database.
 * @returns True for an {@linkcode ErrorCode}.
 */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
