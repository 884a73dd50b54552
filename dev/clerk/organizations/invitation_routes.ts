/**
 * The Backend API's routes of invitations.
 *
 * @module
 */
import { findUser } from "../changes.ts";
import { ClerkError, invalidParameter } from "../errors.ts";
import { json, type Route, type RouteMaker } from "../http.ts";
import type { State } from "../state.ts";
import { isAddress, type User } from "../users.ts";
import type { Invitation, InvitationInput } from "./invitations.ts";
import { listInvitations, pageObject } from "./lists.ts";
import { type Body, readBody, readMetadata, readText, requireText } from "./parameters.ts";
import { findRole } from "./role_changes.ts";
import { findOrganization, type OrganizationRoutesOptions } from "./routes.ts";
import { invitationObject } from "./objects.ts";

/** The most invitations in one call. */
const MAX_INVITATIONS = 10;

/**
 * Returns the routes under `/v1/organizations/{id}/invitations`, and the list of a user's invitations.
 *
 * @param route Creates a route behind the key check and the rate limit.
 * @param options State and changes.
 * @returns The routes.
 */
export function invitationRoutes(route: RouteMaker, options: OrganizationRoutesOptions): Route[] {
  const { state, changes: { organizations } } = options;
  const path = "/v1/organizations/:id/invitations";
  const show = (invitation: Invitation) => invitationObject(state, invitation);
  return [
    ...listRoutes(route, options),
    route("POST", path, async ({ id }, request) => {
      return json(show(organizations.invite(readInvitation(state, id, await readBody(request)))));
    }),
    route("POST", `${path}/bulk`, async ({ id }, request) => {
      const bodies = await request.json();
      if (!Array.isArray(bodies) || bodies.length < 1 || bodies.length > MAX_INVITATIONS) {
        throw invalidParameter("", `The body must be a list of 1 to ${MAX_INVITATIONS} invitations`);
      }
      const inputs = bodies.map((body) => readInvitation(state, id, body));
      return json({ data: inputs.map((input) => show(organizations.invite(input))), total_count: inputs.length });
    }),
    route("GET", `${path}/:invitation`, ({ id, invitation }) => json(show(findInvitation(state, id, invitation)))),
    route("POST", `${path}/:invitation/revoke`, ({ id, invitation }) => {
      return json(show(organizations.revoke(findInvitation(state, id, invitation))));
    }),
  ];
}

function listRoutes(route: RouteMaker, { state }: OrganizationRoutesOptions): Route[] {
  const list = (request: Request, among: Iterable<Invitation>) => {
    const page = listInvitations(new URL(request.url).searchParams, among);
    return json(pageObject(page, (invitation) => invitationObject(state, invitation)));
  };
  return [
    route("GET", "/v1/organization_invitations", (_, request) => list(request, state.invitations.values())),
    route("GET", "/v1/organizations/:id/invitations", ({ id }, request) => {
      return list(request, state.invitations.ofOrganization(findOrganization(state, id).id));
    }),
    // Deprecated by Clerk. Must come before the route with an id, which would read "pending" as an id.
    route("GET", "/v1/organizations/:id/invitations/pending", ({ id }, request) => {
      return list(request, state.invitations.pendingOf(findOrganization(state, id).id));
    }),
    route("GET", "/v1/users/:id/organization_invitations", ({ id }, request) => {
      return list(request, invitationsOf(state, findUser(state, id)));
    }),
  ];
}

/**
 * Finds the invitations to a user's addresses.
 *
 * @param state The simulator's state.
 * @param user The user.
 * @returns The invitations.
 */
export function invitationsOf({ invitations }: State, { email_addresses }: User): Invitation[] {
  const addresses = email_addresses.map(({ email_address }) => email_address.toLowerCase());
  return [...invitations.values()].filter(({ email_address }) => addresses.includes(email_address.toLowerCase()));
}

/**
 * Finds an invitation of an organization.
 *
 * @param state The simulator's state.
 * @param organizationId The organization's id.
 * @param id The invitation's id.
 * @returns The invitation.
 * @throws {ClerkError} 404 if it does not exist.
 */
export function findInvitation(state: State, organizationId: string | undefined, id: string | undefined): Invitation {
  const organization = findOrganization(state, organizationId);
  const invitation = state.invitations.get(id ?? "");
  if (invitation?.organization_id === organization.id) return invitation;
  throw new ClerkError(404, "resource_not_found", "Organization invitation not found");
}

/**
 * Parses the input of an invitation.
 *
 * @param state The simulator's state.
 * @param organizationId The organization's id.
 * @param body The body.
 * @returns The input of the invitation.
 * @throws {ClerkError} 404 if the role or the inviter does not exist, 422 if a field is invalid.
 */
export function readInvitation(state: State, organizationId: string | undefined, body: Body): InvitationInput {
  const organization_id = findOrganization(state, organizationId).id;
  const email_address = requireText(body, "email_address");
  if (!isAddress(email_address)) throw invalidParameter("email_address", "email_address must be an address");
  const inviter = readText(body, "inviter_user_id");
  const days = body.expires_in_days ?? 30;
  if (!Number.isInteger(days) || Number(days) < 1 || Number(days) > 365) {
    throw invalidParameter("expires_in_days", "expires_in_days must be a whole number from 1 to 365");
  }
  return {
    organization_id,
    email_address,
    role_id: findRole(state, requireText(body, "role")).id,
    inviter_id: inviter === undefined ? null : findUser(state, inviter).id,
    expires_in_days: Number(days),
    ...readMetadata(body),
  };
}
