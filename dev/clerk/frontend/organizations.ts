/**
 * The Frontend API's routes of organizations, limited by the permissions of the caller's role.
 *
 * @module
 */
import { ClerkError } from "../errors.ts";
import type { Route } from "../http.ts";
import { invitationsOf } from "../organizations/invitation_routes.ts";
import { listInvitations, listMemberships, pageObject } from "../organizations/lists.ts";
import { findMembership } from "../organizations/membership_routes.ts";
import { roleObject } from "../organizations/roles.ts";
import { findOrganization } from "../organizations/routes.ts";
import type { FrontendOptions } from "./answers.ts";
import { readForm, required } from "./forms.ts";
import { memberRoute, NEEDS, ownQuery } from "./member_route.ts";
import { checkManagerStays, organizationMemberRoutes } from "./organization_members.ts";
import { invitationResource, membershipResource, organizationResource } from "./resources.ts";

/**
 * Returns the routes under `/organizations` and of the caller's memberships and invitations.
 *
 * @param options State, changes, switches and issuer.
 * @returns The routes.
 */
export function organizationRoutes(options: FrontendOptions): Route[] {
  return [
    ...profileRoutes(options),
    ...organizationMemberRoutes(options),
    ...ownRoutes(options),
  ];
}

function profileRoutes(options: FrontendOptions): Route[] {
  const { state, changes: { organizations } } = options;
  const route = memberRoute(options);
  const show = (id: string | undefined) => organizationResource(state, findOrganization(state, id));
  return [
    route("POST", "/organizations", undefined, async ({ user }, _, request) => {
      const form = await readForm(request);
      const slug = form.get("slug") ?? undefined;
      const input = { name: required(form, "name"), created_by: user.id, ...(slug !== undefined && { slug }) };
      return show(organizations.create(input).id);
    }),
    route("GET", "/organizations/:id", NEEDS.read, (_, { id }) => show(id)),
    route("PATCH", "/organizations/:id", NEEDS.profile, async (_, { id }, request) => {
      const form = await readForm(request);
      const given = ["name", "slug"].flatMap((name) => form.get(name) ? [[name, form.get(name)]] : []);
      organizations.update(findOrganization(state, id), Object.fromEntries(given));
      return show(id);
    }),
    route("DELETE", "/organizations/:id", NEEDS.delete, (_, { id }) => {
      const organization = findOrganization(state, id);
      if (organization.admin_delete_enabled) return organizations.delete(organization);
      throw new ClerkError(403, "organization_admin_delete_not_enabled", "Members may not delete this organization.");
    }),
    route("GET", "/organizations/:id/roles", NEEDS.read, () => {
      const roles = [...state.roles.values()].map((role) => roleObject(state.permissions, role));
      return { data: roles, total_count: roles.length };
    }),
    // Always empty: the simulator supports neither domains nor membership requests.
    ...["domains", "membership_requests"].map((name) =>
      route("GET", `/organizations/:id/${name}`, NEEDS.read, () => ({ data: [], total_count: 0 }))
    ),
  ];
}

/** Returns the routes of the caller's own memberships and invitations. */
function ownRoutes(options: FrontendOptions): Route[] {
  const { state, changes: { organizations } } = options;
  const route = memberRoute(options);
  return [
    route("GET", "/me/organization_memberships", undefined, ({ user }, _, request) => {
      const page = listMemberships(state, ownQuery(request), state.memberships.ofUser(user.id));
      return pageObject(page, (membership) => membershipResource(state, membership));
    }),
    route("DELETE", "/me/organization_memberships/:id", undefined, ({ user }, { id }) => {
      const membership = findMembership(state, id, user.id);
      checkManagerStays(state, membership);
      organizations.removeMember(membership);
      return { object: "organization_membership", id: membership.id, deleted: true };
    }),
    route("GET", "/me/organization_invitations", undefined, ({ user }, _, request) => {
      const page = listInvitations(ownQuery(request), invitationsOf(state, user));
      return pageObject(page, (invitation) => invitationResource(state, invitation));
    }),
    route("POST", "/me/organization_invitations/:invitation/accept", undefined, ({ user }, { invitation }) => {
      const found = invitationsOf(state, user).find(({ id }) => id === invitation);
      if (!found) throw new ClerkError(404, "resource_not_found", "Invitation not found");
      return invitationResource(state, organizations.accept(found, user));
    }),
    route("GET", "/me/organization_suggestions", undefined, () => ({ data: [], total_count: 0 })),
  ];
}
