/**
 * Organizations in the Frontend API: what a signed-in user may do by clerk-js, within the permissions of its role.
 *
 * @module
 */
import { ClerkError } from "../errors.ts";
import type { Route } from "../http.ts";
import { findInvitation, invitationsOf } from "../organizations/invitation_routes.ts";
import { listInvitations, listMemberships, pageObject } from "../organizations/lists.ts";
import { findMembership } from "../organizations/membership_routes.ts";
import { findRole } from "../organizations/role_changes.ts";
import { roleObject } from "../organizations/roles.ts";
import { checkOrganizations, findOrganization } from "../organizations/routes.ts";
import type { State } from "../state.ts";
import { answer, type Caller, findCaller, type FrontendOptions, frontendRoute } from "./answers.ts";
import { readForm, required } from "./forms.ts";
import { invitationResource, membershipResource, organizationResource } from "./resources.ts";

type Parameters = Record<string, string | undefined>;
/** Answers the caller, whose role was checked, with what clerk-js finds under `response`. */
type Respond = (caller: Caller, parameters: Parameters, request: Request) => unknown | Promise<unknown>;

/** What a member needs for what; Clerk's own permissions. */
const NEEDS = {
  read: "org:sys_memberships:read",
  manage: "org:sys_memberships:manage",
  profile: "org:sys_profile:manage",
  delete: "org:sys_profile:delete",
} as const;

/**
 * Makes the routes.
 *
 * @param options State, changes, switches, issuer.
 * @returns The routes.
 */
export function organizationRoutes(options: FrontendOptions): Route[] {
  return [
    ...profileRoutes(options),
    ...memberRoutes(options),
    ...invitationRoutes(options),
    ...ownRoutes(options),
  ];
}

/** Makes a route for callers who are members with a permission; `undefined` asks for none, and for no organization. */
function memberRoute(options: FrontendOptions) {
  return (method: string, path: string, needs: string | undefined, respond: Respond) =>
    frontendRoute(method, path, async (parameters, request) => {
      checkOrganizations(options.switches);
      const caller = findCaller(options.state, request);
      if (needs) checkPermission(options.state, caller, parameters.id, needs);
      const response = await respond(caller, parameters, request);
      return await answer(options, request, caller.client, response);
    });
}

function checkPermission(state: State, { user }: Caller, organizationId: string | undefined, permission: string): void {
  const { role_id } = findMembership(state, organizationId, user.id);
  if (state.roles.get(role_id)!.permissions.includes(permission)) return;
  throw new ClerkError(403, "missing_organization_permission", `Your role lacks the permission ${permission}.`);
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
    // There are none to list: the simulator has neither domains nor requests to join.
    ...["domains", "membership_requests"].map((name) =>
      route("GET", `/organizations/:id/${name}`, NEEDS.read, () => ({ data: [], total_count: 0 }))
    ),
  ];
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
      return membershipResource(state, organizations.updateMember(findMembership(state, id, user), { role_id }));
    }),
    route("DELETE", `${path}/:user`, NEEDS.manage, (_, { id, user }) => {
      const membership = findMembership(state, id, user);
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

/** What the caller belongs to, or is invited to. */
function ownRoutes(options: FrontendOptions): Route[] {
  const { state, changes: { organizations } } = options;
  const route = memberRoute(options);
  return [
    route("GET", "/me/organization_memberships", undefined, ({ user }, _, request) => {
      const page = listMemberships(state, ownQuery(request), state.memberships.ofUser(user.id));
      return pageObject(page, (membership) => membershipResource(state, membership));
    }),
    route("DELETE", "/me/organization_memberships/:id", undefined, ({ user }, { id }) => {
      const { id: membershipId } = findMembership(state, id, user.id);
      organizations.removeMember(findMembership(state, id, user.id));
      return { object: "organization_membership", id: membershipId, deleted: true };
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

/** The query without what clerk-js adds to every request. */
function ownQuery(request: Request): URLSearchParams {
  const query = new URL(request.url).searchParams;
  for (const name of [...query.keys()]) if (name.startsWith("_")) query.delete(name);
  return query;
}
