/**
 * Builds a session token's claims about the active organization.
 *
 * @module
 */
import type { State } from "../state.ts";
import type { Membership } from "./memberships.ts";

/** A parsed permission key. */
interface Grant {
  feature: string;
  name: string;
}

/**
 * Returns the claims. Clerk's system permissions, `org:sys_…`, are never in a token.
 *
 * @param state The simulator's state.
 * @param membership The membership of the active organization; undefined without one, so that version 2 has no claims.
 * @param version The version of the claims: 2 for `o` and `fea`, 1 for `org_…`.
 * @returns The claims.
 */
export function organizationClaims(
  state: State,
  membership: Membership | undefined,
  version: 1 | 2,
): Record<string, unknown> {
  if (!membership) return version === 2 ? { v: 2 } : {};
  const { id, slug } = state.organizations.get(membership.organization_id)!;
  const role = state.roles.get(membership.role_id)!;
  const permissions = role.permissions.filter((key) => !key.startsWith("org:sys_"));
  if (version === 1) return { org_id: id, org_slug: slug, org_role: role.key, org_permissions: permissions };
  const rol = role.key.replace(/^org:/, "");
  if (permissions.length === 0) return { v: 2, o: { id, slg: slug, rol } };
  const { fea, per, fpm } = packPermissions(permissions.map(parseKey));
  return { v: 2, fea, o: { id, slg: slug, rol, per, fpm } };
}

/**
 * Returns the claims of permissions: mask i belongs to feature i, and its bits, lowest first, to the names in `per`.
 */
function packPermissions(grants: readonly Grant[]) {
  const features = [...new Set(grants.map(({ feature }) => feature))];
  const names = [...new Set(grants.map(({ name }) => name))];
  const masks = features.map((feature) =>
    grants.reduce(
      (mask, grant) => grant.feature === feature ? mask | (1n << BigInt(names.indexOf(grant.name))) : mask,
      0n,
    )
  );
  return { fea: features.map((feature) => `o:${feature}`).join(","), per: names.join(","), fpm: masks.join(",") };
}

function parseKey(key: string): Grant {
  const [, feature = "", name = ""] = key.split(":");
  return { feature, name };
}
