/**
 * Combines the routes of Clerk's Frontend API that Clerk's SDKs and components need for users with a password or an
 * e-mail address.
 *
 * @module
 */
import { dispatch, json, type Route } from "../http.ts";
import { originOf } from "../origins.ts";
import { answer, type FrontendOptions, frontendRoute, showing, shown } from "./answers.ts";
import { assetRoutes } from "./assets.ts";
import { createAttempts } from "./attempts.ts";
import { avatarRoutes } from "./avatars.ts";
import { findClient, sessionsOf } from "./clients.ts";
import { environment } from "./environment.ts";
import { handshakeRoutes } from "./handshake.ts";
import { meRoutes } from "./me.ts";
import { organizationRoutes } from "./organizations.ts";
import { clientResource } from "./resources.ts";
import { sessionRoutes } from "./sessions.ts";
import { signInRoutes } from "./sign_ins.ts";
import { signUpRoutes } from "./sign_ups.ts";

/** Dependencies of the Frontend API, without those that it creates itself. */
export type FrontendRoutesOptions = Omit<FrontendOptions, "findAttempts">;

/**
 * Returns the handler of the Frontend API.
 *
 * @param given State, changes, issuer and keys.
 * @returns The handler.
 */
export function createFrontend(given: FrontendRoutesOptions): (request: Request) => Promise<Response> {
  const options = { ...given, findAttempts: createAttempts() };
  const routes = [
    ...assetRoutes(),
    ...avatarRoutes(options.state),
    ...handshakeRoutes(options),
    ...clientRoutes(options),
    ...signInRoutes(options),
    ...signUpRoutes(options),
    ...sessionRoutes(options),
    ...meRoutes(options),
    ...organizationRoutes(options),
  ];
  return (request) => dispatch(routes, request, methodOf(request));
}

/**
 * Returns the intended method: clerk-js sends every change as a POST, which needs no preflight, with the method in the
 * query. A GET stays a GET, because a link of any page sends one with the user's cookies.
 */
function methodOf({ method, url }: Request): string {
  return method === "POST" ? new URL(url).searchParams.get("_method") ?? method : method;
}

function clientRoutes(options: FrontendOptions): Route[] {
  const { state, changes, switches, issuer } = options;
  const show = (_: unknown, request: Request) => json(environment({ switches, origin: originOf(request) ?? issuer }));
  return [
    frontendRoute("GET", "/environment", show),
    frontendRoute("PATCH", "/environment", show),
    frontendRoute("GET", "/client", async (_, request) => {
      const client = findClient(state, request);
      const response = client ? await clientResource(showing(options, request), client) : null;
      return shown(options, { response, client: null });
    }),
    ...["/client", "/client/sessions"].map((path) =>
      frontendRoute("DELETE", path, (_, request) => {
        const client = findClient(state, request);
        for (const session of client ? sessionsOf(state, client) : []) changes.signOut(session);
        return answer(options, request, client);
      })
    ),
  ];
}
