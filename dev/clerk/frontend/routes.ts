/**
 * Clerk's Frontend API, as far as the real clerk-js needs it for users with a password.
 *
 * @module
 */
import { findUser } from "../changes.ts";
import { ClerkError } from "../errors.ts";
import { dispatch, json, type Route } from "../http.ts";
import { createId } from "../keys.ts";
import { originOf } from "../origins.ts";
import { findMembership } from "../organizations/membership_routes.ts";
import { isPassword } from "../passwords.ts";
import { sessionObject } from "../sessions.ts";
import type { ClerkSession, State } from "../state.ts";
import { mintSessionToken } from "../tokens.ts";
import type { User } from "../users.ts";
import { answer, findCaller, findSession, type FrontendOptions, frontendRoute, showing } from "./answers.ts";
import { findClient, sessionsOf, welcomeClient } from "./clients.ts";
import { type Credentials, readForm, readProfile, readSignIn, readSignUp } from "./forms.ts";
import { mergeMetadata } from "../metadata.ts";
import { organizationRoutes } from "./organizations.ts";
import { clientResource, sessionResource, userResource } from "./resources.ts";

/**
 * Makes the Frontend API.
 *
 * @param options State, changes, issuer.
 * @returns The handler.
 */
export function createFrontend(options: FrontendOptions): (request: Request) => Promise<Response> {
  const routes = [
    ...clientRoutes(options),
    ...signRoutes(options),
    ...sessionRoutes(options),
    ...meRoutes(options),
    ...organizationRoutes(options),
  ];
  // clerk-js sends every change as a POST, so that no preflight is needed, and says in the query what it means.
  return (request) => dispatch(routes, request, new URL(request.url).searchParams.get("_method") ?? request.method);
}

function clientRoutes(options: FrontendOptions): Route[] {
  const { state, changes, switches } = options;
  // Whatever else a real one has would switch something on.
  const environment = () => json({ organization_settings: { enabled: switches.organizations } });
  return [
    frontendRoute("GET", "/environment", environment),
    frontendRoute("PATCH", "/environment", environment),
    frontendRoute("POST", "/dev_browser", () => json({ id: createId("dvb") })),
    frontendRoute("GET", "/client", async (_, request) => {
      const client = findClient(state, request);
      return json({ response: client ? await clientResource(showing(options, request), client) : null, client: null });
    }),
    frontendRoute("DELETE", "/client/sessions", (_, request) => {
      const client = findClient(state, request);
      for (const session of client ? sessionsOf(state, client) : []) changes.signOut(session);
      return answer(options, request, client);
    }),
  ];
}

function signRoutes(options: FrontendOptions): Route[] {
  const { state, changes } = options;
  return [
    frontendRoute("POST", "/client/sign_ups", async (_, request) => {
      checkSignedOut(state, request);
      const user = await changes.createUser(readSignUp(await readForm(request)));
      return await enter(options, request, user, "sign_up_attempt");
    }),
    frontendRoute("POST", "/client/sign_ins", async (_, request) => {
      checkSignedOut(state, request);
      const user = await authenticate(state, readSignIn(await readForm(request)));
      return await enter(options, request, user, "sign_in_attempt");
    }),
  ];
}

function sessionRoutes(options: FrontendOptions): Route[] {
  const { state, changes, switches, issuer } = options;
  return [
    frontendRoute("POST", "/client/sessions/:id/touch", async ({ id }, request) => {
      const { client, session: found } = findSession(state, request, id);
      const organizationId = (await readForm(request)).get("active_organization_id");
      const session = organizationId === null ? found : activate(options, found, organizationId);
      client.activeSessionId = session.id;
      return await answer(options, request, client, await sessionResource(showing(options, request), session));
    }),
    // The one answer that is not wrapped.
    frontendRoute("POST", "/client/sessions/:id/tokens", async ({ id }, request) => {
      const { session } = findSession(state, request, id);
      const jwt = await mintSessionToken(state, { issuer, session, switches, azp: originOf(request) });
      return json({ object: "token", jwt });
    }),
    // What signs one session out, as clerk-js has it in different versions.
    ...[["DELETE", ""], ["POST", "/remove"], ["POST", "/end"]].map(([method, end]) =>
      frontendRoute(method!, `/client/sessions/:id${end}`, ({ id }, request) => {
        const { client, session } = findSession(state, request, id);
        changes.signOut(session);
        return answer(options, request, client, sessionObject(state, session, "removed"));
      })
    ),
  ];
}

function meRoutes(options: FrontendOptions): Route[] {
  const { state, changes } = options;
  const find = (request: Request) => findCaller(state, request);
  return [
    frontendRoute("GET", "/me", (_, request) => {
      const { client, user } = find(request);
      return answer(options, request, client, userResource(state, user));
    }),
    frontendRoute("PATCH", "/me", async (_, request) => {
      const { client, user } = find(request);
      const changed = await changes.updateUser(user, readProfile(await readForm(request)));
      return await answer(options, request, client, userResource(state, changed));
    }),
    frontendRoute("PATCH", "/me/metadata", async (_, request) => {
      const { client, user } = find(request);
      const { unsafe_metadata = {} } = readProfile(await readForm(request));
      const merged = mergeMetadata(user.unsafe_metadata, unsafe_metadata);
      const changed = await changes.updateUser(user, { unsafe_metadata: merged });
      return await answer(options, request, client, userResource(state, changed));
    }),
    frontendRoute("DELETE", "/me", (_, request) => {
      const { client, user } = find(request);
      return answer(options, request, client, changes.deleteUser(user));
    }),
  ];
}

/** Has the user act for an organization, or for none if the id is empty. */
function activate({ state, changes }: FrontendOptions, session: ClerkSession, organizationId: string): ClerkSession {
  if (organizationId === "") return changes.activate(session, undefined);
  return changes.activate(session, findMembership(state, organizationId, session.userId).organization_id);
}

/** Clerk's default: one session in a browser. */
function checkSignedOut(state: State, request: Request): void {
  const client = findClient(state, request);
  if (!client || sessionsOf(state, client).length === 0) return;
  throw new ClerkError(400, "session_exists", "You're already signed in.");
}

async function authenticate(state: State, { identifier, password }: Credentials): Promise<User> {
  const user = state.users.findByAddress(identifier);
  if (!user) {
    throw new ClerkError(422, "form_identifier_not_found", "Couldn't find your account.", { param: "identifier" });
  }
  const kept = state.passwords.get(user.id);
  if (kept && await isPassword(password, kept)) return user;
  const message = "Password is incorrect. Try again, or use another method.";
  throw new ClerkError(422, "form_password_incorrect", message, { param: "password" });
}

/** Signs in, and says so as the answer to an attempt. */
async function enter(
  options: FrontendOptions,
  request: Request,
  user: User,
  object: "sign_up_attempt" | "sign_in_attempt",
): Promise<Response> {
  const { client, headers } = welcomeClient(options.state, request);
  const session = options.changes.signIn(findUser(options.state, user.id), client.id);
  client.activeSessionId = session.id;
  const identifier = user.email_addresses[0]?.email_address ?? null;
  const attempt = {
    object,
    id: createId(object === "sign_up_attempt" ? "sua" : "sia"),
    status: "complete",
    created_session_id: session.id,
    ...(object === "sign_up_attempt" ? { created_user_id: user.id, email_address: identifier } : { identifier }),
  };
  return await answer(options, request, client, attempt, headers);
}
