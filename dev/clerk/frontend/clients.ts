/**
 * Identifies browsers and native apps by a secret: in a cookie that pages cannot read, in the query for pages of
 * another site, or in `Authorization` for native apps.
 *
 * @module
 */
import { createId } from "../keys.ts";
import { isCrossSite } from "../origins.ts";
import type { ClerkClient, ClerkSession, State } from "../state.ts";

const COOKIE = "__client";

/** The name of the query parameter, and of the cookie that Clerk's SDKs keep on the app's own origin. */
export const DEV_BROWSER = "__clerk_db_jwt";

/** A known or a new browser. */
export interface Visitor {
  client: ClerkClient;
  /** Headers that let the browser identify itself as this client next time. */
  headers: Record<string, string>;
}

/**
 * Finds the requesting browser.
 *
 * @param state The simulator's state.
 * @param request The request.
 * @returns The browser; undefined if it is unknown.
 */
export function findClient(state: State, request: Request): ClerkClient | undefined {
  return secretsOf(request).map((secret) => state.clients.get(secret)).find((client) => client !== undefined);
}

/**
 * Finds the requesting browser, or adds a new one.
 *
 * @param state The simulator's state.
 * @param request The request.
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
 * Adds a new browser.
 *
 * @param state The simulator's state.
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
 * Returns a browser's secret, for the cookie that an app's server sets.
 *
 * @param state The simulator's state.
 * @param client The browser.
 * @returns The secret.
 */
export function secretOf(state: State, client: ClerkClient): string {
  for (const [secret, one] of state.clients) if (one === client) return secret;
  throw new Error(`The client ${client.id} has no secret`);
}

/**
 * Returns the cookie's attributes for its site. To a browser, `localhost` and `127.0.0.1` are two sites, and Chromium
 * accepts only partitioned cookies across sites.
 */
function siteOf(request: Request): string {
  return isCrossSite(request) ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax";
}

/** Returns whether a request comes from a native app. Expo's SDK says so in the query. */
function isNative(request: Request): boolean {
  return new URL(request.url).searchParams.get("_is_native") === "1";
}

/**
 * Returns every secret of a request: a browser may also send the cookie of another simulator, because cookies ignore
 * ports.
 */
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
 * Returns a browser's active sessions.
 *
 * @param state The simulator's state.
 * @param client The browser.
 * @returns The sessions that have not ended.
 */
export function sessionsOf({ sessions }: State, { id }: ClerkClient): ClerkSession[] {
  return [...sessions.values()].filter(({ clientId }) => clientId === id);
}
