/**
 * The simulator's HTTP routes.
 *
 * @module
 */
import { ClerkError } from "./errors.ts";
import { createId, publicKeys } from "./keys.ts";
import { readUserFilter, readUserQuery } from "./parameters.ts";
import type { RateLimit } from "./rate_limit.ts";
import { listSessions, sessionObject } from "./sessions.ts";
import { type ClerkSession, removeUser, type State } from "./state.ts";
import { mintSessionToken } from "./tokens.ts";
import { createUser, updateUser, type User, type UserInput } from "./users.ts";
import type { Sender } from "./webhooks.ts";

/** What the routes work on. */
export interface RoutesOptions {
  state: State;
  sender: Sender;
  issuer: string;
  /** Called when the state changed. */
  changed: () => void;
  /** What the Backend API may be asked; undefined for as much as one likes. */
  rateLimit: RateLimit | undefined;
}

/** Answers one route. */
type Answer = (parameters: Record<string, string>, request: Request) => Response | Promise<Response>;

/** Who may use a route: everybody, whoever has the secret key, or whoever has it within the rate limit. */
type Access = "open" | "key" | "limited";

/** A route: method, path with `:names`, and who may use it. */
interface Route {
  method: string;
  pattern: URLPattern;
  access: Access;
  answer: Answer;
}

/**
 * Makes the routes.
 *
 * @param options State, sender and issuer.
 * @returns The handler.
 */
export function createRoutes(options: RoutesOptions): (request: Request) => Promise<Response> {
  const routes = [...publicRoutes(options), ...userRoutes(options), ...sessionRoutes(options), ...devRoutes(options)];
  return async (request) => {
    try {
      return await dispatch(routes, options, request);
    } catch (error) {
      if (error instanceof ClerkError) return errorResponse(error);
      if (error instanceof SyntaxError) {
        return errorResponse(new ClerkError(400, "request_body_invalid", error.message));
      }
      throw error;
    }
  };
}

async function dispatch(routes: readonly Route[], options: RoutesOptions, request: Request): Promise<Response> {
  for (const { method, pattern, access, answer } of routes) {
    const match = method === request.method && pattern.exec(request.url);
    if (!match) continue;
    if (access !== "open") checkKey(options, request);
    if (access === "limited") checkRate(options);
    return withDate(await answer(match.pathname.groups as Record<string, string>, request));
  }
  throw new ClerkError(404, "resource_not_found", "Not found");
}

function checkKey({ state }: RoutesOptions, request: Request): void {
  if (request.headers.get("authorization") === `Bearer ${state.instance.secretKey}`) return;
  throw new ClerkError(401, "clerk_key_invalid", "The provided Clerk Secret Key is invalid");
}

/** The key comes first: requests count for the instance whose key they have. */
function checkRate({ rateLimit }: RoutesOptions): void {
  const seconds = rateLimit?.take();
  if (seconds === undefined) return;
  throw new ClerkError(429, "too_many_requests", "Too many requests. Please try again in a bit.", {
    headers: { "retry-after": String(seconds) },
  });
}

/** Clerk's clock, which orders what is read here among the webhooks. */
function withDate(response: Response): Response {
  response.headers.set("date", new Date().toUTCString());
  return response;
}

function publicRoutes({ state }: RoutesOptions): Route[] {
  return [
    route("GET", "/.well-known/jwks.json", "open", () => json(publicKeys(state.instance))),
    route("GET", "/v1/jwks", "key", () => json(publicKeys(state.instance))),
  ];
}

function userRoutes(options: RoutesOptions): Route[] {
  const { state } = options;
  return [
    route("GET", "/v1/users", "limited", (_, request) => {
      return json(state.users.list(readUserQuery(new URL(request.url).searchParams, state.users)));
    }),
    // Before the one with an id, which would take "count" for it.
    route("GET", "/v1/users/count", "limited", (_, request) => {
      const filter = readUserFilter(new URL(request.url).searchParams);
      return json({ object: "total_count", total_count: state.users.count(filter) });
    }),
    route("POST", "/v1/users", "limited", async (_, request) => {
      const user = createUser(await readInput(state, request), Date.now());
      return json(store(options, "user.created", user));
    }),
    route("GET", "/v1/users/:id", "limited", ({ id }) => json(findUser(state, id))),
    route("PATCH", "/v1/users/:id", "limited", async ({ id }, request) => {
      const user = updateUser(findUser(state, id), await readInput(state, request, id), Date.now());
      return json(store(options, "user.updated", user));
    }),
    route("DELETE", "/v1/users/:id", "limited", ({ id }) => json(remove(options, findUser(state, id)))),
  ];
}

