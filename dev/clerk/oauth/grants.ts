/**
 * Grants of users to OAuth applications, with their codes and tokens.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { createId } from "../keys.ts";

/** A grant. Times are in milliseconds. */
export interface OAuthGrant {
  id: string;
  client_id: string;
  user_id: string;
  scopes: string[];
  redirect_uri: string;
  nonce: string | null;
  challenge: Challenge | null;
  /** Empty after the code was exchanged. */
  code: string;
  code_expires_at: number;
  /** Empty before the code was exchanged. */
  access_token: string;
  access_expires_at: number;
  refresh_token: string;
  revoked: boolean;
  created_at: number;
  updated_at: number;
}

/** The challenge of PKCE, if the client uses it. */
export interface Challenge {
  method: "plain" | "S256";
  value: string;
}

/** Seconds until an access token and an ID token expire. */
export const TOKEN_SECONDS = 86_400;
const CODE_SECONDS = 600;

/** Returns a new grant, with a code to exchange. */
export function createGrant(
  input: Pick<OAuthGrant, "client_id" | "user_id" | "scopes" | "redirect_uri" | "nonce" | "challenge">,
  now: number,
): OAuthGrant {
  return {
    id: createId("oagrant", now),
    ...input,
    code: createId("oac", now),
    code_expires_at: now + CODE_SECONDS * 1_000,
    ...{ access_token: "", access_expires_at: 0, refresh_token: "", revoked: false },
    ...{ created_at: now, updated_at: now },
  };
}

/** Returns the grant with new tokens and without its code. */
export function withTokens(grant: OAuthGrant, now: number): OAuthGrant {
  return {
    ...grant,
    code: "",
    access_token: createId("oat", now),
    access_expires_at: now + TOKEN_SECONDS * 1_000,
    refresh_token: createId("ort", now),
    updated_at: now,
  };
}

/** Finds the grant of a code or a token. */
export function findGrant(
  grants: ReadonlyMap<string, OAuthGrant>,
  kind: "code" | "access_token" | "refresh_token",
  value: string | null,
) {
  return value ? [...grants.values()].find((grant) => grant[kind] === value && !grant.revoked) : undefined;
}

/** Returns whether a verifier matches the challenge. Without a challenge, no verifier is needed. */
export function matchesChallenge(challenge: Challenge | null, verifier: string | null): boolean {
  if (!challenge) return true;
  if (verifier === null) return false;
  const value = challenge.method === "plain" ? verifier : createHash("sha256").update(verifier).digest("base64url");
  return value === challenge.value;
}
