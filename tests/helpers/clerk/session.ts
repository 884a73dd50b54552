/**
 * Sessions for unit tests that verify no token.
 *
 * @module
 */
import type { ActiveOrganization } from "../../../supabase/functions/_clerk-supabase/auth/organization.ts";
import type { Session, VerifyToken } from "../../../supabase/functions/_clerk-supabase/auth/token.ts";
import { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";

/** Returns Ada's session, with or without an active organization. */
export function sessionOf(organization?: ActiveOrganization): Session {
  return { userId: "user_ada", sessionId: "sess_1", token: "good", claims: {}, actor: undefined, organization };
}

/** Accepts only the token `good`, as {@linkcode sessionOf} an organization. */
export function verifyGood(organization?: ActiveOrganization): VerifyToken {
  return (token) =>
    token === "good"
      ? Promise.resolve(sessionOf(organization))
      : Promise.reject(new ApiError("TOKEN_EXPIRED", "expired"));
}
