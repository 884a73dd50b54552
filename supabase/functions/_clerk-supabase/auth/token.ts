/**
 * Verifies Clerk session tokens. No other module does.
 *
 * @module
 */
import * as errors from "jose/errors";
import type { JWTHeaderParameters, JWTPayload } from "jose";
import { isObject } from "../formats/json.ts";
import type { TokenConfig } from "../config.ts";
import { ApiError, type ErrorCode } from "../errors.ts";
import { createOriginTest } from "../formats/origins.ts";
import { type ActiveOrganization, activeOrganization } from "./organization.ts";
import { createSignatureCheck, SKEW_SECONDS } from "./signature.ts";
import { describeTokenKind } from "./token_kind.ts";
import { createVerifiedTokens } from "./verified_tokens.ts";
import type { Fetch } from "../http/bounded_fetch.ts";

/** Browsers limit cookies to less, and Clerk recommends custom claims under 1.2 KB. */
const MAX_TOKEN_CHARS = 8 * 1024;
/** Values of the `cat` header in session tokens: none, session, and Clerk's internal value. */
const SESSION_CATEGORIES = [undefined, "cl_B7d4PD111AAA", "cl_I7d4PD111III"];

/** The signed-in caller. */
export interface Session {
  /** Clerk's user id, `user_…`. */
  userId: string;
  /** Clerk's session id, `sess_…`. */
  sessionId: string;
  /** The token itself, to call the Data API as the caller. */
  token: string;
  /** Every claim. */
  claims: JWTPayload;
  /** The `act` claim of an impersonation: who acts as the user. Undefined otherwise. */
  actor: Record<string, unknown> | undefined;
  /** The active organization; undefined if none is active. */
  organization: ActiveOrganization | undefined;
}

/** Verifies a token. Throws an {@linkcode ApiError} whose code names the fault. */
export type VerifyToken = (token: string) => Promise<Session>;

/**
 * Creates the verifier of session tokens. Keep one per process, because it keeps the signing keys.
 *
 * @param config Issuers, keys and authorized parties.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @returns The verifier. It throws 401 with a `TOKEN_*` code for a token that is not valid, 403 `SESSION_PENDING`,
 * 500 `ROLE_CLAIM_MISSING` and 503 `JWKS_UNAVAILABLE`.
 *
 * @example
 * ```ts
 * import { exportSPKI, generateKeyPair, SignJWT } from "jose";
 * import { createTokenVerifier } from "./token.ts";
 *
 * const issuer = "https://example.clerk.accounts.dev";
 * const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
 * const verify = createTokenVerifier(
 *   {
 *     issuers: [issuer],
 *     jwksUrl: undefined, // the issuer's own
 *     jwtKey: await exportSPKI(publicKey), // without it, keys are fetched
 *     authorizedParties: [],
 *     requireAzp: false,
 *   },
 *   fetch,
 *   Date.now,
 * );
 * const token = await new SignJWT({ sub: "user_ada", sid: "sess_1", role: "authenticated" })
 *   .setProtectedHeader({ alg: "RS256" }).setIssuer(issuer).setExpirationTime("1m").sign(privateKey);
 * if ((await verify(token)).userId !== "user_ada") throw new Error();
 * ```
 */
export function createTokenVerifier(config: TokenConfig, fetch: Fetch, now: () => number): VerifyToken {
  const check = createSignatureCheck(config, fetch, now);
  const checkParty = createPartyCheck(config);
  const tokens = createVerifiedTokens();
  return async (token) => {
    if (token.length > MAX_TOKEN_CHARS) throw refuse("TOKEN_MALFORMED", `longer than ${MAX_TOKEN_CHARS} characters`);
    const known = tokens.recall(token);
    try {
      const isVerified = known !== undefined && await check.isInForce(known);
      const verified = isVerified ? known : await check.verify(token);
      const { payload, protectedHeader } = verified;
      checkKind(token, protectedHeader, payload);
      checkTimes(payload, now());
      checkParty(payload);
      checkActor(payload);
      checkSession(payload);
      if (!isVerified) tokens.remember(token, verified);
      return toSession(token, payload);
    } catch (error) {
      tokens.forget(token);
      throw toApiError(error, token);
    }
  };
}

/**
 * Machine, template and OAuth access tokens have the same issuer and key. An allow-list recognizes session tokens, so
 * that a kind of token that Clerk adds later is refused.
 */
function checkKind(token: string, header: Readonly<JWTHeaderParameters>, payload: JWTPayload): void {
  const typed = header.typ === undefined || header.typ === "JWT";
  const session = typeof payload.sub === "string" && payload.sub.startsWith("user_") &&
    typeof payload.sid === "string" && payload.sid !== "";
  if (!typed || !session || !SESSION_CATEGORIES.includes(header.cat as string | undefined)) {
    throw refuse("TOKEN_NOT_A_SESSION", describeTokenKind(token) ?? "it is not a session token of a user");
  }
}

