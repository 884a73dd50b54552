/**
 * The Frontend API's routes of the browser's sessions.
 *
 * @module
 */
import { json, type Route } from "../http.ts";
import { originOf } from "../origins.ts";
import { findMembership } from "../organizations/membership_routes.ts";
import { sessionObject } from "../sessions.ts";
import type { ClerkSession } from "../state.ts";
import { mintTemplateToken } from "../template_tokens.ts";
import { mintSessionToken } from "../tokens.ts";
import { answer, findSession, type FrontendOptions, frontendRoute, showing } from "./answers.ts";
import { readForm } from "./forms.ts";
import { sessionResource } from "./resources.ts";

/**
 * Returns the routes that read, activate and end the browser's sessions and sign tokens.
 *
 * @param options State, changes and issuer.
 * @returns The routes.
 */
export function sessionRoutes(options: FrontendOptions): Route[] {
  const { state, changes, switches, issuer } = options;
  return [
    frontendRoute("GET", "/client/sessions/:id", async ({ id }, request) => {
      const { client, session } = findSession(state, request, id);
      return await answer(options, request, client, await sessionResource(showing(options, request), session));
    }),
    frontendRoute("POST", "/client/sessions/:id/touch", async ({ id }, request) => {
      const { client, session: found } = findSession(state, request, id);
      const organizationId = (await readForm(request)).get("active_organization_id");
      const session = organizationId === null ? found : activate(options, found, organizationId);
      client.activeSessionId = session.id;
      return await answer(options, request, client, await sessionResource(showing(options, request), session));
    }),
    // This response is the only one without the wrapper `response`.
    frontendRoute("POST", "/client/sessions/:id/tokens", async ({ id }, request) => {
      const { session } = findSession(state, request, id);
      const jwt = await mintSessionToken(state, { issuer, session, switches, azp: originOf(request) });
      return json({ object: "token", jwt });
    }),
    frontendRoute("POST", "/client/sessions/:id/tokens/:template", async ({ id, template }, request) => {
      const { session } = findSession(state, request, id);
      const jwt = await mintTemplateToken(state, template, { issuer, session, azp: originOf(request) });
      return json({ object: "token", jwt });
    }),
    // Different versions of clerk-js end a session by different routes.
    ...([["DELETE", "", "removed"], ["POST", "/remove", "removed"], ["POST", "/end", "ended"]] as const).map((
      [method, end, status],
    ) =>
      frontendRoute(method, `/client/sessions/:id${end}`, ({ id }, request) => {
        const { client, session } = findSession(state, request, id);
        return answer(options, request, client, sessionObject(state, changes.signOut(session, status)));
      })
    ),
  ];
}

/** Sets the session's active organization; an empty id clears it. */
function activate({ state, changes }: FrontendOptions, session: ClerkSession, organizationId: string): ClerkSession {
  if (organizationId === "") return changes.activate(session, undefined);
  return changes.activate(session, findMembership(state, organizationId, session.userId).organization_id);
}
