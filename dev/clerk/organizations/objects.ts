/**
 * Formats organizations, memberships and invitations for Clerk's APIs and webhooks.
 *
 * @module
 */
import type { State } from "../state.ts";
import { publicUserData } from "../users.ts";
import type { Invitation } from "./invitations.ts";
import type { Membership } from "./memberships.ts";
import type { Organization } from "./organizations.ts";

/**
 * Returns an organization in the format of Clerk's API.
 *
 * @param state The simulator's state.
 * @param organization The organization.
 * @param hasCounts Whether to include the numbers of members and invitations.
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
 * Returns a membership in the format of Clerk's API, with its organization, its role's name and permissions, and the
 * user's public data.
 *
 * @param state The simulator's state.
 * @param membership The membership.
 * @param hasCounts Whether the organization includes the numbers of members and invitations.
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
 * Returns an invitation in the format of Clerk's API.
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
    // Always null: the simulator has no page to accept an invitation.
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
