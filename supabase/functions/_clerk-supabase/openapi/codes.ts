/**
 * Error codes that several functions share, for their descriptions.
 *
 * @module
 */
import { type ErrorCode, ERRORS } from "../errors.ts";

/** Codes of a function that reads variables: a variable is missing or malformed, or our code has a bug. */
export const CONFIGURED: readonly ErrorCode[] = ["CONFIG_MISSING", "CONFIG_INVALID", "INTERNAL_ERROR"];

/** Codes for a session token that is invalid or cannot be verified. */
export const TOKEN_REFUSED: readonly ErrorCode[] = [
  ...(Object.keys(ERRORS) as ErrorCode[]).filter((code) => code.startsWith("TOKEN_") && code !== "TOKEN_MISSING"),
  "SESSION_PENDING",
  "ROLE_CLAIM_MISSING",
  "JWKS_UNAVAILABLE",
];

/** Codes for a database that does not respond, or refuses. */
export const DATABASE_FAILED: readonly ErrorCode[] = ["DATABASE_UNAVAILABLE", "DATABASE_MISCONFIGURED"];

/** Codes of a function that queries as the caller, who may be a guest. */
export const AS_CALLER: readonly ErrorCode[] = [
  ...TOKEN_REFUSED,
  "DATA_API_REFUSED_TOKEN",
  ...DATABASE_FAILED,
  ...CONFIGURED,
];
