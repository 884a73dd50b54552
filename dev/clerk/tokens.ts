/**
 * Session tokens, version 2, as Clerk mints them with the Supabase integration active.
 *
 * @module
 */
import { SignJWT } from "jose";
import { createId, type Instance, keyIdOf, signingKey } from "./keys.ts";
import type { ClerkSession } from "./state.ts";

/** Seconds that a token lives. */
const LIFETIME = 60;

/** What a token is minted for. */
export interface TokenOptions {
  issuer: string;
  session: ClerkSession;
  /** The page's origin. Clerk leaves it out where it knows none. */
  azp?: string | undefined;
}

/**
 * Mints a session token.
 *
 * @param instance Whose key signs.
 * @param options Issuer, session and origin.
 * @returns The JWT.
 */
export async function mintSessionToken(instance: Instance, { issuer, session, azp }: TokenOptions): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...(azp && { azp }),
    fva: [Math.max(0, Math.floor((Date.now() - session.createdAt) / 60_000)), -1],
    jti: createId("jti").slice(4),
    role: "authenticated",
    sid: session.id,
    sts: "active",
    v: 2,
  };
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256", cat: "cl_B7d4PD111AAA", kid: keyIdOf(instance), typ: "JWT" })
    .setIssuer(issuer)
    .setSubject(session.userId)
    .setIssuedAt(now)
    .setNotBefore(now - 10)
    .setExpirationTime(now + LIFETIME)
    .sign(await signingKey(instance));
}
