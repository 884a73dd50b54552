/**
 * What every part of the Frontend API needs: who asks, and how a change is answered.
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

/** What the Frontend API works on. */
export interface FrontendOptions {
  state: State;
  changes: Changes;
  switches: Switches;
  issuer: string;
  /** The instance's own, from which cookies get their suffix. */
  publishableKey: string;
  findAttempts: FindAttempts;
  handshakes: Handshakes;
}

/** A session and the browser that it is in. */
export interface SignedIn {
  client: ClerkClient;
  session: ClerkSession;
}

/** Makes a route of the Frontend API. clerk-js puts a slash behind some paths, such as `/me/email_addresses/`. */
export function frontendRoute(method: string, path: string, answer: Route["answer"]): Route {
  return route(method, `${FRONTEND_PATH}/v1${path}{/}?`, answer);
}

/** The caller: the user of the session that a request is about, or of the browser's active one. */
export interface Caller extends SignedIn {
  user: User;
}

/** Finds the caller. */
export function findCaller(state: State, request: Request): Caller {
  const id = new URL(request.url).searchParams.get("_clerk_session_id");
  const found = findSession(state, request, id ?? findClient(state, request)?.activeSessionId ?? "");
  return { ...found, user: findUser(state, found.session.userId) };
}

const INVALID = "Invalid authentication";

/** The page would otherwise come back signed out, without a reason. */
function heldBack(request: Request): string {
  const [page, { hostname }] = [originOf(request), new URL(request.url)];
  return `${INVALID}: the browser held the cookie back, since the page is on ${page} and the simulator on ${hostname}. ` +
    `Open the page on ${hostname}`;
}

/** Finds a session of the browser. If it is gone, this error signs the user out: clerk-js then asks who the browser is. */
export function findSession(state: State, request: Request, id: string | undefined): SignedIn {
  const client = findClient(state, request);
  const session = state.sessions.get(id ?? "");
  if (client && session?.clientId === client.id) return { client, session };
  throw new ClerkError(401, "authentication_invalid", client || !isCrossSite(request) ? INVALID : heldBack(request));
}

/** Finds the user who is signed in in the browser that asks; undefined if nobody is. */
export function findSignedIn(state: State, request: Request): User | undefined {
  const session = state.sessions.get(findClient(state, request)?.activeSessionId ?? "");
  return session && state.users.get(session.userId);
}

/** What resources are made of, for the page that asks. */
export function showing(
  { state, switches, issuer, findAttempts }: FrontendOptions,
  request: Request,
): ResourceOptions {
  return { state, switches, issuer, findAttempts, azp: originOf(request) };
}

/** Answers with JSON in which avatars are the simulator's own: Clerk's host is out of reach without a network. */
export function shown({ issuer }: FrontendOptions, body: unknown, headers: Record<string, string> = {}): Response {
  return json(withLocalAvatars(issuer, body), 200, headers);
}

/** Answers a change with the browser as it is then, so that clerk-js need not ask. */
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
