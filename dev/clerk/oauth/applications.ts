/**
 * OAuth applications: other apps that let users sign in with this instance.
 *
 * @module
 */
import { createId } from "../keys.ts";

/** An application. Times are milliseconds. */
export interface OAuthApplication {
  id: string;
  name: string;
  client_id: string;
  /** Empty if the client is public, so that it must use PKCE. */
  client_secret: string;
  public: boolean;
  pkce_required: boolean;
  consent_screen_enabled: boolean;
  /** Separated by spaces. */
  scopes: string;
  redirect_uris: string[];
  created_at: number;
  updated_at: number;
}

/** What an application is made with. */
export type OAuthApplicationInput =
  & Pick<OAuthApplication, "name">
  & Partial<Pick<OAuthApplication, "public" | "pkce_required" | "consent_screen_enabled" | "scopes" | "redirect_uris">>;

/** Returns a new application. */
export function createOAuthApplication(input: OAuthApplicationInput, now: number): OAuthApplication {
  return {
    id: createId("oa", now),
    client_id: createId("client", now).slice("client_".length),
    client_secret: input.public ? "" : createSecret(),
    ...{ public: false, pkce_required: false, consent_screen_enabled: true, scopes: "profile email" },
    redirect_uris: [],
    ...input,
    ...{ created_at: now, updated_at: now },
  };
}

/** Returns a secret that nobody has seen before. */
export function createSecret(): string {
  return createId("secret").slice("secret_".length);
}

/**
 * Returns an application as Clerk shows it.
 *
 * @param application The application.
 * @param instance The id of the instance, and its address.
 * @param hasSecret Whether its secret is shown, which Clerk does only once.
 * @returns Clerk's object.
 */
export function oauthApplicationObject(
  { client_secret, ...application }: OAuthApplication,
  { instanceId, issuer }: { instanceId: string; issuer: string },
  hasSecret = false,
): Record<string, unknown> {
  return {
    object: "oauth_application",
    ...application,
    ...(hasSecret && { client_secret }),
    ...{ instance_id: instanceId, client_uri: null, client_image_url: null, dynamically_registered: false },
    callback_url: application.redirect_uris[0] ?? "",
    authorize_url: `${issuer}/oauth/authorize`,
    token_fetch_url: `${issuer}/oauth/token`,
    user_info_url: `${issuer}/oauth/userinfo`,
    discovery_url: `${issuer}/.well-known/openid-configuration`,
    token_introspection_url: `${issuer}/oauth/token_info`,
  };
}
