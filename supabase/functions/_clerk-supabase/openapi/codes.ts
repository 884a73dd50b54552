/**
 * Codes that several functions answer with, for their descriptions.
 *
 * @module
 */
import { type ErrorCode, ERRORS } from "../errors.ts";

/** A function that reads variables: one is missing or malformed, or our code is at fault. */
export const CONFIGURED: readonly ErrorCode[] = ["CONFIG_MISSING", "CONFIG_INVALID", "INTERNAL_ERROR"];

/** A session token is no good, or cannot be checked. */
export const TOKEN_REFUSED: readonly ErrorCode[] = [
  ...(Object.keys(ERRORS) as ErrorCode[]).filter((code) => code.startsWith("TOKEN_") && code !== "TOKEN_MISSING"),
  "SESSION_PENDING",
  "ROLE_CLAIM_MISSING",
  "JWKS_UNAVAILABLE",
];

/** The database does not answer, or refuses. */
export const DATABASE_FAILED: readonly ErrorCode[] = ["DATABASE_UNAVAILABLE", "DATABASE_MISCONFIGURED"];

/** A function that reads and writes as the caller, who may be a guest. */
export const AS_CALLER: readonly ErrorCode[] = [
  ...TOKEN_REFUSED,
  "DATA_API_REFUSED_TOKEN",
  ...DATABASE_FAILED,
  ...CONFIGURED,
];
