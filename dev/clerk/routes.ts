/**
 * The simulator's HTTP routes.
 *
 * @module
 */
import { createId, publicKeys } from "./keys.ts";
import type { ClerkSession, State } from "./state.ts";
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
}

/** An error in Clerk's format. */
class ClerkError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

/** Answers one route. */
type Answer = (parameters: Record<string, string>, request: Request) => Response | Promise<Response>;

/** A route: method, path with `:names`, and whether it takes the secret key. */
interface Route {
  method: string;
  pattern: URLPattern;
  open: boolean;
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
      return await dispatch(routes, options.state.instance.secretKey, request);
    } catch (error) {
      if (error instanceof ClerkError) return errorResponse(error);
      if (error instanceof SyntaxError) {
        return errorResponse(new ClerkError(400, "request_body_invalid", error.message));
      }
      throw error;
    }
  };
}

async function dispatch(routes: readonly Route[], secretKey: string, request: Request): Promise<Response> {
  for (const { method, pattern, open, answer } of routes) {
    const match = method === request.method && pattern.exec(request.url);
    if (!match) continue;
    if (!open && request.headers.get("authorization") !== `Bearer ${secretKey}`) {
      throw new ClerkError(401, "clerk_key_invalid", "The provided Clerk Secret Key is invalid");
    }
    return withDate(await answer(match.pathname.groups as Record<string, string>, request));
  }
  throw new ClerkError(404, "resource_not_found", "Not found");
}

/** Clerk's clock, which orders what is read here among the webhooks. */
function withDate(response: Response): Response {
  response.headers.set("date", new Date().toUTCString());
  return response;
}

function publicRoutes({ state }: RoutesOptions): Route[] {
  return [
    route("GET", "/.well-known/jwks.json", true, () => json(publicKeys(state.instance))),
    route("GET", "/v1/jwks", false, () => json(publicKeys(state.instance))),
  ];
}

function userRoutes(options: RoutesOptions): Route[] {
  const { state } = options;
  return [
    route("POST", "/v1/users", false, async (_, request) => {
      const user = createUser(await readInput(state, request), Date.now());
      return json(store(options, "user.created", user));
    }),
    route("GET", "/v1/users/:id", false, ({ id }) => json(findUser(state, id))),
    route("PATCH", "/v1/users/:id", false, async ({ id }, request) => {
      const user = updateUser(findUser(state, id), await readInput(state, request, id), Date.now());
      return json(store(options, "user.updated", user));
    }),
    route("DELETE", "/v1/users/:id", false, ({ id }) => json(remove(options, findUser(state, id)))),
  ];
}

function sessionRoutes(options: RoutesOptions): Route[] {
  const { state, issuer } = options;
  return [
    route("POST", "/v1/sessions", false, async (_, request) => {
      const { user_id } = await request.json();
      return json(sessionObject(signIn(options, findUser(state, user_id))));
    }),
    route("POST", "/v1/sessions/:id/tokens", false, async ({ id }) => {
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
    route("POST", "/dev/token", true, async (_, request) => {
      const { searchParams } = new URL(request.url);
      const user = findByEmail(state, searchParams.get("email"));
      const session = [...state.sessions.values()].find(({ userId }) => userId === user.id) ?? signIn(options, user);
      const azp = searchParams.get("azp") ?? undefined;
      return new Response(await mintSessionToken(state.instance, { issuer, session, azp }));
    }),
    route("GET", "/dev/messages", true, () => json([...state.messages.values()])),
    route("POST", "/dev/messages/:id/resend", true, async ({ id }) => json(await sender.resend(id ?? ""))),
  ];
}

function store(options: RoutesOptions, type: "user.created" | "user.updated", user: User): User {
  options.state.users.set(user.id, user);
  sendEvent(options, type, user);
  return user;
}

function remove(options: RoutesOptions, { id }: User): Record<string, unknown> {
  options.state.users.delete(id);
  for (const session of options.state.sessions.values()) {
    if (session.userId === id) options.state.sessions.delete(session.id);
  }
  const deleted = { object: "user", id, deleted: true };
  sendEvent(options, "user.deleted", deleted);
  return deleted;
}

function signIn(options: RoutesOptions, user: User): ClerkSession {
  const session = { id: createId("sess"), userId: user.id, createdAt: Date.now() };
  options.state.sessions.set(session.id, session);
  options.state.users.set(user.id, { ...user, last_sign_in_at: session.createdAt });
  sendEvent(options, "session.created", sessionObject(session));
  return session;
}

function sessionObject({ id, userId, createdAt }: ClerkSession): Record<string, unknown> {
  return { object: "session", id, user_id: userId, status: "active", created_at: createdAt, updated_at: createdAt };
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
  for (const user of state.users.values()) {
    if (user.email_addresses.some(({ email_address }) => email_address === email)) return user;
  }
  throw new ClerkError(404, "resource_not_found", "No user was found with this address");
}

/** As Clerk does: an address belongs to one user. */
async function readInput(state: State, request: Request, userId?: string): Promise<UserInput> {
  const input = await request.json();
  const addresses = input?.email_address ?? [];
  if (typeof input !== "object" || input === null || !Array.isArray(addresses) || !addresses.every(isAddress)) {
    throw new ClerkError(422, "form_param_format_invalid", "email_address must be a list of addresses");
  }
  for (const { id, email_addresses } of state.users.values()) {
    if (id !== userId && email_addresses.some(({ email_address }) => addresses.includes(email_address))) {
      throw new ClerkError(422, "form_identifier_exists", "That email address is taken. Please try another.");
    }
  }
  return input;
}

function isAddress(value: unknown): boolean {
  return typeof value === "string" && /^[^@\s]+@[^@\s]+$/.test(value);
}

function route(method: string, pathname: string, open: boolean, answer: Answer): Route {
  return { method, pattern: new URLPattern({ pathname }), open, answer };
}

/** Clerk's SDK takes a body for JSON only where the content type is exactly this. */
function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

function errorResponse({ status, code, message }: ClerkError): Response {
  return json({ errors: [{ code, message, long_message: message }] }, status);
}
