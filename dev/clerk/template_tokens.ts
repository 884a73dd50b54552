/**
 * Signs tokens of JWT templates.
 *
 * @module
 */
import { SignJWT } from "jose";
import { ClerkError } from "./errors.ts";
import { createId, keyIdOf, signingKey } from "./keys.ts";
import { activeMembership } from "./sessions.ts";
import type { ClerkSession, State } from "./state.ts";
import type { User } from "./users.ts";

/** Options of a token. */
export interface TemplateTokenOptions {
  issuer: string;
  session: ClerkSession;
  azp?: string | undefined;
  lifetimeSeconds?: number | undefined;
}

/**
 * Signs a token of a template. Like Clerk's, it has the template's claims and no session id.
 *
 * @param state The simulator's state.
 * @param name The template's name.
 * @param options Session, issuer, origin and lifetime in seconds.
 * @returns The JWT.
 * @throws {ClerkError} 404 if the template does not exist.
 */
export async function mintTemplateToken(
  state: State,
  name: string | undefined,
  { issuer, session, azp, lifetimeSeconds }: TemplateTokenOptions,
): Promise<string> {
  const template = [...state.jwtTemplates.values()].find((one) => one.name === name);
  if (!template) throw new ClerkError(404, "resource_not_found", `No JWT template exists with name: ${name}`);
  const values = shortcodes(state, session);
  const now = Math.floor(Date.now() / 1_000);
  return await new SignJWT({ ...(azp && { azp }), ...fill(template.claims, values) as Record<string, unknown> })
    .setProtectedHeader({ alg: "RS256", cat: "cl_B7d4PD222AAA", kid: keyIdOf(state.instance), typ: "JWT" })
    .setIssuer(issuer)
    .setSubject(session.userId)
    .setJti(createId("jti").slice(4))
    .setIssuedAt(now)
    .setNotBefore(now - template.allowed_clock_skew)
    .setExpirationTime(now + (lifetimeSeconds ?? template.lifetime))
    .sign(await signingKey(state.instance));
}

/** Returns the values of the shortcodes `{{…}}`. */
function shortcodes(state: State, session: ClerkSession): Record<string, unknown> {
  const user = state.users.get(session.userId)!;
  const membership = activeMembership(state, session);
  const organization = membership && state.organizations.get(membership.organization_id);
  return {
    user: { ...shownUser(user), ...user },
    org: organization ? { ...organization, role: state.roles.get(membership!.role_id)!.key } : {},
    org_membership: membership ?? {},
    session: { id: session.id },
  };
}

function shownUser({ email_addresses, phone_numbers, ...user }: User): Record<string, unknown> {
  const address = email_addresses.find(({ id }) => id === user.primary_email_address_id);
  const number = phone_numbers.find(({ id }) => id === user.primary_phone_number_id);
  return {
    full_name: [user.first_name, user.last_name].filter(Boolean).join(" ") || null,
    primary_email_address: address?.email_address ?? null,
    email_verified: address?.verification?.status === "verified",
    primary_phone_number: number?.phone_number ?? null,
    phone_number_verified: number?.verification?.status === "verified",
  };
}

/**
 * Replaces the shortcodes in a claim: a claim that is a single shortcode becomes the value itself, in a longer text it
 * becomes the value's text.
 */
function fill(claim: unknown, values: Record<string, unknown>): unknown {
  if (Array.isArray(claim)) return claim.map((one) => fill(one, values));
  if (typeof claim === "object" && claim !== null) {
    return Object.fromEntries(Object.entries(claim).map(([key, value]) => [key, fill(value, values)]));
  }
  if (typeof claim !== "string") return claim;
  const whole = /^\{\{\s*([^{}|]+?)\s*\}\}$/.exec(claim);
  if (whole) return lookUp(values, whole[1]!) ?? null;
  return claim.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, path: string) => {
    const value = path.split("||").map((one) => lookUp(values, one.trim())).find((one) =>
      one !== undefined && one !== null
    );
    return value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  });
}

function lookUp(values: unknown, path: string): unknown {
  const literal = /^'(.*)'$/.exec(path);
  if (literal) return literal[1];
  return path.split(".").reduce((value, key) => {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  }, values);
}
