/**
 * Ends a sign-in or a sign-up with a session in the browser.
 *
 * @module
 */
import { findUser } from "../changes.ts";
import { ClerkError, notSimulated } from "../errors.ts";
import type { ClerkClient, ClerkSession, State } from "../state.ts";
import type { FrontendOptions } from "./answers.ts";
import { findClient, sessionsOf } from "./clients.ts";

/**
 * Begins a session and makes it active in the browser.
 *
 * @param options State and changes.
 * @param client The browser.
 * @param userId The user's id.
 * @returns The session.
 */
export function enter({ state, changes }: FrontendOptions, client: ClerkClient, userId: string): ClerkSession {
  const session = changes.signIn(findUser(state, userId), client.id);
  client.activeSessionId = session.id;
  return session;
}

/**
 * Ends a user's sessions in every browser.
 *
 * @param options State and changes.
 * @param userId The user's id.
 * @param except The id of a session to keep, if any.
 */
export function endSessions({ state, changes }: FrontendOptions, userId: string, except?: string): void {
  for (const session of [...state.sessions.values()]) {
    if (session.userId === userId && session.id !== except) changes.signOut(session);
  }
}

/**
 * Throws if the browser already has a session, because Clerk's default is one at a time.
 *
 * @param state The simulator's state.
 * @param request The request.
 * @throws {ClerkError} 400 if the browser has a session.
 */
export function checkSignedOut(state: State, request: Request): void {
  const client = findClient(state, request);
  if (!client || sessionsOf(state, client).length === 0) return;
  throw new ClerkError(400, "session_exists", "You're already signed in.");
}

/**
 * Throws if the simulator does not support a strategy.
 *
 * @param strategy The strategy's name; null if the form has none.
 * @param known The supported strategies.
 * @throws {ClerkError} 501 for other strategies, such as OAuth.
 */
export function checkStrategy(strategy: string | null, known: readonly string[]): void {
  if (strategy === null || known.includes(strategy)) return;
  throw notSimulated(`The simulator does not support the strategy ${strategy}`, { param: "strategy" });
}
