/**
 * Reads the caller of a request, for routes that require a signed-in user and for routes that also serve guests.
 *
 * @module
 */
import { decodeJwt } from "jose/jwt/decode";
import { ApiError } from "../errors.ts";
import { type ActiveOrganization, organizationKey } from "./organization.ts";
import type { Session, VerifyToken } from "./token.ts";

/** The caller of a route that works in an organization. */
export interface OrganizationSession extends Session {
  organization: ActiveOrganization;
}

/**
 * Returns the caller of a protected route.
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
 * Returns the caller of a route that works in an organization. It reads only the token, which stays valid for up to a
 * minute after the user is removed; row level security also checks the table.
 *
 * @param request The request, with `Authorization: Bearer <session token>`.
 * @param verify The verifier.
 * @returns The session, with its organization.
 * @throws {ApiError} `NO_ACTIVE_ORGANIZATION`, or what {@linkcode requireUser} throws.
 *
 * @example
 * ```ts
 * import { requireOrganization } from "./authenticate.ts";
 * import type { VerifyToken } from "./token.ts";
 *
 * const ada = { userId: "user_ada", sessionId: "sess_1", claims: {}, actor: undefined, organization: undefined };
 * const verify: VerifyToken = (token) => Promise.resolve({ ...ada, token }); // use createTokenVerifier() instead
 * const request = new Request("https://example.com/projects", { headers: { authorization: "Bearer x" } });
 * const error = await requireOrganization(request, verify).catch((error) => error);
 * if (error.code !== "NO_ACTIVE_ORGANIZATION") throw error;
 * ```
 */
export async function requireOrganization(request: Request, verify: VerifyToken): Promise<OrganizationSession> {
  const session = await requireUser(request, verify);
  const { organization } = session;
  if (organization) return { ...session, organization };
  throw new ApiError(
    "NO_ACTIVE_ORGANIZATION",
    "Cannot choose the organization: the session has no active organization. Call setActive({ organization }) in the " +
      "front end",
  );
}

/**
 * Returns the caller of a route for one role of the active organization. Like {@linkcode requireOrganization}, it reads
 * only the token: before an effect outside the database, also call `rpc("caller_has_role")` as the caller.
 *
 * @param request The request, with `Authorization: Bearer <session token>`.
 * @param verify The verifier.
 * @param role The role, such as `org:admin`; `admin` means the same.
 * @returns The session, with its organization.
 * @throws {ApiError} `ROLE_MISSING`, or what {@linkcode requireOrganization} throws.
 *
 * @example
 * ```ts
 * import { requireRole } from "./authenticate.ts";
 * import type { VerifyToken } from "./token.ts";
 *
 * const organization = { id: "org_acme", role: "org:member", permissions: [] };
 * const ada = { userId: "user_ada", sessionId: "sess_1", claims: {}, actor: undefined, organization };
 * const verify: VerifyToken = (token) => Promise.resolve({ ...ada, token }); // use createTokenVerifier() instead
 * const request = new Request("https://example.com/projects", { headers: { authorization: "Bearer x" } });
 * const error = await requireRole(request, verify, "org:admin").catch((error) => error);
 * if (error.code !== "ROLE_MISSING") throw error;
 * ```
 */
export async function requireRole(request: Request, verify: VerifyToken, role: string): Promise<OrganizationSession> {
  const session = await requireOrganization(request, verify);
  const required = organizationKey(role);
  if (session.organization.role === required) return session;
  throw new ApiError("ROLE_MISSING", `Cannot authorize: the caller does not have the role ${required} here`);
}

/**
 * Returns the caller of a route for one permission in the active organization. Like {@linkcode requireOrganization}, it
 * reads only the token: before an effect outside the database, also call `rpc("caller_has_permission")` as the caller.
 *
 * @param request The request, with `Authorization: Bearer <session token>`.
 * @param verify The verifier.
 * @param permission A custom permission, such as `org:invoices:create`; Clerk puts no system permission into a token.
 * @returns The session, with its organization.
 * @throws {ApiError} `PERMISSION_MISSING`, or what {@linkcode requireOrganization} throws.
 *
 * @example
 * ```ts
 * import { requirePermission } from "./authenticate.ts";
 * import type { VerifyToken } from "./token.ts";
 *
 * const organization = { id: "org_acme", role: "org:member", permissions: ["org:invoices:create"] };
 * const ada = { userId: "user_ada", sessionId: "sess_1", claims: {}, actor: undefined, organization };
 * const verify: VerifyToken = (token) => Promise.resolve({ ...ada, token }); // use createTokenVerifier() instead
 * const request = new Request("https://example.com/invoices", { headers: { authorization: "Bearer x" } });
 * await requirePermission(request, verify, "org:invoices:create");
 * const error = await requirePermission(request, verify, "org:invoices:delete").catch((error) => error);
 * if (error.code !== "PERMISSION_MISSING") throw error;
 * ```
 */
export async function requirePermission(
  request: Request,
  verify: VerifyToken,
  permission: string,
): Promise<OrganizationSession> {
  const session = await requireOrganization(request, verify);
  const required = organizationKey(permission);
  if (session.organization.permissions.includes(required)) return session;
  throw new ApiError("PERMISSION_MISSING", `Cannot authorize: the caller does not have the permission ${required}`);
}

/**
 * Returns the caller of a route that also serves guests. An invalid token is an error; its sender is never a guest.
 *
 * @param request The request.
 * @param verify The verifier.
 * @returns The session, or undefined if the request has no user's token.
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

/** Values that are not strings, as JavaScript writes them into a template such as `Bearer ${token}`. */
const UNSENT = /^Bearer +(null|undefined)$/i;
const OBJECT = /^Bearer +\[object (\w+)\]$/i;

/** Explains a missing token to the front end. It is not a guest, because it meant to send a token. */
function checkSent(header: string, token: string | undefined): asserts token is string {
  const unsent = UNSENT.exec(header)?.[1];
  if (unsent !== undefined) {
    throw new ApiError(
      "TOKEN_MISSING",
      `Cannot authenticate: the front end sent "${unsent}" instead of a token. Call getToken() after sign-in`,
    );
  }
  if (OBJECT.test(header)) {
    throw new ApiError("TOKEN_MALFORMED", "Cannot authenticate: the front end sent an object. Send await getToken()");
  }
  if (token === undefined) throw new ApiError("TOKEN_MALFORMED", "Cannot authenticate: expected Bearer and one token");
}

/**
 * Before sign-in, supabase-js sends its publishable key as the bearer token, or the legacy anonymous key, a JWT without
 * a user. Nothing is trusted here: at most, the caller counts as a guest.
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
