/**
 * Tests that the SQL decoder, the TypeScript decoder and Clerk's own read the same organization, role and permissions
 * from random claims. CLAIM_SETS=4000 sets their number.
 */
import { __experimental_JWTPayloadToAuthObjectProperties as readByClerk } from "@clerk/shared/jwtPayloadParser";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type ActiveOrganization,
  activeOrganization,
} from "../../supabase/functions/_clerk-supabase/auth/organization.ts";
import { openEmbedded } from "../helpers/database/embedded.ts";
import { organizationClaims } from "../helpers/clerk/organization_claims.ts";
import { testsOf } from "../helpers/shared_test.ts";

const SETS = Number(Deno.env.get("CLAIM_SETS") ?? 2_000);
type Claims = Record<string, unknown>;

const database = await openEmbedded();
const test = testsOf("the active organization of a token: ");

/** Returns what SQL reads from each set of claims. */
async function bySql(sets: readonly Claims[]): Promise<Array<ActiveOrganization | undefined>> {
  const found = await database.query(
    `select clerk.active_organization_id(claims) as id, clerk.active_role(claims) as role,
       array_to_json(clerk.active_permissions(claims)) as permissions
     from jsonb_array_elements($1::jsonb) with ordinality as given (claims, place)
     order by place`,
    [JSON.stringify(sets)],
  );
  return found.map(({ id, role, permissions }) =>
    id === null ? undefined : { id, role: role ?? undefined, permissions } as ActiveOrganization
  );
}

/** Returns what Clerk's parser reads. It throws for features that it cannot read, and trusts the types of claims. */
function byClerk(claims: Claims): ActiveOrganization | undefined {
  const { orgId, orgRole, orgPermissions } = parse(claims) ?? parse({ ...claims, fea: undefined })!;
  if (typeof orgId !== "string" || orgId === "") return undefined;
  return {
    id: orgId,
    role: typeof orgRole === "string" && orgRole !== "" ? orgRole.replace(/^(org:)*/, "org:") : undefined,
    permissions: textsOf(orgPermissions).filter((name) => !name.startsWith("org:sys_")),
  };
}

function parse(claims: Claims) {
  try {
    return readByClerk(claims as unknown as Parameters<typeof readByClerk>[0]);
  } catch {
    return undefined;
  }
}

function textsOf(permissions: unknown): string[] {
  return Array.isArray(permissions) ? permissions.filter((one) => typeof one === "string" && one !== "") : [];
}

/** Clerk's parser fails on claims of unexpected types, so only the bundle's two decoders are compared on those. */
function isReadable({ v, o, fea }: Claims): boolean {
  const isTextOrNone = (claim: unknown) => claim === undefined || claim === null || typeof claim === "string";
  if (v !== 2 || !o) return true;
  const { rol, per, fpm } = o as Claims;
  return [rol, per, fpm, fea].every(isTextOrNone);
}

test(`SQL, TypeScript and @clerk/shared agree on ${SETS} random sets of claims`, async () => {
  const sets = fc.sample(organizationClaims, SETS).map((claims) => JSON.parse(JSON.stringify(claims)) as Claims);
  const sql = await bySql(sets);
  let compared = 0;
  let granted = 0;
  for (const [index, claims] of sets.entries()) {
    const typescript = activeOrganization(claims);
    assertEquals(sql[index], typescript, JSON.stringify(claims));
    granted += typescript?.permissions.length ?? 0;
    if (!isReadable(claims)) continue;
    compared++;
    assertEquals(typescript, byClerk(claims), JSON.stringify(claims));
  }
  assert(compared > SETS / 2 && granted > SETS, `${compared} sets compared with Clerk's, ${granted} permissions`);
});

const ONE_FEATURE = { v: 2, fea: "o:invoices" };
/** Claims of version 2 with a number of permissions and one mask. */
const masked = (count: number, fpm: string) => ({
  ...ONE_FEATURE,
  o: { id: "org_acme", rol: "admin", per: Array.from({ length: count }, (_, bit) => `p${bit}`).join(","), fpm },
});

/** Claims and the permissions that they grant. */
interface Check {
  name: string;
  claims: Claims;
  /** The granted permissions of the feature invoices. */
  granted: string[];
}

const CHECKS: Check[] = [
  {
    name: "bit 53 of a mask grants its permission, although a double cannot hold it together with bit 0",
    claims: masked(54, String(2n ** 53n + 1n)),
    granted: ["p0", "p53"],
  },
  {
    name: "bit 64 of a mask grants its permission",
    claims: masked(65, String(2n ** 64n)),
    granted: ["p64"],
  },
  {
    name: "a negative mask grants nothing",
    claims: masked(64, "-9223372036854775808"),
    granted: [],
  },
  {
    name: "a mask that is not plain digits grants nothing",
    claims: masked(3, "7x"),
    granted: [],
  },
  {
    name: "a mask written as a float grants nothing",
    claims: masked(3, "1e0"),
    granted: [],
  },
  {
    name: "a system permission is never granted",
    claims: { ...masked(1, "1"), fea: "o:sys_memberships" },
    granted: [],
  },
  {
    name: "a feature of the user alone uses no mask",
    claims: { ...masked(1, "1"), fea: "u:export,o:invoices" },
    granted: ["p0"],
  },
  {
    name: "a feature without a scope makes the claim unreadable",
    claims: { ...masked(1, "1"), fea: "o:invoices,export" },
    granted: [],
  },
  {
    name: "version 2 ignores the claims of version 1",
    claims: { ...masked(1, "0"), org_permissions: ["org:invoices:p0"] },
    granted: [],
  },
];

for (const check of CHECKS) {
  test(check.name, async () => {
    const { claims } = check;
    const permissions = check.granted.map((one) => `org:invoices:${one}`);
    assertEquals(activeOrganization(claims), { id: "org_acme", role: "org:admin", permissions });
    assertEquals(await bySql([claims]), [{ id: "org_acme", role: "org:admin", permissions }]);
  });
}

test("v selects the claims: 2 reads only o, and any other value reads only org_id", async () => {
  const both = { o: { id: "org_two", rol: "admin" }, org_id: "org_one", org_role: "org:member" };
  for (const [v, id] of [[2, "org_two"], [1, "org_one"], [undefined, "org_one"], ["2", "org_one"]] as const) {
    assertEquals(activeOrganization({ v, ...both })?.id, id);
    assertEquals((await bySql([JSON.parse(JSON.stringify({ v, ...both }))]))[0]?.id, id);
  }
});
