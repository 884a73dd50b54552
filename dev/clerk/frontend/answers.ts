/**
 * Finds the caller of the Frontend API and answers a change with the browser's new state.
 *
 * @module
 */
import { type Changes, findUser } from "../changes.ts";
import { ClerkError } from "../errors.ts";
import { json, type Route, route } from "../http.ts";
import { isCrossSite, originOf } from "../origins.ts";
import type { ClerkClient, ClerkSession, State } from "../state.ts";
import type { Switches } from "../switches.ts";
import type { User } from "../users.ts";
import type { FindAttempts } from "./attempts.ts";
import { findClient } from "./clients.ts";
import type { Handshakes } from "../handshakes.ts";
import { FRONTEND_PATH } from "./path.ts";
import { withLocalAvatars } from "./avatars.ts";
import { clientResource, type ResourceOptions } from "./resources.ts";

/** Dependencies of the Frontend API. */
export interface FrontendOptions {
  state: State;
  changes: Changes;
  switches: Switches;
  issuer: string;
  /** The instance's publishable key, from which the cookies' suffix is derived. */
  publishableKey: string;
  findAttempts: FindAttempts;
  handshakes: Handshakes;
}

/** A session and its browser. */
export interface SignedIn {
  client: ClerkClient;
  session: ClerkSession;
}

/** Creates a route of the Frontend API. clerk-js adds a slash to some paths, such as `/me/email_addresses/`. */
export function frontendRoute(method: string, path: string, answer: Route["answer"]): Route {
  return route(method, `${FRONTEND_PATH}/v1${path}{/}?`, answer);
}

/** The caller: the user of the request's session, or of the browser's active session. */
export interface Caller extends SignedIn {
  user: User;
}

/** Returns the caller of a request; throws 401 if no user is signed in. */
export function findCaller(state: State, request: Request): Caller {
  const id = new URL(request.url).searchParams.get("_clerk_session_id");
  const found = findSession(state, request, id ?? findClient(state, request)?.activeSessionId ?? "");
  return { ...found, user: findUser(state, found.session.userId) };
}

const INVALID = "Invalid authentication";

/**
 * Returns a message for a page whose browser withheld the cookie. Without it, the page would be signed out for no
 * visible reason.
 */
function heldBack(request: Request): string {
  const [page, { hostname }] = [originOf(request), new URL(request.url)];
  return `${INVALID}: the browser withheld the cookie because the page is on ${page} and the simulator on ${hostname}. ` +
    `Open the page on ${hostname}`;
}

/**
 * Finds a session of the browser. If the session is gone, the error makes clerk-js reload the client, which signs the
 * user out.
 */
export function findSession(state: State, request: Request, id: string | undefined): SignedIn {
  const client = findClient(state, request);
  const session = state.sessions.get(id ?? "");
  if (client && session?.clientId === client.id) return { client, session };
  throw new ClerkError(401, "authentication_invalid", client || !isCrossSite(request) ? INVALID : heldBack(request));
}

/** Returns the user who is signed in in the requesting browser, or `undefined`. */
export function findSignedIn(state: State, request: Request): User | undefined {
  const session = state.sessions.get(findClient(state, request)?.activeSessionId ?? "");
  return session && state.users.get(session.userId);
}

/** Returns the input of resources for the requesting page. */
export function showing(
  { state, switches, issuer, findAttempts }: FrontendOptions,
  request: Request,
): ResourceOptions {
  return { state, switches, issuer, findAttempts, azp: originOf(request) };
}

/** Returns JSON with the simulator's avatars, because Clerk's host is unreachable without a network. */
export function shown({ issuer }: FrontendOptions, body: unknown, headers: Record<string, string> = {}): Response {
  return json(withLocalAvatars(issuer, body), 200, headers);
}

/** Answers a change with the browser's new state, so that clerk-js need not request it. */
export async function answer(
  options: FrontendOptions,
  request: Request,
  client: ClerkClient | undefined,
  response?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  if (client) client.updatedAt = Date.now();
  const resource = client ? await clientResource(showing(options, request), client) : { sessions: [] };
  return shown(options, { response: response ?? resource, client: resource }, headers);
}
