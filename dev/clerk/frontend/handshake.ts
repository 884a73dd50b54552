/**
 * The handshake: an app's server redirects a page load here if its cookies do not identify the browser, and the
 * browser returns with cookies that do.
 *
 * @module
 */
import { SignJWT } from "jose";
import { ClerkError, invalidParameter } from "../errors.ts";
import { json, type Route } from "../http.ts";
import { keyIdOf, kindOf, signingKey } from "../keys.ts";
import { isAllowedOrigin } from "../origins.ts";
import type { ClerkClient, State } from "../state.ts";
import { mintSessionToken } from "../tokens.ts";
import { type FrontendOptions, frontendRoute } from "./answers.ts";
import { createClient, DEV_BROWSER, secretOf, sessionsOf, welcomeClient } from "./clients.ts";

const NEVER = "Thu, 01 Jan 1970 00:00:00 GMT";

/** Clerk's longest lifetime of these cookies. */
const YEAR_SECONDS = 365 * 86_400;

/**
 * Returns the routes of the handshake and of the browser's id in development.
 *
 * @param options State, handshakes and publishable key.
 * @returns The routes.
 */
export function handshakeRoutes(options: FrontendOptions): Route[] {
  const { state, handshakes } = options;
  return [
    // A page of another site keeps this value instead of the cookie, which its browser would withhold.
    frontendRoute("POST", "/dev_browser", () => {
      const { secret } = createClient(state);
      return json({ object: "dev_browser", id: secret, token: secret });
    }),
    frontendRoute("GET", "/client/handshake", async (_, request) => {
      const query = new URL(request.url).searchParams;
      const target = readTarget(query.get("redirect_url"), options.issuer);
      const { client, headers } = welcomeClient(state, request);
      const directives = await directivesOf(options, client, target.origin);
      // Older SDKs do not request a nonce. Their server reads the cookies from a token.
      if (query.get("format") === "nonce") {
        target.searchParams.set("__clerk_handshake_nonce", handshakes.put(directives));
      } else target.searchParams.set("__clerk_handshake", await signDirectives(state, directives));
      return new Response(null, {
        status: 307,
        headers: { ...headers, location: target.href, "cache-control": "no-store" },
      });
    }),
  ];
}

/**
 * Returns the redirect's target; rejects origins of other machines, because the target receives a session token, and
 * URLs that are not of a page.
 */
function readTarget(text: string | null, issuer: string): URL {
  const target = URL.parse(text ?? "");
  if (!target) throw invalidParameter("redirect_url", "redirect_url must be a URL", "form_param_missing");
  const isPage = /^https?:$/.test(target.protocol) && target.username === "" && target.password === "";
  if (isPage && isAllowedOrigin(target.origin, issuer)) return target;
  throw new ClerkError(
    400,
    "invalid_redirect_url",
    "redirect_url must be an http URL on this machine without credentials",
  );
}

async function directivesOf(options: FrontendOptions, client: ClerkClient, origin: string): Promise<string[]> {
  const { state, publishableKey } = options;
  const token = await tokenOf(options, client, origin);
  const signedInAt = token === undefined ? 0 : Math.floor(client.updatedAt / 1000);
  const cookies: Array<[name: string, value: string | undefined]> = [
    ["__client_uat", String(signedInAt)],
    ["__session", token],
  ];
  if (kindOf(state.instance) === "test") cookies.push([DEV_BROWSER, secretOf(state, client)]);
  const suffix = await cookieSuffix(publishableKey);
  return cookies.flatMap(([name, value]) => [directive(name, value), directive(`${name}_${suffix}`, value)]);
}

async function tokenOf({ state, switches, issuer }: FrontendOptions, client: ClerkClient, azp: string) {
  const sessions = sessionsOf(state, client);
  const session = sessions.find(({ id }) => id === client.activeSessionId) ?? sessions.at(-1);
  return session && await mintSessionToken(state, { issuer, session, switches, azp });
}

function directive(name: string, value: string | undefined): string {
  return value === undefined
    ? `${name}=; Path=/; Expires=${NEVER}; SameSite=Lax`
    : `${name}=${value}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax`;
}

/**
 * Returns the suffix that Clerk's SDKs append to cookie names, so that two instances on one host do not share cookies.
 *
 * @param publishableKey The instance's key.
 * @returns The suffix, eight characters.
 */
export async function cookieSuffix(publishableKey: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(publishableKey));
  return btoa(String.fromCharCode(...new Uint8Array(hash))).replaceAll("+", "-").replaceAll("/", "_").slice(0, 8);
}

async function signDirectives({ instance }: State, handshake: readonly string[]): Promise<string> {
  return await new SignJWT({ handshake: [...handshake] })
    .setProtectedHeader({ alg: "RS256", kid: keyIdOf(instance), typ: "JWT" })
    .setIssuedAt()
    .setExpirationTime("60s")
    .sign(await signingKey(instance));
}
