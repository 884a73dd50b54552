/**
 * Routes that let an OAuth application sign a user in. Clerk serves them at the Frontend API's host.
 *
 * @module
 */
import { findUser } from "../changes.ts";
import { ClerkError } from "../errors.ts";
import { json, type Route, route } from "../http.ts";
import { requireAdmitted } from "../session_changes.ts";
import type { State } from "../state.ts";
import type { User } from "../users.ts";
import type { OAuthApplication } from "./applications.ts";
import type { OAuthRoutesOptions } from "./application_routes.ts";
import { authorizePage } from "./authorize_page.ts";
import { type Challenge, createGrant } from "./grants.ts";
import { tokenRoutes } from "./token_routes.ts";

/** Dependencies of the routes. */
export interface ProviderRoutesOptions extends OAuthRoutesOptions {
  /** Returns the user who is signed in in the requesting browser. */
  findVisitor: (request: Request) => User | undefined;
}

const SCOPES = ["openid", "profile", "email", "public_metadata", "private_metadata"];

/**
 * Returns the routes of authorization, tokens and user info.
 *
 * @param options State, issuer and the lookup of the signed-in user.
 * @returns The routes.
 */
export function providerRoutes(options: ProviderRoutesOptions): Route[] {
  const discovery = () => json(configuration(options.issuer));
  return [
    route("GET", "/.well-known/openid-configuration", discovery),
    route("GET", "/.well-known/oauth-authorization-server", discovery),
    route("GET", "/oauth/authorize", (_, request) => authorize(options, request)),
    ...tokenRoutes(options),
  ];
}

function configuration(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/token/revoke`,
    introspection_endpoint: `${issuer}/oauth/token_info`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    scopes_supported: SCOPES,
    response_types_supported: ["code"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    code_challenge_methods_supported: ["plain", "S256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
    claims_supported: ["sub", "iss", "aud", "exp", "iat", "email", "email_verified", "name", "picture"],
  };
}

/**
 * Redirects the browser back with a code, without asking for consent. Without a session, a page asks which user to
 * sign in.
 */
function authorize({ state, changed, findVisitor }: ProviderRoutesOptions, request: Request): Response {
  const query = new URL(request.url).searchParams;
  const application = findClient(state, query.get("client_id"));
  const redirect_uri = readRedirect(application, query.get("redirect_uri"));
  const hint = query.get("login_hint");
  const user = hint === null ? findVisitor(request) : findByAddress(state, hint);
  if (!user) return authorizePage(state, application.name, request.url);
  requireAdmitted(user);
  if (query.get("response_type") !== "code") return back(redirect_uri, query, { error: "unsupported_response_type" });
  const challenge = readChallenge(query);
  if (!challenge && (application.public || application.pkce_required)) {
    return back(redirect_uri, query, { error: "invalid_request", error_description: "code_challenge is required" });
  }
  const allowed = ["openid", ...application.scopes.split(" ")];
  const scopes = (query.get("scope") ?? "email profile").split(/\s+/).filter((scope) => allowed.includes(scope));
  const { client_id } = application;
  const nonce = query.get("nonce");
  const grant = createGrant({ client_id, user_id: user.id, scopes, redirect_uri, nonce, challenge }, Date.now());
  state.oauthGrants.set(grant.id, grant);
  changed();
  return back(redirect_uri, query, { code: grant.code });
}

function back(uri: string, query: URLSearchParams, parameters: Record<string, string>): Response {
  const url = new URL(uri);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const state = query.get("state");
  if (state !== null) url.searchParams.set("state", state);
  return new Response(null, { status: 302, headers: { location: url.href } });
}

function findClient({ oauthApplications }: State, clientId: string | null): OAuthApplication {
  const application = [...oauthApplications.values()].find(({ client_id }) => client_id === clientId);
  if (application) return application;
  throw new ClerkError(400, "oauth_authorize_request_error", "No OAuth application has this client_id");
}

function readRedirect({ redirect_uris }: OAuthApplication, uri: string | null): string {
  if (uri !== null && redirect_uris.includes(uri)) return uri;
  throw new ClerkError(400, "redirect_uri_mismatch", "redirect_uri is not one of the application's");
}

function readChallenge(query: URLSearchParams): Challenge | null {
  const value = query.get("code_challenge");
  return value === null ? null : { value, method: query.get("code_challenge_method") === "S256" ? "S256" : "plain" };
}

function findByAddress(state: State, address: string): User {
  return findUser(state, state.users.findByAddress(address)?.id);
}
