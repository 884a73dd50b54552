/**
 * Organizations, memberships and invitations as Clerk's APIs and webhooks show them.
 *
 * @module
 */
import type { State } from "../state.ts";
import { publicUserData } from "../users.ts";
import type { Invitation } from "./invitations.ts";
import type { Membership } from "./memberships.ts";
import type { Organization } from "./organizations.ts";

/**
 * An organization as Clerk shows it.
 *
 * @param state The simulator's state.
 * @param organization The organization.
 * @param hasCounts Whether it has the number of its members and invitations.
 * @returns Clerk's object.
 */
export function organizationObject(
  { memberships, invitations }: State,
  organization: Organization,
  hasCounts: boolean,
): Record<string, unknown> {
  if (!hasCounts) return { ...organization };
  return {
    ...organization,
    members_count: memberships.ofOrganization(organization.id).length,
    pending_invitations_count: invitations.pendingOf(organization.id).length,
  };
}

/**
 * A membership as Clerk shows it: with its organization, its role's name and permissions, and its user in brief.
 *
 * @param state The simulator's state.
 * @param membership The membership.
 * @param hasCounts Whether its organization has the number of its members and invitations.
 * @returns Clerk's object.
 */
export function membershipObject(
  state: State,
  membership: Membership,
  hasCounts: boolean,
): Record<string, unknown> {
  const role = state.roles.get(membership.role_id)!;
  return {
    object: "organization_membership",
    id: membership.id,
    role: role.key,
    role_name: role.name,
    permissions: role.permissions,
    public_metadata: membership.public_metadata,
    private_metadata: membership.private_metadata,
    organization: organizationObject(state, state.organizations.get(membership.organization_id)!, hasCounts),
    public_user_data: publicUserData(state.users.get(membership.user_id)!),
    created_at: membership.created_at,
    updated_at: membership.updated_at,
  };
}
/**
 * An invitation as Clerk shows it.
 *
 * @param state The simulator's state.
 * @param invitation The invitation.
 * @returns Clerk's object.
 */
export function invitationObject(state: State, invitation: Invitation): Record<string, unknown> {
  const role = state.roles.get(invitation.role_id)!;
  const organization = state.organizations.get(invitation.organization_id)!;
  const inviter = state.users.get(invitation.inviter_id ?? "");
  const { role_id: _, ...shown } = invitation;
  return {
    object: "organization_invitation",
    ...shown,
    role: role.key,
    role_name: role.name,
    // The simulator sends no mail, so there is no page to link to.
    url: null,
    public_inviter_data: inviter ? publicUserData(inviter) : null,
    public_organization_data: {
      id: organization.id,
      name: organization.name,
      slug: organization.slug,
      image_url: organization.image_url,
      has_image: organization.has_image,
    },
  };
}
