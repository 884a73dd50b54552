/**
 * Sign-in tokens, each of which signs a user in once without a password.
 *
 * @module
 */
import { ClerkError } from "./errors.ts";
import { createId } from "./keys.ts";
import type { User } from "./users.ts";

/** A sign-in token. Times are in milliseconds. */
export interface SignInToken {
  id: string;
  user_id: string;
  /** The organization that becomes active after signing in. */
  organization_id: string | null;
  status: "pending" | "accepted" | "revoked";
  token: string;
  expires_at: number;
  created_at: number;
  updated_at: number;
}

/** Tokens by id. */
type SignInTokens = ReadonlyMap<string, SignInToken>;

/** Input of a new sign-in token. */
export interface SignInTokenInput {
  user_id: string;
  organization_id: string | null;
  expires_in_seconds: number;
}

/** The user and the organization of a ticket. */
export interface TicketHolder {
  user: User;
  organizationId: string | undefined;
}

/** Returns a new pending token. */
export function createSignInToken({ expires_in_seconds, ...input }: SignInTokenInput, now: number): SignInToken {
  const token = createId("ticket", now);
  const expires_at = now + expires_in_seconds * 1_000;
  return { id: createId("sit", now), ...input, status: "pending", token, expires_at, created_at: now, updated_at: now };
}

/** Returns a token in the format of Clerk's API, without a URL because the simulator has no page to link to. */
export function signInTokenObject(
  { organization_id: _, expires_at: __, ...shown }: SignInToken,
): Record<string, unknown> {
  return { object: "sign_in_token", ...shown, url: null };
}

/**
 * Finds the token of a ticket.
 *
 * @param tokens The tokens, by id.
 * @param ticket The ticket.
 * @param now The time in milliseconds.
 * @returns The pending token.
 * @throws {ClerkError} 400 if it is unknown, expired, used or revoked.
 */
export function requireTicket(tokens: SignInTokens, ticket: string, now: number): SignInToken {
  const found = [...tokens.values()].find(({ token }) => token === ticket);
  if (!found) throw new ClerkError(400, "ticket_invalid_code", "The ticket is invalid.");
  if (found.status === "revoked") {
    const message = "This sign in token has been revoked and cannot be used anymore.";
    throw new ClerkError(400, "sign_in_token_revoked_code", message);
  }
  if (found.status === "accepted") {
    const message = "This sign in token has already been used. Each token can only be used once.";
    throw new ClerkError(400, "sign_in_token_already_used_code", message);
  }
  if (found.expires_at <= now) throw new ClerkError(400, "ticket_expired_code", "The ticket has expired.");
  return found;
}

/**
 * Finds a token.
 *
 * @param tokens The tokens, by id.
 * @param id The id.
 * @returns The token.
 * @throws {ClerkError} 404 if it does not exist.
 */
export function findSignInToken(tokens: SignInTokens, id: string | undefined): SignInToken {
  const token = tokens.get(id ?? "");
  if (token) return token;
  throw new ClerkError(404, "resource_not_found", "No sign-in token was found with this id");
}
