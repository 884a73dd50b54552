/**
 * Browsers, told apart by a cookie that their pages cannot read.
 *
 * @module
 */
import { createId } from "../keys.ts";
import type { ClerkClient, ClerkSession, State } from "../state.ts";

const COOKIE = "__client";

/** A browser that may be new. */
export interface Visitor {
  client: ClerkClient;
  /** Headers that make the browser come back as this client. */
  headers: Record<string, string>;
}

/**
 * Finds the browser that asks.
 *
 * @param state Where.
 * @param request What it sent.
 * @returns The browser; undefined where it has not been here.
 */
export function findClient(state: State, request: Request): ClerkClient | undefined {
  const cookies = request.headers.get("cookie")?.split(/; */) ?? [];
  // A browser may hold one of another simulator's as well, because cookies ignore ports.
  const values = cookies.flatMap((cookie) => cookie.startsWith(`${COOKIE}=`) ? [cookie.slice(COOKIE.length + 1)] : []);
  return values.map((value) => state.clients.get(value)).find((client) => client !== undefined);
}

/**
 * Finds the browser that asks, or takes it in.
 *
 * @param state Where.
 * @param request What it sent.
 * @returns The browser.
 */
export function welcomeClient(state: State, request: Request): Visitor {
  const known = findClient(state, request);
  if (known) return { client: known, headers: {} };
  const now = Date.now();
  const client = { id: createId("client"), createdAt: now, updatedAt: now, activeSessionId: null };
  const secret = createId("clientsecret");
  state.clients.set(secret, client);
  return { client, headers: { "set-cookie": `${COOKIE}=${secret}; Path=/; HttpOnly; SameSite=Lax` } };
}

/**
 * A browser's sessions.
 *
 * @param state Where.
 * @param client The browser.
 * @returns The sessions that have not ended.
 */
export function sessionsOf({ sessions }: State, { id }: ClerkClient): ClerkSession[] {
  return [...sessions.values()].filter(({ clientId }) => clientId === id);
}
