/**
 * What a session token says of the organization that its user acts for.
 *
 * @module
 */
import type { State } from "../state.ts";
import type { Membership } from "./memberships.ts";

/** A permission's key, taken apart. */
interface Grant {
  feature: string;
  name: string;
}

/**
 * Makes the claims. Clerk's own permissions, `org:sys_…`, are in no token.
 *
 * @param state The simulator's state.
 * @param membership The active one; undefined without an organization, of which version 2 then says nothing.
 * @param version Which claims: `o` and `fea`, or `org_…`.
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

/** The i-th mask belongs to the i-th feature; its bits, the lowest first, to the names in `per`. */
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
