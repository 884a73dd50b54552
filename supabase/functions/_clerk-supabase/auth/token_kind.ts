/**
 * Guesses the kind of a refused token. New front ends often send a token of the wrong kind, so the error names it.
 *
 * @module
 */
import { decodeProtectedHeader } from "jose/decode/protected_header";
import { decodeJwt } from "jose/jwt/decode";
import type { JWTPayload, ProtectedHeaderParameters } from "jose";

const TEMPLATE = "it was made from a JWT template; call getToken() without one";
const OAUTH = "it is an OAuth access token, not a session token: call getToken()";
const MACHINE = "it is a machine token, not a session token of a user";
const API_KEY = "it is an API key of Clerk, not a session token: call getToken()";
const PROJECT_KEY = "it is a key of the Supabase project, not a session token: call Clerk's getToken()";
const SUPABASE_AUTH = "it is a token of Supabase Auth, not of Clerk: call Clerk's getToken()";
const KEY = "it is a key of the application, not a session token: keep secret keys out of the front end";

/** Prefixes of opaque tokens and keys. */
const PREFIXES: ReadonlyArray<readonly [prefix: string, kind: string]> = [
  ["mt_", MACHINE],
  ["oat_", OAUTH],
  ["ak_", API_KEY],
  ["sb_", PROJECT_KEY],
  ["sk_", KEY],
  ["pk_", KEY],
  ["whsec_", KEY],
];

/** Values of the `cat` header: template, and machine to machine. */
const CATEGORIES: Readonly<Record<string, string>> = { cl_B7d4PD222AAA: TEMPLATE, cl_B7d4PD333AAA: MACHINE };

/**
 * Describes the kind of a refused token. Nothing that it reads is verified, so use it only for the error message. The
 * description contains nothing of the token.
 *
 * @param token The refused token.
 * @returns A clause that says what the token is and what to send instead; undefined if it looks like a session token.
 *
 * @example
 * ```ts
 * import { describeTokenKind } from "./token_kind.ts";
 *
 * if (describeTokenKind("oat_4b1x")?.includes("OAuth access token") !== true) throw new Error();
 * if (describeTokenKind("neither a token nor a key") !== undefined) throw new Error();
 * ```
 */
export function describeTokenKind(token: string): string | undefined {
  const opaque = PREFIXES.find(([prefix]) => token.startsWith(prefix));
  if (opaque) return opaque[1];
  try {
    return kindOfJwt(decodeProtectedHeader(token), decodeJwt(token));
  } catch {
    return undefined;
  }
}

function kindOfJwt({ alg, typ, cat }: ProtectedHeaderParameters, claims: JWTPayload): string | undefined {
  const { sub, sid, iss, role } = claims;
  if (typeof iss === "string" && iss.endsWith("/auth/v1")) return SUPABASE_AUTH;
  if (role === "anon" || role === "service_role") return PROJECT_KEY;
  // Clerk signs sessions only by RS256. It signs a template by HS256 if its owner configured the project's secret.
  if (alg?.startsWith("HS")) return TEMPLATE;
  if (typ !== undefined && /^(application\/)?at\+jwt$/i.test(typ)) return OAUTH;
  if (typeof cat === "string" && Object.hasOwn(CATEGORIES, cat)) return CATEGORIES[cat];
  if (typeof sub === "string" && sub.startsWith("mch_")) return MACHINE;
  const isUser = typeof sub === "string" && sub.startsWith("user_");
  return isUser && sid === undefined ? TEMPLATE : undefined;
}