function sessionRoutes(options: RoutesOptions): Route[] {
  const { state, issuer } = options;
  return [
    route("GET", "/v1/sessions", "limited", (_, request) => {
      return json(listSessions(state.sessions.values(), new URL(request.url).searchParams));
    }),
    route("POST", "/v1/sessions", "limited", async (_, request) => {
      const { user_id } = await request.json();
      return json(sessionObject(signIn(options, findUser(state, user_id))));
    }),
    route("POST", "/v1/sessions/:id/tokens", "limited", async ({ id }) => {
      const session = state.sessions.get(id ?? "");
      if (!session) throw new ClerkError(404, "resource_not_found", "No session was found with this id");
      return json({ object: "token", jwt: await mintSessionToken(state.instance, { issuer, session }) });
    }),
  ];
}

/** What Clerk has no route for, to be used by hand: a token in one step, the messages, a message once more. */
function devRoutes(options: RoutesOptions): Route[] {
  const { state, sender, issuer } = options;
  return [
    route("POST", "/dev/token", "open", async (_, request) => {
      const { searchParams } = new URL(request.url);
      const user = findByEmail(state, searchParams.get("email"));
      const session = [...state.sessions.values()].find(({ userId }) => userId === user.id) ?? signIn(options, user);
      const azp = searchParams.get("azp") ?? undefined;
      return new Response(await mintSessionToken(state.instance, { issuer, session, azp }));
    }),
    route("GET", "/dev/messages", "open", () => json([...state.messages.values()])),
    route("POST", "/dev/messages/:id/resend", "open", async ({ id }) => json(await sender.resend(id ?? ""))),
  ];
}

function store(options: RoutesOptions, type: "user.created" | "user.updated", user: User): User {
  options.state.users.set(user);
  sendEvent(options, type, user);
  return user;
}

function remove(options: RoutesOptions, { id }: User): Record<string, unknown> {
  removeUser(options.state, id);
  const deleted = { object: "user", id, deleted: true };
  sendEvent(options, "user.deleted", deleted);
  return deleted;
}

function signIn(options: RoutesOptions, user: User): ClerkSession {
  const session = { id: createId("sess"), userId: user.id, createdAt: Date.now() };
  options.state.sessions.set(session.id, session);
  options.state.users.set({ ...user, last_sign_in_at: session.createdAt });
  sendEvent(options, "session.created", sessionObject(session));
  return session;
}

function sendEvent({ state, sender, changed }: RoutesOptions, type: string, data: unknown): void {
  sender.send(type, { data, instance_id: state.instance.id, object: "event", timestamp: Date.now(), type });
  changed();
}

function findUser(state: State, id: string | undefined): User {
  const user = state.users.get(id ?? "");
  if (!user) throw new ClerkError(404, "resource_not_found", "No user was found with this id");
  return user;
}

function findByEmail(state: State, email: string | null): User {
  const user = state.users.findByAddress(email ?? "");
  if (!user) throw new ClerkError(404, "resource_not_found", "No user was found with this address");
  return user;
}

/** As Clerk does: an address belongs to one user. */
async function readInput(state: State, request: Request, userId?: string): Promise<UserInput> {
  const input = await request.json();
  const addresses = input?.email_address ?? [];
  if (typeof input !== "object" || input === null || !Array.isArray(addresses) || !addresses.every(isAddress)) {
    throw new ClerkError(422, "form_param_format_invalid", "email_address must be a list of addresses");
  }
  for (const address of addresses) {
    if ((state.users.findByAddress(address)?.id ?? userId) !== userId) {
      throw new ClerkError(422, "form_identifier_exists", "That email address is taken. Please try another.");
    }
  }
  return input;
}

function isAddress(value: unknown): boolean {
  return typeof value === "string" && /^[^@\s]+@[^@\s]+$/.test(value);
}

function route(method: string, pathname: string, access: Access, answer: Answer): Route {
  return { method, pattern: new URLPattern({ pathname }), access, answer };
}

/** Clerk's SDK takes a body for JSON only where the content type is exactly this. */
function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...headers, "content-type": "application/json" } });
}

function errorResponse({ status, code, message, details: { param, headers } }: ClerkError): Response {
  const meta = param === undefined ? {} : { meta: { param_name: param } };
  return json({ errors: [{ code, message, long_message: message, ...meta }] }, status, headers);
}
