/** Clerk's own package works with the simulator's organizations as with Clerk's. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createClerkClient } from "@clerk/backend";
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import { seedOrganizations } from "../../dev/clerk/seed_organizations.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import { type TestSimulator, withSimulator } from "../helpers/clerk/simulator.ts";

const clientOf = ({ url, secretKey }: TestSimulator) => createClerkClient({ apiUrl: url, secretKey });

/** Returns the status and the code of the error that Clerk's package throws. */
async function refusalOf(promise: Promise<unknown>) {
  const error = await assertRejects(() => promise, Error);
  assert(isClerkAPIResponseError(error), String(error));
  return [error.status, error.errors[0]?.code];
}

Deno.test("@clerk/backend creates, reads, changes and deletes an organization", () =>
  withSimulator({}, async (simulator) => {
    const { organizations } = clientOf(simulator);
    const [ada] = seedUsers(simulator.state, 1);
    const created = await organizations.createOrganization({
      name: "Acme & Söhne",
      createdBy: ada!.id,
      publicMetadata: { plan: { name: "free" } } as never,
    });
    const { id } = created;
    assertEquals([created.name, created.slug, created.createdBy], ["Acme & Söhne", "acme-so-hne", ada!.id]);
    assertEquals((await organizations.getOrganization({ slug: "acme-so-hne" })).id, id);
    const counted = await organizations.getOrganization({ organizationId: id, includeMembersCount: true });
    assertEquals([counted.membersCount, created.membersCount], [1, undefined]);
    const renamed = await organizations.updateOrganization(id, {
      name: "Acme",
      slug: "acme",
      maxAllowedMemberships: 5,
    });
    assertEquals([renamed.name, renamed.slug, renamed.maxAllowedMemberships], ["Acme", "acme", 5]);
    assert(renamed.updatedAt > created.updatedAt);
    const merged = await organizations.updateOrganizationMetadata(id, {
      publicMetadata: { plan: { seats: 3 }, beta: true } as never,
    });
    assertEquals(merged.publicMetadata, { plan: { name: "free", seats: 3 }, beta: true } as never);
    const replaced = await organizations.replaceOrganizationMetadata(id, { privateMetadata: { note: "x" } as never });
    assertEquals([replaced.publicMetadata, replaced.privateMetadata], [merged.publicMetadata, { note: "x" }] as never);
    assertEquals((await organizations.deleteOrganization(id)).id, id);
    assertEquals(await refusalOf(organizations.getOrganization({ organizationId: id })), [404, "resource_not_found"]);
    assertEquals(simulator.state.memberships.size, 0);
  }));

Deno.test("PATCH /v1/organizations/{id} accepts metadata only before version 2026-05-12", () =>
  withSimulator({}, async (simulator) => {
    const { id } = await clientOf(simulator).organizations.createOrganization({ name: "Acme" });
    const patch = async (version: Record<string, string>) => {
      const headers = { authorization: `Bearer ${simulator.secretKey}`, ...version };
      const body = `{"public_metadata":{"plan":"team"}}`;
      const response = await fetch(`${simulator.url}/v1/organizations/${id}`, { method: "PATCH", headers, body });
      const { errors, public_metadata } = await response.json();
      return [response.status, errors?.[0].code ?? public_metadata];
    };
    assertEquals(await patch({ "clerk-api-version": "2026-05-12" }), [422, "form_param_unknown"]);
    assertEquals(await patch({ "clerk-api-version": "2025-11-10" }), [200, { plan: "team" }]);
  }));

