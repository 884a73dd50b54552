/**
 * The Backend API's routes of OAuth applications.
 *
 * @module
 */
import { findUser } from "../changes.ts";
import { ClerkError, invalidParameter } from "../errors.ts";
import { json, type Route, type RouteMaker } from "../http.ts";
import { pageObject } from "../organizations/lists.ts";
import { type Body, readBody, readText, requireText } from "../organizations/parameters.ts";
import { readPage, refuseOthers } from "../parameters.ts";
import type { State } from "../state.ts";
import { createOAuthApplication, createSecret, type OAuthApplication, oauthApplicationObject } from "./applications.ts";
import { findGrant, type OAuthGrant } from "./grants.ts";

/** Dependencies of the routes. */
export interface OAuthRoutesOptions {
  state: State;
  /** Saves the state. */
  changed: () => void;
  issuer: string;
}

/**
 * Returns the routes under `/v1/oauth_applications`, and the one that verifies an access token.
 *
 * @param route Creates a route behind the key check and the rate limit.
 * @param options State, issuer and how to save.
 * @returns The routes.
 */
export function oauthApplicationRoutes(route: RouteMaker, options: OAuthRoutesOptions): Route[] {
  const { state, changed, issuer } = options;
  const path = "/v1/oauth_applications";
  const show = (application: OAuthApplication, hasSecret = false) =>
    oauthApplicationObject(application, { instanceId: state.instance.id, issuer }, hasSecret);
  const store = (application: OAuthApplication) => {
    state.oauthApplications.set(application.id, application);
    changed();
    return application;
  };
  const change = (id: string | undefined, fields: Partial<OAuthApplication>) => {
    const known = findOAuthApplication(state, id);
    return store({ ...known, ...fields, updated_at: Math.max(Date.now(), known.updated_at + 1) });
  };
  return [
    route("GET", path, (_, request) => {
      const parameters = new URL(request.url).searchParams;
      refuseOthers(parameters, ["limit", "offset"]);
      const { limit, offset } = readPage(parameters);
      const all = [...state.oauthApplications.values()].sort((one, other) => other.created_at - one.created_at);
      return json(pageObject({ items: all.slice(offset, offset + limit), totalCount: all.length }, (one) => show(one)));
    }),
    route("POST", path, async (_, request) => {
      const body = await readBody(request);
      const name = requireText(body, "name");
      return json(show(store(createOAuthApplication({ ...readApplication(body), name }, Date.now())), true));
    }),
    route("GET", `${path}/:id`, ({ id }) => json(show(findOAuthApplication(state, id)))),
    route(
      "PATCH",
      `${path}/:id`,
      async ({ id }, request) => json(show(change(id, readApplication(await readBody(request))))),
    ),
    route("DELETE", `${path}/:id`, ({ id }) => {
      const { id: gone } = findOAuthApplication(state, id);
      state.oauthApplications.delete(gone);
      changed();
      return json({ object: "oauth_application", id: gone, deleted: true });
    }),
    route(
      "POST",
      `${path}/:id/rotate_secret`,
      ({ id }) => json(show(change(id, { client_secret: createSecret() }), true)),
    ),
    ...tokenRoutes(route, options),
  ];
}

function tokenRoutes(route: RouteMaker, { state, changed }: OAuthRoutesOptions): Route[] {
  return [
    route("POST", "/v1/oauth_applications/:id/revoke_token", async ({ id }, request) => {
      const { client_id } = findOAuthApplication(state, id);
      const token = requireText(await readBody(request), "token");
      const grant = findGrant(state.oauthGrants, "access_token", token) ??
        findGrant(state.oauthGrants, "refresh_token", token);
      if (grant?.client_id !== client_id) throw new ClerkError(404, "resource_not_found", "No token was found");
      state.oauthGrants.set(grant.id, { ...grant, revoked: true, updated_at: Date.now() });
      changed();
      return new Response(null, { status: 204 });
    }),
    // Clerk's path of this route has no version.
    route("POST", "/oauth_applications/access_tokens/verify", async (_, request) => {
      const grant = findGrant(state.oauthGrants, "access_token", requireText(await readBody(request), "access_token"));
      if (!grant) throw new ClerkError(404, "resource_not_found", "No OAuth access token was found");
      findUser(state, grant.user_id);
      return json(accessTokenObject(grant));
    }),
  ];
}

function accessTokenObject({ id, client_id, user_id, scopes, access_expires_at, ...grant }: OAuthGrant) {
  return {
    ...{ object: "clerk_idp_oauth_access_token", id, client_id, type: "oauth_token", subject: user_id, scopes },
    ...{
      revoked: false,
      revocation_reason: null,
      expired: access_expires_at <= Date.now(),
      expiration: access_expires_at,
    },
    ...{ created_at: grant.created_at, updated_at: grant.updated_at },
  };
}

function readApplication(body: Body): Partial<OAuthApplication> {
  const flags = ["public", "pkce_required", "consent_screen_enabled"].flatMap((name) => {
    return typeof body[name] === "boolean" ? [[name, body[name]]] : [];
  });
  const texts = ["name", "scopes"].flatMap((name) => {
    const text = readText(body, name);
    return text === undefined ? [] : [[name, text]];
  });
  const uris = body.redirect_uris ?? (readText(body, "callback_url") === undefined ? undefined : [body.callback_url]);
  if (uris === undefined) return Object.fromEntries([...flags, ...texts]);
  if (!Array.isArray(uris) || !uris.every((uri) => typeof uri === "string" && URL.canParse(uri))) {
    throw invalidParameter("redirect_uris", "redirect_uris must be a list of URLs");
  }
  return Object.fromEntries([...flags, ...texts, ["redirect_uris", uris]]);
}

function findOAuthApplication({ oauthApplications }: State, id: string | undefined): OAuthApplication {
  const application = oauthApplications.get(id ?? "");
  if (application) return application;
  throw new ClerkError(404, "resource_not_found", "No OAuth application was found with this id");
}
