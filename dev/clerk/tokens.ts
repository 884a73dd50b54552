/**
 * Signs session tokens like Clerk's with the Supabase integration active.
 *
 * @module
 */
import { SignJWT } from "jose";
import { createId, keyIdOf, signingKey } from "./keys.ts";
import { organizationClaims } from "./organizations/claims.ts";
import { activeMembership } from "./sessions.ts";
import type { ClerkSession, State } from "./state.ts";
import type { Switches } from "./switches.ts";

/** Default lifetime of a token. */
const LIFETIME_SECONDS = 60;

/** Options of a session token. */
export interface TokenOptions {
  issuer: string;
  session: ClerkSession;
  /** The version of the claims: 1 or 2. */
  switches: Switches;
  /** The page's origin, for `azp`. Like Clerk's, the token has no `azp` without it. */
  azp?: string | undefined;
  lifetimeSeconds?: number | undefined;
}

/**
 * Signs a session token.
 *
 * @param state The simulator's state, with the key that signs.
 * @param options Issuer, session, version and origin.
 * @returns The JWT.
 */
export async function mintSessionToken(
  state: State,
  { issuer, session, switches, azp, lifetimeSeconds = LIFETIME_SECONDS }: TokenOptions,
): Promise<string> {
  const { instance } = state;
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...(azp && { azp }),
    fva: [Math.max(0, Math.floor((Date.now() - session.createdAt) / 60_000)), -1],
    jti: createId("jti").slice(4),
    role: "authenticated",
    sid: session.id,
    sts: "active",
    ...organizationClaims(state, activeMembership(state, session), switches.tokenVersion),
  };
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", cat: "cl_B7d4PD111AAA", kid: keyIdOf(instance), typ: "JWT" })
    .setIssuer(issuer)
    .setSubject(session.userId)
    .setIssuedAt(now)
    .setNotBefore(now - 10)
    .setExpirationTime(now + lifetimeSeconds)
    .sign(await signingKey(instance));
}
