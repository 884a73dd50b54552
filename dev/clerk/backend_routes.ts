/**
 * The routes of Clerk's Backend API.
 *
 * @module
 */
import { type Changes, findUser } from "./changes.ts";
import { ClerkError } from "./errors.ts";
import type { Handshakes } from "./handshakes.ts";
import { type Answer, json, type Route, route, type RouteMaker } from "./http.ts";
import { publicKeys } from "./keys.ts";
import { checkOrganizations, findOrganization, organizationRoutes } from "./organizations/routes.ts";
import { membershipRoutes } from "./organizations/membership_routes.ts";
import { invitationRoutes } from "./organizations/invitation_routes.ts";
import { roleRoutes } from "./organizations/role_routes.ts";
import { readUserFilter, readUserQuery } from "./parameters.ts";
import type { RateLimit } from "./rate_limit.ts";
import { listSessions, sessionObject } from "./sessions.ts";
import type { ClerkSession, State } from "./state.ts";
import type { Switches } from "./switches.ts";
import { mintSessionToken } from "./tokens.ts";
import { isAddress, type UserInput } from "./users.ts";

/** What the routes work on. */
export interface BackendRoutesOptions {
  state: State;
  changes: Changes;
  switches: Switches;
  issuer: string;
  /** What the Backend API may be asked; undefined for as much as one likes. */
  rateLimit: RateLimit | undefined;
  handshakes: Handshakes;
}

/**
 * Makes the routes.
 *
 * @param options State, changes, issuer, rate limit.
 * @returns The routes.
 */
export function backendRoutes(options: BackendRoutesOptions): Route[] {
  return [
    ...keyRoutes(options),
    ...userRoutes(options),
    ...sessionRoutes(options),
    ...clientRoutes(options),
    ...tenantRoutes(options),
  ];
}

function keyRoutes(options: BackendRoutesOptions): Route[] {
  const answer = () => json(publicKeys(options.state.instance));
  return [
    route("GET", "/.well-known/jwks.json", answer),
    route("GET", "/v1/jwks", withKey(options, answer)),
  ];
}

function userRoutes(options: BackendRoutesOptions): Route[] {
  const { state, changes } = options;
  const limited = limitedRoutes(options);
  return [
    limited("GET", "/v1/users", (_, request) => {
      return json(state.users.list(readUserQuery(new URL(request.url).searchParams, state.users)));
    }),
    // Before the one with an id, which would take "count" for it.
    limited("GET", "/v1/users/count", (_, request) => {
      const filter = readUserFilter(new URL(request.url).searchParams);
      return json({ object: "total_count", total_count: state.users.count(filter) });
    }),
    limited("POST", "/v1/users", async (_, request) => json(await changes.createUser(await readInput(request)))),
    limited("GET", "/v1/users/:id", ({ id }) => json(findUser(state, id))),
    limited("PATCH", "/v1/users/:id", async ({ id }, request) => {
      return json(await changes.updateUser(findUser(state, id), await readInput(request)));
    }),
    limited("DELETE", "/v1/users/:id", ({ id }) => json(changes.deleteUser(findUser(state, id)))),
  ];
}

function sessionRoutes(options: BackendRoutesOptions): Route[] {
  const { state, changes, switches, issuer } = options;
  const limited = limitedRoutes(options);
  return [
    limited("GET", "/v1/sessions", (_, request) => {
      return json(listSessions(state, new URL(request.url).searchParams));
    }),
    limited("POST", "/v1/sessions", async (_, request) => {
      const { user_id, active_organization_id } = await request.json();
      const user = findUser(state, user_id);
      const organization = active_organization_id && findOrganization(state, active_organization_id);
      const session = changes.signIn(user);
      return json(sessionObject(state, organization ? changes.activate(session, organization.id) : session));
    }),
    limited("POST", "/v1/sessions/:id/tokens", async ({ id }) => {
      const session = findSession(state, id);
      return json({ object: "token", jwt: await mintSessionToken(state, { issuer, session, switches }) });
    }),
    limited("POST", "/v1/sessions/:id/revoke", ({ id }) => {
      const session = findSession(state, id);
      changes.signOut(session);
      return json(sessionObject(state, session, "revoked"));
    }),
  ];
}

function clientRoutes(options: BackendRoutesOptions): Route[] {
  return [
    limitedRoutes(options)("GET", "/v1/clients/handshake_payload", (_, request) => {
      const nonce = new URL(request.url).searchParams.get("nonce") ?? "";
      const directives = options.handshakes.take(nonce);
      if (directives) return json({ directives });
      throw new ClerkError(404, "resource_not_found", "No handshake was found with this nonce");
    }),
  ];
}

/** Organizations, and what belongs to them: refused as Clerk does if the instance has none. */
function tenantRoutes(options: BackendRoutesOptions): Route[] {
  const limited = limitedRoutes(options);
  const enabled: RouteMaker = (method, pathname, answer) =>
    limited(method, pathname, (parameters, request) => {
      checkOrganizations(options.switches);
      return answer(parameters, request);
    });
  const makers = [organizationRoutes, membershipRoutes, invitationRoutes, roleRoutes];
  return makers.flatMap((make) => make(enabled, options));
}

/** The key comes before the rate limit: requests count for the instance whose key they have. */
function limitedRoutes(options: BackendRoutesOptions): RouteMaker {
  return (method, pathname, answer) => {
    const limited: Answer = (parameters, request) => {
      checkRate(options);
      return answer(parameters, request);
    };
    return route(method, pathname, withKey(options, limited));
  };
}

function withKey({ state }: BackendRoutesOptions, answer: Answer): Answer {
  return (parameters, request) => {
    if (request.headers.get("authorization") !== `Bearer ${state.instance.secretKey}`) {
      throw new ClerkError(401, "clerk_key_invalid", "The provided Clerk Secret Key is invalid");
    }
    return answer(parameters, request);
  };
}

function checkRate({ rateLimit }: BackendRoutesOptions): void {
  const seconds = rateLimit?.take();
  if (seconds === undefined) return;
  throw new ClerkError(429, "too_many_requests", "Too many requests. Please try again in a bit.", {
    headers: { "retry-after": String(seconds) },
  });
}

function findSession(state: State, id: string | undefined): ClerkSession {
  const session = state.sessions.get(id ?? "");
  if (!session) throw new ClerkError(404, "resource_not_found", "No session was found with this id");
  return session;
}

async function readInput(request: Request): Promise<UserInput> {
  const input = await request.json();
  const addresses = input?.email_address ?? [];
  if (typeof input !== "object" || input === null || !Array.isArray(addresses) || !addresses.every(isAddress)) {
    throw new ClerkError(422, "form_param_format_invalid", "email_address must be a list of addresses");
  }
  return input;
}
