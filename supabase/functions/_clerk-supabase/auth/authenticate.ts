/**
 * From a request to its caller, for routes that need one and routes that welcome one.
 *
 * @module
 */
import { decodeJwt } from "jose";
import { ApiError } from "../errors.ts";
import type { Session, VerifyToken } from "./token.ts";

/**
 * The caller of a protected route.
 *
 * @param request The request, with `Authorization: Bearer <session token>`.
 * @param verify The verifier.
 * @returns The session.
 * @throws {ApiError} `TOKEN_MISSING`, or what the verifier throws.
 *
 * @example
 * ```ts
 * import { readTokenConfig } from "../config.ts";
 * import { requireUser } from "./authenticate.ts";
 * import { createTokenVerifier } from "./token.ts";
 *
 * const env = new Map([["CLERK_ISSUER", "https://example.clerk.accounts.dev"]]);
 * const verify = createTokenVerifier(readTokenConfig((name) => env.get(name)), fetch, Date.now);
 * const guest = new Request("https://example.com/whoami");
 * const error = await requireUser(guest, verify).catch((error) => error);
 * if (error.code !== "TOKEN_MISSING") throw error;
 * ```
 */
export async function requireUser(request: Request, verify: VerifyToken): Promise<Session> {
  const session = await optionalUser(request, verify);
  if (session) return session;
  throw new ApiError("TOKEN_MISSING", "Cannot authenticate: send Authorization: Bearer <session token>");
}

/**
 * The caller of a route that guests may use too. A token that is there and invalid is an error, never a guest.
 *
 * @param request The request.
 * @param verify The verifier.
 * @returns The session, or undefined where the request brings no token of a user.
 * @throws {ApiError} `TOKEN_MALFORMED` for another scheme, `TOKEN_MISSING` for `Bearer null`, or what the verifier
 * throws.
 *
 * @example
 * ```ts
 * import { readTokenConfig } from "../config.ts";
 * import { optionalUser } from "./authenticate.ts";
 * import { createTokenVerifier } from "./token.ts";
 *
 * const env = new Map([["CLERK_ISSUER", "https://example.clerk.accounts.dev"]]);
 * const verify = createTokenVerifier(readTokenConfig((name) => env.get(name)), fetch, Date.now);
 * const guest = new Request("https://example.com/hello");
 * if (await optionalUser(guest, verify) !== undefined) throw new Error();
 *
 * const forger = new Request("https://example.com/hello", { headers: { authorization: "Bearer forged" } });
 * const error = await optionalUser(forger, verify).catch((error) => error);
 * if (error.code !== "TOKEN_MALFORMED") throw error;
 * ```
 */
export async function optionalUser(request: Request, verify: VerifyToken): Promise<Session | undefined> {
  const header = request.headers.get("authorization");
  if (header === null) return undefined;
  const token = /^Bearer +([^\s,]+)$/i.exec(header)?.[1];
  if (token !== undefined && isProjectKey(token, request)) return undefined;
  checkSent(header, token);
  return await verify(token);
}

/** What JavaScript makes of a value that is not a text, in a template such as `Bearer ${token}`. */
const UNSENT = /^Bearer +(null|undefined)$/i;
const OBJECT = /^Bearer +\[object (\w+)\]$/i;

/** A front end that sent no token is told so. It is not a guest: it meant to send one. */
function checkSent(header: string, token: string | undefined): asserts token is string {
  const unsent = UNSENT.exec(header)?.[1];
  if (unsent !== undefined) {
    throw new ApiError(
      "TOKEN_MISSING",
      `Cannot authenticate: the front end sent "${unsent}" instead of a token. Call getToken() once the user is signed in`,
    );
  }
  if (OBJECT.test(header)) {
    throw new ApiError("TOKEN_MALFORMED", "Cannot authenticate: the front end sent an object. Send await getToken()");
  }
  if (token === undefined) throw new ApiError("TOKEN_MALFORMED", "Cannot authenticate: expected Bearer and one token");
}

/**
 * supabase-js sends its publishable key as the bearer token while nobody is signed in, or the legacy anonymous key, a
 * JWT of nobody. Nothing is trusted here: at most, a caller passes for a guest.
 */
function isProjectKey(token: string, request: Request): boolean {
  if (token.startsWith("sb_publishable_")) return true;
  return token === request.headers.get("apikey") && isAnonymousKey(token);
}

function isAnonymousKey(token: string): boolean {
  try {
    const { role, sub } = decodeJwt(token);
    return role === "anon" && sub === undefined;
  } catch {
    return false;
  }
}