Deno.test("@clerk/backend adds, lists, changes and removes members", () =>
  withSimulator({}, async (simulator) => {
    const { organizations, users } = clientOf(simulator);
    const [ada, eve] = seedUsers(simulator.state, 2);
    const { id: organizationId } = await organizations.createOrganization({ name: "Acme", createdBy: ada!.id });
    const member = { organizationId, userId: eve!.id };
    const joined = await organizations.createOrganizationMembership({ ...member, role: "org:member" });
    assertEquals([joined.role, joined.organization.id, joined.publicUserData?.userId], [
      "org:member",
      organizationId,
      eve!.id,
    ]);
    assertEquals(joined.permissions, ["org:sys_memberships:read", "org:sys_billing:read"]);
    const list = await organizations.getOrganizationMembershipList({ organizationId, orderBy: "+created_at" });
    // Both may have joined in the same millisecond, so their order is undefined.
    assertEquals([list.data.map(({ role }) => role).sort(), list.totalCount], [["org:admin", "org:member"], 2]);
    const found = await organizations.getOrganizationMembershipList({ organizationId, userId: [eve!.id, "user_x"] });
    assertEquals(found.data.map(({ id }) => id), [joined.id]);
    const promoted = await organizations.updateOrganizationMembership({ ...member, role: "org:admin" });
    assertEquals([promoted.role, promoted.updatedAt > joined.updatedAt], ["org:admin", true]);
    const noted = await organizations.updateOrganizationMembershipMetadata({
      ...member,
      publicMetadata: { desk: 1 } as never,
    });
    assertEquals(noted.publicMetadata, { desk: 1 } as never);
    const own = await users.getOrganizationMembershipList({ userId: eve!.id });
    assertEquals([own.totalCount, own.data[0]?.organization.name], [1, "Acme"]);
    assertEquals((await organizations.getInstanceOrganizationMembershipList({ limit: 1 })).totalCount, 2);
    assertEquals((await organizations.deleteOrganizationMembership(member)).id, joined.id);
    const again = await organizations.createOrganizationMembership({ ...member, role: "org:member" });
    assert(again.id !== joined.id);
    await users.deleteUser(eve!.id);
    assertEquals((await organizations.getOrganizationMembershipList({ organizationId })).totalCount, 1);
  }));

Deno.test("@clerk/backend creates and revokes invitations", () =>
  withSimulator({}, async (simulator) => {
    const { organizations, users } = clientOf(simulator);
    const [ada, eve] = seedUsers(simulator.state, 2);
    const { id: organizationId } = await organizations.createOrganization({ name: "Acme", createdBy: ada!.id });
    const emailAddress = eve!.email_addresses[0]!.email_address;
    const invite = { organizationId, emailAddress, role: "org:member", inviterUserId: ada!.id };
    const invitation = await organizations.createOrganizationInvitation(invite);
    assertEquals([invitation.status, invitation.organizationId], ["pending", organizationId]);
    assertEquals(await refusalOf(organizations.createOrganizationInvitation(invite)), [
      400,
      "organization_invitation_not_unique",
    ]);
    assertEquals((await users.getOrganizationInvitationList({ userId: eve!.id })).data.map(({ id }) => id), [
      invitation.id,
    ]);
    const { status } = await organizations.revokeOrganizationInvitation({
      organizationId,
      invitationId: invitation.id,
    });
    assertEquals(status, "revoked");
    const bulk = await organizations.createOrganizationInvitationBulk(organizationId, [
      { emailAddress, role: "org:member" },
      { emailAddress: "new@example.com", role: "org:admin" },
    ]);
    assertEquals(bulk.totalCount, 2);
    const pending = await organizations.getOrganizationInvitationList({ organizationId, status: ["pending"] });
    assertEquals([
      pending.totalCount,
      (await organizations.getOrganizationInvitationList({ organizationId })).totalCount,
    ], [
      2,
      3,
    ]);
    const read = await organizations.getOrganizationInvitation({ organizationId, invitationId: invitation.id });
    assertEquals(read.status, "revoked");
  }));

Deno.test("@clerk/backend creates roles and permissions, and a renamed role keeps its members", () =>
  withSimulator({}, async (simulator) => {
    const { organizations, organizationRoles, organizationPermissions } = clientOf(simulator);
    const [ada] = seedUsers(simulator.state, 1);
    const permission = await organizationPermissions.createOrganizationPermission({
      name: "Read invoices",
      key: "org:invoices:read",
      description: "Reads them",
    });
    const role = await organizationRoles.createOrganizationRole({
      name: "Billing",
      key: "org:billing",
      description: "Pays",
      permissions: [permission.id],
    });
    assertEquals(role.permissions.map(({ key }) => key), ["org:invoices:read"]);
    assertEquals((await organizationRoles.getOrganizationRoleList({ query: "bill" })).data.map(({ key }) => key), [
      "org:billing",
    ]);
    const { id: organizationId } = await organizations.createOrganization({ name: "Acme" });
    const member = { organizationId, userId: ada!.id };
    await organizations.createOrganizationMembership({ ...member, role: "org:billing" });
    await organizationRoles.updateOrganizationRole({ organizationRoleId: role.id, key: "org:finance" });
    const { data: [membership] } = await organizations.getOrganizationMembershipList({ organizationId });
    assertEquals([membership?.role, membership?.permissions], ["org:finance", ["org:invoices:read"]]);
    assertEquals(await refusalOf(organizationRoles.deleteOrganizationRole(role.id)), [
      422,
      "organization_role_assigned_members",
    ]);
    await organizations.deleteOrganizationMembership(member);
    await organizationRoles.deleteOrganizationRole(role.id);
    assertEquals(await refusalOf(organizationRoles.getOrganizationRole(role.id)), [404, "resource_not_found"]);
    assertEquals((await organizationRoles.getOrganizationRoleList()).totalCount, 2);
  }));