/**
 * Checks the times. jose checks `exp` and `nbf` too, but only when it verifies the signature, and `iat` only together
 * with a maximum age.
 */
function checkTimes({ exp, nbf, iat }: JWTPayload, nowMs: number): void {
  const now = Math.floor(nowMs / 1000);
  if (typeof exp !== "number" || exp <= now - SKEW_SECONDS) throw refuse("TOKEN_EXPIRED", "it has expired");
  if (nbf !== undefined && nbf > now + SKEW_SECONDS) throw refuse("TOKEN_NOT_YET_VALID", "it is not valid yet");
  if (iat === undefined) return;
  if (typeof iat !== "number") throw refuse("TOKEN_CLAIM_INVALID", "the iat claim is not a number");
  if (iat > now + SKEW_SECONDS) throw refuse("TOKEN_ISSUED_IN_FUTURE", "it was issued in the future");
}

/**
 * Clerk mints tokens with an absent or empty `azp` for native apps and top-level navigation, so these pass unless the
 * strict mode asks for one. An `azp` that is not allowed never passes.
 */
function createPartyCheck({ authorizedParties, requireAzp }: TokenConfig): (claims: JWTPayload) => void {
  const isAuthorized = createOriginTest(authorizedParties);
  return ({ azp }) => {
    if (azp === undefined || azp === "") {
      if (requireAzp) throw refuse("TOKEN_PARTY_NOT_AUTHORIZED", "it has no azp claim");
      return;
    }
    if (typeof azp !== "string") throw refuse("TOKEN_CLAIM_INVALID", "the azp claim is not a text");
    if (authorizedParties.length > 0 && !isAuthorized(azp)) {
      throw refuse("TOKEN_PARTY_NOT_AUTHORIZED", "its azp claim is not among the authorized parties");
    }
  };
}

/** Code that reads the actor must be able to rely on it, so a malformed `act` must not look like "no impersonation". */
function checkActor({ act }: JWTPayload): void {
  if (act !== undefined && !isObject(act)) throw refuse("TOKEN_CLAIM_INVALID", "the act claim is not an object");
}

function checkSession({ sts, role }: JWTPayload): void {
  if (sts !== undefined && sts !== "active") {
    throw new ApiError(
      "SESSION_PENDING",
      "Cannot authenticate: the session is pending until the user finishes a task",
    );
  }
  if (role !== "authenticated") {
    throw new ApiError(
      "ROLE_CLAIM_MISSING",
      'Cannot query as the caller: the session token has no claim "role": "authenticated". ' +
        "Activate the Supabase integration in Clerk's dashboard, or add the claim to the session token",
    );
  }
}

function toSession(token: string, claims: JWTPayload): Session {
  return {
    userId: claims.sub as string,
    sessionId: claims.sid as string,
    token,
    claims,
    actor: isObject(claims.act) ? claims.act : undefined,
    organization: activeOrganization(claims),
  };
}

/** Our code for each of jose's. Any other error of jose means that the token is malformed. */
const CODES: Record<string, ErrorCode> = {
  [errors.JOSEAlgNotAllowed.code]: "TOKEN_ALGORITHM_NOT_ALLOWED",
  [errors.JWKSNoMatchingKey.code]: "TOKEN_KEY_UNKNOWN",
  [errors.JWKSMultipleMatchingKeys.code]: "TOKEN_KEY_UNKNOWN",
  [errors.JWSSignatureVerificationFailed.code]: "TOKEN_SIGNATURE_INVALID",
  [errors.JWTExpired.code]: "TOKEN_EXPIRED",
};

/** The reason of a refusal, used unless the token's kind gives a better one. */
const REASONS: Partial<Record<ErrorCode, string>> = {
  TOKEN_ALGORITHM_NOT_ALLOWED: "it is not signed by RS256, as Clerk signs session tokens",
  TOKEN_KEY_UNKNOWN: "its key does not belong to this Clerk instance: it is a token of another instance",
  TOKEN_MALFORMED: "it is not a JWT",
};

function toApiError(error: unknown, token: string): unknown {
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refuse(claimCode(error), `the ${error.claim} claim is missing or not as expected`);
  }
  if (error instanceof errors.JOSEError) {
    const code = CODES[error.code] ?? "TOKEN_MALFORMED";
    if (code === "TOKEN_EXPIRED") return refuse(code, "it has expired", error);
    if (code === "TOKEN_SIGNATURE_INVALID") return refuse(code, "Clerk did not sign it", error);
    return refuse(code, describeTokenKind(token) ?? REASONS[code]!, error);
  }
  return error;
}

function claimCode({ claim, reason }: errors.JWTClaimValidationFailed): ErrorCode {
  if (claim === "iss") return "TOKEN_ISSUER_INVALID";
  if (claim === "nbf" && reason === "check_failed") return "TOKEN_NOT_YET_VALID";
  return "TOKEN_CLAIM_INVALID";
}

function refuse(code: ErrorCode, reason: string, cause?: unknown): ApiError {
  return new ApiError(code, `Cannot accept token: ${reason}`, { cause });
}
