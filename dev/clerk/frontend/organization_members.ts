/**
 * The Frontend API's routes of members and invitations.
 *
 * @module
 */
import { ClerkError } from "../errors.ts";
import type { Route } from "../http.ts";
import { findInvitation } from "../organizations/invitation_routes.ts";
import { listInvitations, listMemberships, pageObject } from "../organizations/lists.ts";
import { findMembership } from "../organizations/membership_routes.ts";
import type { Membership } from "../organizations/memberships.ts";
import { findRole } from "../organizations/role_changes.ts";
import { findOrganization } from "../organizations/routes.ts";
import type { State } from "../state.ts";
import type { Caller, FrontendOptions } from "./answers.ts";
import { readForm, required } from "./forms.ts";
import { memberRoute, NEEDS, ownQuery } from "./member_route.ts";
import { invitationResource, membershipResource } from "./resources.ts";

/**
 * Returns the routes under `/organizations/{id}/memberships` and `/organizations/{id}/invitations`.
 *
 * @param options State, changes, switches and issuer.
 * @returns The routes.
 */
export function organizationMemberRoutes(options: FrontendOptions): Route[] {
  return [...memberRoutes(options), ...invitationRoutes(options)];
}

/**
 * Throws if an organization would lose its last member who can manage it.
 *
 * @param state The simulator's state.
 * @param membership The membership that ends or gets another role.
 * @param roleId The new role; undefined if the membership ends.
 * @throws {ClerkError} 400 if no such member would remain.
 */
export function checkManagerStays(state: State, membership: Membership, roleId?: string): void {
  const canManage = (id: string) => state.roles.get(id)!.is_creator_eligible;
  if (!canManage(membership.role_id) || (roleId !== undefined && canManage(roleId))) return;
  const others = state.memberships.ofOrganization(membership.organization_id).filter(({ id }) => id !== membership.id);
  if (others.some(({ role_id }) => canManage(role_id))) return;
  const message = "There has to be at least one organization member with the minimum required permissions.";
  throw new ClerkError(400, "organization_minimum_permissions_needed", message);
}

function memberRoutes(options: FrontendOptions): Route[] {
  const { state, changes: { organizations } } = options;
  const route = memberRoute(options);
  const path = "/organizations/:id/memberships";
  return [
    route("GET", path, NEEDS.read, (_, { id }, request) => {
      const members = state.memberships.ofOrganization(findOrganization(state, id).id);
      return pageObject(
        listMemberships(state, ownQuery(request), members, ["role", "query"]),
        (membership) => membershipResource(state, membership),
      );
    }),
    route("POST", path, NEEDS.manage, async (_, { id }, request) => {
      const form = await readForm(request);
      const role_id = findRole(state, required(form, "role")).id;
      const organization_id = findOrganization(state, id).id;
      return membershipResource(
        state,
        organizations.addMember({ organization_id, user_id: required(form, "user_id"), role_id }),
      );
    }),
    route("PATCH", `${path}/:user`, NEEDS.manage, async (_, { id, user }, request) => {
      const { id: role_id } = findRole(state, required(await readForm(request), "role"));
      const membership = findMembership(state, id, user);
      checkManagerStays(state, membership, role_id);
      return membershipResource(state, organizations.updateMember(membership, { role_id }));
    }),
    route("DELETE", `${path}/:user`, NEEDS.manage, (_, { id, user }) => {
      const membership = findMembership(state, id, user);
      checkManagerStays(state, membership);
      const shown = membershipResource(state, membership);
      organizations.removeMember(membership);
      return shown;
    }),
  ];
}

function invitationRoutes(options: FrontendOptions): Route[] {
  const { state, changes: { organizations } } = options;
  const route = memberRoute(options);
  const path = "/organizations/:id/invitations";
  const invite = ({ user }: Caller, id: string | undefined, address: string, role: string) => {
    const organization_id = findOrganization(state, id).id;
    const role_id = findRole(state, role).id;
    return invitationResource(
      state,
      organizations.invite({ organization_id, email_address: address, role_id, inviter_id: user.id }),
    );
  };
  return [
    route("GET", path, NEEDS.read, (_, { id }, request) => {
      const among = state.invitations.ofOrganization(findOrganization(state, id).id);
      return pageObject(listInvitations(ownQuery(request), among), (one) => invitationResource(state, one));
    }),
    route("POST", path, NEEDS.manage, async (caller, { id }, request) => {
      const form = await readForm(request);
      return invite(caller, id, required(form, "email_address"), required(form, "role"));
    }),
    route("POST", `${path}/bulk`, NEEDS.manage, async (caller, { id }, request) => {
      const form = await readForm(request);
      const addresses = form.getAll("email_address");
      return addresses.map((address) => invite(caller, id, address, required(form, "role")));
    }),
    route("POST", `${path}/:invitation/revoke`, NEEDS.manage, (_, { id, invitation }) => {
      return invitationResource(state, organizations.revoke(findInvitation(state, id, invitation)));
    }),
  ];
}
