/**
 * Routes that let an OAuth application exchange, use and revoke tokens.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { json, type Route, route } from "../http.ts";
import type { State } from "../state.ts";
import type { User } from "../users.ts";
import type { OAuthApplication } from "./applications.ts";
import type { OAuthRoutesOptions } from "./application_routes.ts";
import { findGrant, matchesChallenge, type OAuthGrant, TOKEN_SECONDS, withTokens } from "./grants.ts";
import { mintIdToken, userInfo } from "./user_info.ts";

/** An error in OAuth's format. */
class OAuthError extends Error {
  override name = "OAuthError";
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

/** Returns the routes `/oauth/token`, `/oauth/userinfo` and their companions, which answer errors in OAuth's format. */
export function tokenRoutes(options: OAuthRoutesOptions): Route[] {
  const { state, changed } = options;
  const oauthRoute = (method: string, path: string, answer: (request: Request) => Promise<Response>) =>
    route(method, path, (_, request) => answer(request).catch(errorResponse));
  // deno-lint-ignore require-await
  const showCaller = async (request: Request) => json(showUser(state, request));
  return [
    oauthRoute("POST", "/oauth/token", async (request) => {
      const form = await readForm(request);
      const grant = readGrant(state, form, authenticate(state, request, form));
      return json(await issue(options, grant));
    }),
    oauthRoute("GET", "/oauth/userinfo", showCaller),
    oauthRoute("POST", "/oauth/userinfo", showCaller),
    oauthRoute("POST", "/oauth/token_info", async (request) => {
      const form = await readForm(request);
      const { client_id } = authenticate(state, request, form);
      const grant = grantOf(state, form.get("token"));
      if (grant?.client_id !== client_id) return json({ active: false });
      const exp = Math.floor(grant.access_expires_at / 1_000);
      return json({ active: true, client_id, sub: grant.user_id, scope: grant.scopes.join(" "), exp });
    }),
    oauthRoute("POST", "/oauth/token/revoke", async (request) => {
      const form = await readForm(request);
      const { client_id } = authenticate(state, request, form);
      const grant = grantOf(state, form.get("token"));
      if (grant?.client_id === client_id) {
        state.oauthGrants.set(grant.id, { ...grant, revoked: true, updated_at: Date.now() });
      }
      changed();
      return new Response(null, { status: 200 });
    }),
  ];
}

async function issue(
  { state, changed, issuer }: OAuthRoutesOptions,
  known: OAuthGrant,
): Promise<Record<string, unknown>> {
  const user = userOf(state, known);
  const grant = withTokens(known, Date.now());
  state.oauthGrants.set(grant.id, grant);
  changed();
  return {
    access_token: grant.access_token,
    token_type: "Bearer",
    expires_in: TOKEN_SECONDS,
    refresh_token: grant.refresh_token,
    scope: grant.scopes.join(" "),
    ...(grant.scopes.includes("openid") && { id_token: await mintIdToken(state, user, grant, issuer) }),
  };
}

function readGrant(state: State, form: URLSearchParams, { client_id }: OAuthApplication): OAuthGrant {
  const type = form.get("grant_type");
  if (type !== "authorization_code" && type !== "refresh_token") {
    throw new OAuthError(400, "unsupported_grant_type", "grant_type must be authorization_code or refresh_token");
  }
  const isCode = type === "authorization_code";
  const grant = isCode
    ? findGrant(state.oauthGrants, "code", form.get("code"))
    : findGrant(state.oauthGrants, "refresh_token", form.get(type));
  if (grant?.client_id !== client_id) throw new OAuthError(400, "invalid_grant", "The code or token is not valid");
  if (!isCode) return grant;
  if (grant.code_expires_at <= Date.now()) throw new OAuthError(400, "invalid_grant", "The code has expired");
  if (form.get("redirect_uri") !== grant.redirect_uri) {
    throw new OAuthError(400, "invalid_grant", "redirect_uri differs from that of the authorization request");
  }
  if (matchesChallenge(grant.challenge, form.get("code_verifier"))) return grant;
  throw new OAuthError(400, "invalid_grant", "code_verifier does not match code_challenge");
}

/** A client sends its secret in the header or in the form; a public client has no secret. */
function authenticate({ oauthApplications }: State, { headers }: Request, form: URLSearchParams): OAuthApplication {
  const basic = /^Basic (.+)$/.exec(headers.get("authorization") ?? "")?.[1];
  const [id, secret] = basic === undefined
    ? [form.get("client_id"), form.get("client_secret") ?? ""]
    : Buffer.from(basic, "base64").toString().split(":").map(decode);
  const application = [...oauthApplications.values()].find(({ client_id }) => client_id === id);
  if (application && application.client_secret === secret) return application;
  throw new OAuthError(401, "invalid_client", "client_id or client_secret is not valid");
}

/** Returns a decoded part of the header; undefined if it is not URL-encoded. */
function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function showUser(state: State, { headers }: Request): Record<string, unknown> {
  const token = /^Bearer (.+)$/.exec(headers.get("authorization") ?? "")?.[1] ?? null;
  const grant = findGrant(state.oauthGrants, "access_token", token);
  if (!grant || grant.access_expires_at <= Date.now()) {
    throw new OAuthError(401, "invalid_token", "The access token is not valid");
  }
  return userInfo(state, userOf(state, grant), grant.scopes);
}

function userOf({ users }: State, { user_id }: OAuthGrant): User {
  const user = users.get(user_id);
  if (user && !user.banned) return user;
  throw new OAuthError(400, "invalid_grant", "The user was deleted or banned");
}

function grantOf(state: State, token: string | null): OAuthGrant | undefined {
  return findGrant(state.oauthGrants, "access_token", token) ?? findGrant(state.oauthGrants, "refresh_token", token);
}

async function readForm(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await request.text());
}

function errorResponse(error: unknown): Response {
  if (!(error instanceof OAuthError)) throw error;
  return json({ error: error.code, error_description: error.message }, error.status);
}
