/** Clerk's own packages read the organization, the role and the permissions from the simulator's tokens. */
import { assert, assertEquals } from "@std/assert";
import { createClerkClient } from "@clerk/backend";
import { __experimental_JWTPayloadToAuthObjectProperties as readByClerk } from "@clerk/shared/jwtPayloadParser";
import fc from "fast-check";
import { decodeJwt, type JWTPayload } from "jose";
import { organizationClaims } from "../../dev/clerk/organizations/claims.ts";
import { createMembership } from "../../dev/clerk/organizations/memberships.ts";
import { createOrganization } from "../../dev/clerk/organizations/organizations.ts";
import { createRole } from "../../dev/clerk/organizations/roles.ts";
import { loadState } from "../../dev/clerk/state.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import { createTestInstance, type TestSimulator, withSimulator } from "../helpers/clerk/simulator.ts";

const permission = fc.tuple(fc.stringMatching(/^[a-z]{1,2}$/), fc.stringMatching(/^[a-z]{1,2}$/))
  .map(([feature, name]) => `org:${feature}:${name}`);

type Claims = Parameters<typeof readByClerk>[0];

Deno.test("@clerk/shared reads the role's permissions from both versions of the claims", async () => {
  const state = await loadState(undefined, "test", await createTestInstance("test"));
  const [user] = seedUsers(state, 1);
  const organization = createOrganization({ name: "Acme" }, "acme", Date.now());
  state.organizations.set(organization);
  const member = { organization_id: organization.id, user_id: user!.id };
  fc.assert(
    fc.property(fc.uniqueArray(permission, { maxLength: 120, size: "max" }), fc.constantFrom(1, 2), (own, version) => {
      const role = createRole(
        { key: "org:keeper", name: "Keeper", permissions: [...own, "org:sys_profile:manage"] },
        0,
      );
      state.roles.set(role.id, role);
      const membership = createMembership({ ...member, role_id: role.id }, Date.now());
      const read = readByClerk(organizationClaims(state, membership, version) as unknown as Claims);
      assertEquals([read.orgId, read.orgSlug, read.orgRole], [organization.id, "acme", "org:keeper"]);
      assertEquals([...read.orgPermissions ?? []].sort(), own.toSorted());
    }),
    { numRuns: 300 },
  );
});

/**
 * Creates a session of a member with two features in an active organization, and returns a function that signs its
 * tokens.
 */
async function member(simulator: TestSimulator) {
  const { url, secretKey, state, variables } = simulator;
  const clerk = createClerkClient({ apiUrl: url, secretKey, publishableKey: variables.CLERK_PUBLISHABLE_KEY! });
  const [ada, eve] = seedUsers(state, 2);
  const create = (key: string) => clerk.organizationPermissions.createOrganizationPermission({ key, name: key });
  const permissions = [await create("org:invoices:read"), await create("org:teams:edit")];
  const role = { key: "org:billing", name: "Billing", description: "", permissions: permissions.map(({ id }) => id) };
  await clerk.organizationRoles.createOrganizationRole(role);
  const { id: organizationId } = await clerk.organizations.createOrganization({ name: "Acme", createdBy: ada!.id });
  const membership = { organizationId, userId: eve!.id };
  await clerk.organizations.createOrganizationMembership({ ...membership, role: "org:billing" });
  const session = await post(simulator, "/v1/sessions", { user_id: eve!.id, active_organization_id: organizationId });
  const mint = async () => (await post(simulator, `/v1/sessions/${session.id}/tokens`)).jwt as string;
  return { clerk, membership, session, mint };
}

async function post({ url, secretKey }: TestSimulator, path: string, body: unknown = {}) {
  const headers = { authorization: `Bearer ${secretKey}`, "content-type": "application/json" };
  return await (await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

const organizationOf = ({ v, o, fea, org_id, org_role, org_permissions }: JWTPayload) => ({
  v,
  o,
  fea,
  org_id,
  org_role,
  org_permissions,
});

const NONE = { o: undefined, fea: undefined, org_id: undefined, org_role: undefined, org_permissions: undefined };

for (const version of [2, 1]) {
  Deno.test(`@clerk/backend authorizes a member by a version ${version} token until the membership ends`, () =>
    withSimulator({}, async (simulator) => {
      const { clerk, membership, session, mint } = await member(simulator);
      await (await fetch(`${simulator.url}/dev/token-version?version=${version}`, { method: "POST" })).body?.cancel();
      assertEquals(session.last_active_organization_id, membership.organizationId);
      const token = await mint();
      const request = new Request(simulator.url, { headers: { authorization: `Bearer ${token}` } });
      const auth = (await clerk.authenticateRequest(request)).toAuth();
      assert(auth && "orgId" in auth);
      assertEquals([auth.orgId, auth.orgRole], [membership.organizationId, "org:billing"]);
      assertEquals(auth.has({ role: "org:billing" }), true);
      assertEquals(auth.has({ role: "org:admin" }), false);
      assertEquals(auth.has({ permission: "org:teams:edit" }), true);
      assertEquals(auth.has({ permission: "org:teams:read" }), false);
      assertEquals(decodeJwt(token).v, version === 2 ? 2 : undefined);

      await clerk.organizations.deleteOrganizationMembership(membership);
      assertEquals(organizationOf(decodeJwt(await mint())), { v: version === 2 ? 2 : undefined, ...NONE });
    }));
}
