/**
 * How a sign-in or a sign-up ends: with a session in the browser.
 *
 * @module
 */
import { findUser } from "../changes.ts";
import { ClerkError, notSimulated } from "../errors.ts";
import type { ClerkClient, ClerkSession, State } from "../state.ts";
import type { FrontendOptions } from "./answers.ts";
import { findClient, sessionsOf } from "./clients.ts";

/**
 * Begins a session and makes it the browser's active one.
 *
 * @param options State and changes.
 * @param client The browser.
 * @param userId Whose session.
 * @returns The session.
 */
export function enter({ state, changes }: FrontendOptions, client: ClerkClient, userId: string): ClerkSession {
  const session = changes.signIn(findUser(state, userId), client.id);
  client.activeSessionId = session.id;
  return session;
}

/**
 * Ends a user's sessions, in every browser.
 *
 * @param options State and changes.
 * @param userId Whose.
 * @param except The session that goes on, if one does.
 */
export function endSessions({ state, changes }: FrontendOptions, userId: string, except?: string): void {
  for (const session of [...state.sessions.values()]) {
    if (session.userId === userId && session.id !== except) changes.signOut(session);
  }
}

/**
 * Checks that the browser has no session: Clerk's default is one at a time.
 *
 * @param state The simulator's memory.
 * @param request What the browser sent.
 * @throws {ClerkError} 400 if it has one.
 */
export function checkSignedOut(state: State, request: Request): void {
  const client = findClient(state, request);
  if (!client || sessionsOf(state, client).length === 0) return;
  throw new ClerkError(400, "session_exists", "You're already signed in.");
}

/**
 * Checks that the simulator has a strategy.
 *
 * @param strategy Clerk's name of it; null if the form has none.
 * @param known Those that it has.
 * @throws {ClerkError} 501 for others, such as OAuth.
 */
export function checkStrategy(strategy: string | null, known: readonly string[]): void {
  if (strategy === null || known.includes(strategy)) return;
  throw notSimulated(`The simulator has no strategy ${strategy}`, { param: "strategy" });
}
