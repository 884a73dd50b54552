/**
 * The Backend API's routes of memberships.
 *
 * @module
 */
import { findUser } from "../changes.ts";
import { ClerkError } from "../errors.ts";
import { json, type Route, type RouteMaker } from "../http.ts";
import type { State } from "../state.ts";
import { listMemberships, pageObject } from "./lists.ts";
import type { Membership } from "./memberships.ts";
import { readBody, readMetadata, requireText } from "./parameters.ts";
import { findRole } from "./role_changes.ts";
import { findOrganization, mergeMetadataOf, type OrganizationRoutesOptions } from "./routes.ts";
import { membershipObject } from "./objects.ts";

/**
 * Returns the routes under `/v1/organizations/{id}/memberships`, and the lists of a user's and of all memberships.
 *
 * @param route Creates a route behind the key check and the rate limit.
 * @param options State and changes.
 * @returns The routes.
 */
export function membershipRoutes(route: RouteMaker, options: OrganizationRoutesOptions): Route[] {
  const { state, changes: { organizations } } = options;
  const show = (membership: Membership) => json(membershipObject(state, membership, false));
  const path = "/v1/organizations/:id/memberships";
  return [
    ...listRoutes(route, options),
    route("POST", path, async ({ id }, request) => {
      const body = await readBody(request);
      return show(organizations.addMember({
        organization_id: findOrganization(state, id).id,
        user_id: findUser(state, requireText(body, "user_id")).id,
        role_id: findRole(state, requireText(body, "role")).id,
        ...readMetadata(body),
      }));
    }),
    route("PATCH", `${path}/:user`, async ({ id, user }, request) => {
      const { id: role_id } = findRole(state, requireText(await readBody(request), "role"));
      return show(organizations.updateMember(findMembership(state, id, user), { role_id }));
    }),
    route("PATCH", `${path}/:user/metadata`, async ({ id, user }, request) => {
      const change = readMetadata(await readBody(request));
      const membership = findMembership(state, id, user);
      return show(organizations.updateMember(membership, mergeMetadataOf(membership, change)));
    }),
    route("DELETE", `${path}/:user`, ({ id, user }) => {
      return json(organizations.removeMember(findMembership(state, id, user)));
    }),
  ];
}

function listRoutes(route: RouteMaker, { state }: OrganizationRoutesOptions): Route[] {
  const list = (request: Request, among?: Membership[], filters: string[] = []) => {
    const page = listMemberships(state, new URL(request.url).searchParams, among, filters);
    return json(pageObject(page, (membership) => membershipObject(state, membership, false)));
  };
  return [
    route("GET", "/v1/organization_memberships", (_, request) => list(request)),
    route("GET", "/v1/organizations/:id/memberships", ({ id }, request) => {
      const members = state.memberships.ofOrganization(findOrganization(state, id).id);
      return list(request, members, ["user_id", "role", "query"]);
    }),
    route("GET", "/v1/users/:id/organization_memberships", ({ id }, request) => {
      return list(request, state.memberships.ofUser(findUser(state, id).id));
    }),
  ];
}

/**
 * Finds a user's membership in an organization.
 *
 * @param state The simulator's state.
 * @param organizationId The organization's id.
 * @param userId The user's id.
 * @returns The membership.
 * @throws {ClerkError} 404 if it does not exist.
 */
export function findMembership(
  state: State,
  organizationId: string | undefined,
  userId: string | undefined,
): Membership {
  const { id } = findOrganization(state, organizationId);
  const membership = state.memberships.find(id, userId ?? "");
  if (membership) return membership;
  throw new ClerkError(404, "resource_not_found", "Organization membership not found");
}