Deno.test("organizations reject the same input as Clerk", () =>
  withSimulator({}, async (simulator) => {
    const { organizations } = clientOf(simulator);
    const [ada, eve] = seedUsers(simulator.state, 2);
    const { id: organizationId } = await organizations.createOrganization({
      name: "Acme",
      createdBy: ada!.id,
      maxAllowedMemberships: 1,
    });
    const join = (userId: string, role = "org:member", id = organizationId) =>
      organizations.createOrganizationMembership({ organizationId: id, userId, role });
    assertEquals(await refusalOf(join(ada!.id)), [400, "already_a_member_in_organization"]);
    assertEquals(await refusalOf(join(eve!.id)), [403, "organization_membership_quota_exceeded"]);
    assertEquals(await refusalOf(join("user_x")), [404, "resource_not_found"]);
    assertEquals(await refusalOf(join(eve!.id, "org:nobody")), [404, "resource_not_found"]);
    assertEquals(await refusalOf(join(eve!.id, "org:member", "org_x")), [404, "resource_not_found"]);
    const create = (params: Record<string, string>) => organizations.createOrganization({ name: "Other", ...params });
    assertEquals(await refusalOf(create({ slug: "acme" })), [422, "form_identifier_exists"]);
    assertEquals(await refusalOf(create({ slug: "A b" })), [422, "form_param_format_invalid"]);
    assertEquals(await refusalOf(create({ name: "" })), [422, "form_param_missing"]);
    assertEquals(await refusalOf(create({ createdBy: "user_x" })), [400, "organization_creator_not_found"]);
    assertEquals(await refusalOf(organizations.getOrganizationList({ limit: 501 })), [
      422,
      "form_param_format_invalid",
    ]);
    const order = { orderBy: "updated_at" } as never;
    assertEquals(await refusalOf(organizations.getOrganizationList(order)), [422, "form_param_value_invalid"]);
    const cursor = await simulator.get(`/v1/organizations?starting_after=${organizationId}`);
    assertEquals([cursor.status, (await cursor.json()).errors[0].code], [501, "not_simulated"]);
    await fetch(`${simulator.url}/dev/organizations?on=false`, { method: "POST" }).then((answer) => answer.text());
    assertEquals(await refusalOf(organizations.getOrganizationList()), [403, "organization_not_enabled_in_instance"]);
  }));

Deno.test("@clerk/backend lists organizations by page, by order, by id and by name", () =>
  withSimulator({}, async (simulator) => {
    const { organizations } = clientOf(simulator);
    const users = seedUsers(simulator.state, 9);
    const seeded = seedOrganizations(simulator.state, { users, count: 25, membersEach: 2 });
    const ids = seeded.organizations.map(({ id }) => id);
    const list = async (params: Parameters<typeof organizations.getOrganizationList>[0]) => {
      const { data, totalCount } = await organizations.getOrganizationList(params);
      return [data.map(({ id }) => ids.indexOf(id)), totalCount];
    };
    assertEquals(await list({ limit: 3, offset: 4, orderBy: "+created_at" }), [[4, 5, 6], 25]);
    assertEquals(await list({ limit: 2 }), [[24, 23], 25]);
    assertEquals(await list({ limit: 3, orderBy: "+name" }), [[0, 1, 10], 25]);
    assertEquals(await list({ organizationId: [ids[7]!, "org_x", ids[3]!], orderBy: "+created_at" }), [[3, 7], 2]);
    assertEquals(await list({ query: "ORGANIZATION 24" }), [[24], 1]);
    simulator.state.memberships.delete(seeded.memberships[10]!.id);
    assertEquals(await list({ limit: 1, orderBy: "+members_count" }), [[5], 25]);
    const page = await organizations.getInstanceOrganizationMembershipList({
      limit: 3,
      offset: 1,
      orderBy: "+created_at",
    });
    assertEquals(page.data.map(({ id }) => id), seeded.memberships.slice(1, 4).map(({ id }) => id));
    assertEquals(page.data[0]?.organization.id, ids[0]);
  }));
