/**
 * Browsers and native apps, told apart by a secret: in a cookie that pages cannot read, in the query for pages of
 * another site, in `Authorization` for native apps.
 *
 * @module
 */
import { createId } from "../keys.ts";
import { isCrossSite } from "../origins.ts";
import type { ClerkClient, ClerkSession, State } from "../state.ts";

const COOKIE = "__client";

/** In the query, and the name of the cookie that Clerk's SDKs keep on the app's own origin. */
export const DEV_BROWSER = "__clerk_db_jwt";

/** A browser that may be new. */
export interface Visitor {
  client: ClerkClient;
  /** Headers that make the browser come back as this client. */
  headers: Record<string, string>;
}

/**
 * Finds the browser that asks.
 *
 * @param state The simulator's memory.
 * @param request What it sent.
 * @returns The browser; undefined if it has not been here.
 */
export function findClient(state: State, request: Request): ClerkClient | undefined {
  return secretsOf(request).map((secret) => state.clients.get(secret)).find((client) => client !== undefined);
}

/**
 * Finds the browser that asks, or remembers a new one.
 *
 * @param state The simulator's memory.
 * @param request What it sent.
 * @returns The browser.
 */
export function welcomeClient(state: State, request: Request): Visitor {
  const known = findClient(state, request);
  if (known) return { client: known, headers: {} };
  const { secret, client } = createClient(state);
  if (isNative(request)) return { client, headers: { authorization: secret } };
  return { client, headers: { "set-cookie": `${COOKIE}=${secret}; Path=/; HttpOnly; ${siteOf(request)}` } };
}

/**
 * Remembers a new browser.
 *
 * @param state The simulator's memory.
 * @returns The browser and its secret.
 */
export function createClient(state: State): { secret: string; client: ClerkClient } {
  const now = Date.now();
  const client = { id: createId("client"), createdAt: now, updatedAt: now, activeSessionId: null };
  const secret = createId("clientsecret");
  state.clients.set(secret, client);
  return { secret, client };
}

/**
 * Finds a browser's secret, for the cookie that an app's server hands out.
 *
 * @param state The simulator's memory.
 * @param client The browser.
 * @returns The secret.
 */
export function secretOf(state: State, client: ClerkClient): string {
  for (const [secret, one] of state.clients) if (one === client) return secret;
  throw new Error(`The client ${client.id} has no secret`);
}

/** For a browser, `localhost` and `127.0.0.1` are two sites. Chromium takes only a partitioned cookie from the other. */
function siteOf(request: Request): string {
  return isCrossSite(request) ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax";
}

/** Expo's SDK says so in the query. */
function isNative(request: Request): boolean {
  return new URL(request.url).searchParams.get("_is_native") === "1";
}

/** A browser may hold a cookie of another simulator's as well, because cookies ignore ports. */
function secretsOf(request: Request): string[] {
  const { headers } = request;
  const cookies = headers.get("cookie")?.split(/; */) ?? [];
  const inQuery = new URL(request.url).searchParams.get(DEV_BROWSER);
  const inHeader = isNative(request) ? headers.get("authorization")?.replace(/^Bearer /, "") : undefined;
  return [
    ...(inHeader ? [inHeader] : []),
    ...(inQuery ? [inQuery] : []),
    ...cookies.flatMap((cookie) => cookie.startsWith(`${COOKIE}=`) ? [cookie.slice(COOKIE.length + 1)] : []),
  ];
}

/**
 * A browser's sessions.
 *
 * @param state The simulator's memory.
 * @param client The browser.
 * @returns The sessions that have not ended.
 */
export function sessionsOf({ sessions }: State, { id }: ClerkClient): ClerkSession[] {
  return [...sessions.values()].filter(({ clientId }) => clientId === id);
}
