/**
 * The Backend API's routes of sessions and their tokens.
 *
 * @module
 */
import { findUser } from "../changes.ts";
import { invalidParameter } from "../errors.ts";
import { json, type Route, type RouteMaker } from "../http.ts";
import { mintTemplateToken } from "../template_tokens.ts";
import { findMembership } from "../organizations/membership_routes.ts";
import { type Body, readBody, readText, requireText } from "../organizations/parameters.ts";
import { findOrganization, type OrganizationRoutesOptions } from "../organizations/routes.ts";
import { findActiveSession, findSession, listSessions, sessionObject } from "../sessions.ts";
import { findSignInToken, signInTokenObject } from "../sign_in_tokens.ts";
import type { Switches } from "../switches.ts";
import { mintSessionToken } from "../tokens.ts";

/** Dependencies of the routes. */
export interface SessionRoutesOptions extends OrganizationRoutesOptions {
  switches: Switches;
  issuer: string;
}

/** Clerk's default lifetime of a sign-in token: 30 days. */
const SIGN_IN_TOKEN_SECONDS = 30 * 86_400;
const TESTING_TOKEN_SECONDS = 3_600;

/**
 * Returns the routes under `/v1/sessions`, and those of sign-in tokens and testing tokens.
 *
 * @param route Creates a route behind the key check and the rate limit.
 * @param options State, changes, switches and issuer.
 * @returns The routes.
 */
export function sessionRoutes(route: RouteMaker, options: SessionRoutesOptions): Route[] {
  const { state, changes } = options;
  return [
    route("GET", "/v1/sessions", (_, request) => json(listSessions(state, new URL(request.url).searchParams))),
    route("POST", "/v1/sessions", async (_, request) => {
      const body = await readBody(request);
      const user = findUser(state, requireText(body, "user_id"));
      const organizationId = readText(body, "active_organization_id");
      const organization = organizationId ? findOrganization(state, organizationId) : undefined;
      const session = changes.signIn(user);
      return json(sessionObject(state, organization ? changes.activate(session, organization.id) : session));
    }),
    route("GET", "/v1/sessions/:id", ({ id }) => json(sessionObject(state, findSession(state, id)))),
    route("POST", "/v1/sessions/:id/revoke", ({ id }) => {
      return json(sessionObject(state, changes.signOut(findActiveSession(state, id), "revoked")));
    }),
    ...tokenRoutes(route, options),
    ...signInTokenRoutes(route, options),
    // Like Clerk's, this time is in seconds.
    route("POST", "/v1/testing_tokens", () => {
      const now = Math.floor(Date.now() / 1_000);
      return json({
        object: "testing_token",
        token: `${now}-c_${crypto.randomUUID()}`,
        expires_at: now + TESTING_TOKEN_SECONDS,
      });
    }),
  ];
}

function tokenRoutes(route: RouteMaker, { state, switches, issuer }: SessionRoutesOptions): Route[] {
  const readOptions = async (id: string | undefined, request: Request) => ({
    issuer,
    session: findActiveSession(state, id),
    lifetimeSeconds: readSeconds(await readBody(request)),
  });
  return [
    route("POST", "/v1/sessions/:id/tokens", async ({ id }, request) => {
      const options = { ...await readOptions(id, request), switches };
      return json({ object: "token", jwt: await mintSessionToken(state, options) });
    }),
    route("POST", "/v1/sessions/:id/tokens/:template", async ({ id, template }, request) => {
      const jwt = await mintTemplateToken(state, template, await readOptions(id, request));
      return json({ object: "token", jwt });
    }),
  ];
}

function signInTokenRoutes(route: RouteMaker, { state, changes }: SessionRoutesOptions): Route[] {
  return [
    route("POST", "/v1/sign_in_tokens", async (_, request) => {
      const body = await readBody(request);
      const user_id = findUser(state, requireText(body, "user_id")).id;
      const organization = readText(body, "org_id");
      const organization_id = organization ? findMembership(state, organization, user_id).organization_id : null;
      const expires_in_seconds = readSeconds(body) ?? SIGN_IN_TOKEN_SECONDS;
      return json(signInTokenObject(changes.createSignInToken({ user_id, organization_id, expires_in_seconds })));
    }),
    route("POST", "/v1/sign_in_tokens/:id/revoke", ({ id }) => {
      return json(signInTokenObject(changes.revokeSignInToken(findSignInToken(state.signInTokens, id))));
    }),
  ];
}

function readSeconds({ expires_in_seconds: seconds }: Body): number | undefined {
  if (seconds === undefined || seconds === null) return undefined;
  if (Number.isInteger(seconds) && Number(seconds) > 0) return Number(seconds);
  throw invalidParameter("expires_in_seconds", "expires_in_seconds must be a positive whole number");
}
