/**
 * Builds what an OAuth application may read about a user.
 *
 * @module
 */
import { SignJWT } from "jose";
import { keyIdOf, signingKey } from "../keys.ts";
import type { State } from "../state.ts";
import type { User } from "../users.ts";
import { type OAuthGrant, TOKEN_SECONDS } from "./grants.ts";

/**
 * Returns the claims that the scopes allow.
 *
 * @param user The user.
 * @param scopes The scopes.
 * @returns The claims under OpenID Connect's names.
 */
export function userClaims(user: User, scopes: readonly string[]): Record<string, unknown> {
  const address = user.email_addresses.find(({ id }) => id === user.primary_email_address_id);
  return {
    sub: user.id,
    ...(scopes.includes("email") && address && {
      email: address.email_address,
      email_verified: address.verification?.status === "verified",
    }),
    ...(scopes.includes("profile") && {
      name: [user.first_name, user.last_name].filter(Boolean).join(" "),
      ...{ given_name: user.first_name, family_name: user.last_name, picture: user.image_url },
      preferred_username: user.username,
    }),
    ...(scopes.includes("public_metadata") && { public_metadata: user.public_metadata }),
    ...(scopes.includes("private_metadata") && { private_metadata: user.private_metadata }),
  };
}

/** Returns the body of `GET /oauth/userinfo`. */
export function userInfo({ instance }: State, user: User, scopes: readonly string[]): Record<string, unknown> {
  return { object: "oauth_user_info", instance_id: instance.id, user_id: user.id, ...userClaims(user, scopes) };
}

/** Signs the ID token of a grant. */
export async function mintIdToken(
  { instance }: State,
  user: User,
  { client_id, nonce, scopes }: OAuthGrant,
  issuer: string,
): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return await new SignJWT({ ...userClaims(user, scopes), ...(nonce !== null && { nonce }) })
    .setProtectedHeader({ alg: "RS256", kid: keyIdOf(instance), typ: "JWT" })
    .setIssuer(issuer)
    .setAudience(client_id)
    .setIssuedAt(now)
    .setExpirationTime(now + TOKEN_SECONDS)
    .sign(await signingKey(instance));
}
