/**
 * Reads the caller's active organization from a session token.
 *
 * @module
 */
import { isObject } from "../formats/json.ts";

/** The caller's active organization. */
export interface ActiveOrganization {
  /** Clerk's organization id, `org_…`. */
  id: string;
  /** The caller's role, such as `org:admin`; undefined if the token names none. */
  role: string | undefined;
  /** The caller's custom permissions, such as `org:invoices:create`. Tokens do not contain system permissions. */
  permissions: readonly string[];
}

/** In claims of version 2, features of these scopes belong to the organization; scope `u` belongs to the user. */
const ORGANIZATION_SCOPES = ["o", "ou", "uo"];
/** System permissions of Clerk, which applications must not rely on. */
const SYSTEM_PERMISSION = /^org:sys_/;

/**
 * Reads the active organization from a session token's claims, of version 1 or 2. `clerk.active_organization_id()` and
 * `clerk.active_permissions()` read them in SQL; a test compares both with Clerk's own parser.
 *
 * @param claims The claims of a verified token.
 * @returns The organization; undefined if none is active.
 *
 * @example
 * ```ts
 * import { activeOrganization } from "./organization.ts";
 *
 * const o = { id: "org_acme", rol: "member", per: "create,read", fpm: "3,2" };
 * const active = activeOrganization({ v: 2, o, fea: "o:invoices,o:reports" });
 * if (active?.role !== "org:member") throw new Error();
 * if (active.permissions.join() !== "org:invoices:create,org:invoices:read,org:reports:read") throw new Error();
 * if (activeOrganization({ v: 2 }) !== undefined) throw new Error();
 * ```
 */
export function activeOrganization(claims: Readonly<Record<string, unknown>>): ActiveOrganization | undefined {
  // A claim that is missing or has another type is treated as absent.
  const { id, role, permissions } = claims.v === 2 ? readVersion2(claims) : readVersion1(claims);
  if (!isText(id)) return undefined;
  return {
    id,
    role: isText(role) ? organizationKey(role) : undefined,
    permissions: permissions.filter((name) => !SYSTEM_PERMISSION.test(name)),
  };
}

/**
 * Returns a role or a permission in the form that Clerk's `has()` compares.
 *
 * @param key A role or permission, such as `admin` or `org:admin`.
 * @returns The key with `org:` in front exactly once.
 *
 * @example
 * ```ts
 * import { organizationKey } from "./organization.ts";
 *
 * if (organizationKey("admin") !== "org:admin" || organizationKey("org:admin") !== "org:admin") throw new Error();
 * ```
 */
export function organizationKey(key: string): string {
  return key.replace(/^(org:)*/, "org:");
}

/** Claims before they are checked. */
interface Claimed {
  id: unknown;
  role: unknown;
  permissions: string[];
}

function readVersion1({ org_id, org_role, org_permissions }: Readonly<Record<string, unknown>>): Claimed {
  return {
    id: org_id,
    role: org_role,
    permissions: Array.isArray(org_permissions) ? org_permissions.filter(isText) : [],
  };
}

function readVersion2({ o, fea }: Readonly<Record<string, unknown>>): Claimed {
  if (!isObject(o)) return { id: undefined, role: undefined, permissions: [] };
  const names = split(o.per);
  const masks = split(o.fpm);
  const permissions = organizationFeatures(fea).flatMap((feature, index) =>
    names.filter((_, bit) => isGranted(masks[index], bit)).map((name) => `org:${feature}:${name}`)
  );
  return { id: o.id, role: o.rol, permissions };
}

/** Returns the features in the order of their masks. An entry without a scope makes the whole claim unreadable. */
function organizationFeatures(fea: unknown): string[] {
  const entries = split(fea);
  if (!entries.every((entry) => entry.includes(":"))) return [];
  return entries
    .filter((entry) => ORGANIZATION_SCOPES.includes(entry.slice(0, entry.indexOf(":"))))
    .map((entry) => entry.slice(entry.indexOf(":") + 1));
}

/** Masks of more than 53 names do not fit a number. A mask that is not plain digits, such as "-1", grants nothing. */
function isGranted(mask: string | undefined, bit: number): boolean {
  return mask !== undefined && /^\d+$/.test(mask) && (BigInt(mask) >> BigInt(bit)) % 2n === 1n;
}

function split(claim: unknown): string[] {
  return isText(claim) ? claim.split(",").map((part) => part.trim()) : [];
}

function isText(claim: unknown): claim is string {
  return typeof claim === "string" && claim !== "";
}
