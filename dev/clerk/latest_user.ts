/**
 * Finds the user as whom the API viewer calls functions.
 *
 * @module
 */
import type { Changes } from "./changes.ts";
import type { State } from "./state.ts";
import type { Switches } from "./switches.ts";
import { mintSessionToken } from "./tokens.ts";

/** A user with a session token. */
export interface SignedInUser {
  email: string | null;
  token: string;
}

/** Dependencies of signing in. */
export interface LatestUserOptions {
  state: State;
  changes: Changes;
  switches: Switches;
  issuer: string;
}

/**
 * Signs a token for the user who signed in last, or signs in the user who was created last.
 *
 * @param options State, changes and issuer.
 * @returns The user with a token; undefined without users.
 */
export async function signInLatest(
  { state, changes, switches, issuer }: LatestUserOptions,
): Promise<SignedInUser | undefined> {
  const newest = [...state.users.values()].sort((a, b) => b.created_at - a.created_at)[0];
  const latest = [...state.sessions.values()].sort((a, b) => b.createdAt - a.createdAt)[0];
  const session = latest ?? (newest && changes.signIn(newest));
  if (!session) return undefined;
  const email = state.users.get(session.userId)?.email_addresses[0]?.email_address ?? null;
  return { email, token: await mintSessionToken(state, { issuer, session, switches }) };
}
