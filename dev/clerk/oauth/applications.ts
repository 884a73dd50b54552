/**
 * OAuth applications: other apps that let users sign in with this instance.
 *
 * @module
 */
import { createId } from "../keys.ts";

/** An application. Times are in milliseconds. */
export interface OAuthApplication {
  id: string;
  name: string;
  client_id: string;
  /** Empty if the client is public, which means that it must use PKCE. */
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

/** Input of a new application. */
export type OAuthApplicationInput =
  & Pick<OAuthApplication, "name">
  & Partial<Pick<OAuthApplication, "public" | "pkce_required" | "consent_screen_enabled" | "scopes" | "redirect_uris">>;

/** Returns a new application with generated ids and, unless it is public, a secret. */
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

/** Returns a new random secret. */
export function createSecret(): string {
  return createId("secret").slice("secret_".length);
}

/**
 * Returns an application in the format of Clerk's API.
 *
 * @param application The application.
 * @param instance The instance's id and URL.
 * @param hasSecret Whether to include the secret, which Clerk shows only once.
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
