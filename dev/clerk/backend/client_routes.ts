/**
 * The Backend API's routes of clients, which are browsers.
 *
 * @module
 */
import { ClerkError } from "../errors.ts";
import { json, type Route, type RouteMaker } from "../http.ts";
import { readBody, requireText } from "../organizations/parameters.ts";
import type { OrganizationRoutesOptions } from "../organizations/routes.ts";
import { readPage, refuseOthers } from "../parameters.ts";
import { sessionObject } from "../sessions.ts";
import type { ClerkClient, State } from "../state.ts";

/**
 * Returns the routes under `/v1/clients`.
 *
 * @param route Creates a route behind the key check and the rate limit.
 * @param options The state.
 * @returns The routes.
 */
export function clientRoutes(route: RouteMaker, { state }: OrganizationRoutesOptions): Route[] {
  return [
    route("GET", "/v1/clients", (_, request) => json(listClients(state, new URL(request.url).searchParams))),
    route("GET", "/v1/clients/:id", ({ id }) => {
      return json(clientObject(state, require([...state.clients.values()].find((client) => client.id === id))));
    }),
    // The token in the body is the value of the browser's `__client` cookie.
    route("POST", "/v1/clients/verify", async (_, request) => {
      const token = requireText(await readBody(request), "token");
      return json(clientObject(state, require(state.clients.get(token))));
    }),
  ];
}

function listClients(state: State, parameters: URLSearchParams): unknown {
  refuseOthers(parameters, ["limit", "offset", "paginated"]);
  const { limit, offset } = readPage(parameters);
  const clients = [...state.clients.values()].sort((one, other) => other.createdAt - one.createdAt);
  const page = clients.slice(offset, offset + limit).map((client) => clientObject(state, client));
  return parameters.get("paginated") === "true" ? { data: page, total_count: clients.length } : page;
}

function clientObject(
  state: State,
  { id, createdAt, updatedAt, activeSessionId }: ClerkClient,
): Record<string, unknown> {
  const sessions = [...state.sessions.values()].filter(({ clientId }) => clientId === id);
  return {
    object: "client",
    id,
    session_ids: sessions.map((session) => session.id),
    sessions: sessions.map((session) => sessionObject(state, session)),
    sign_in_id: null,
    sign_up_id: null,
    last_active_session_id: activeSessionId,
    last_authentication_strategy: null,
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

function require(client: ClerkClient | undefined): ClerkClient {
  if (client) return client;
  throw new ClerkError(404, "resource_not_found", "No client was found");
}
