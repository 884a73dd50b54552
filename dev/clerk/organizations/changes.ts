/**
 * Applies changes of organizations, memberships and invitations from every interface to the state, and sends the
 * webhooks.
 *
 * @module
 */
import { ClerkError, invalidParameter } from "../errors.ts";
import { removeOrganization, type State } from "../state.ts";
import type { Switches } from "../switches.ts";
import type { User } from "../users.ts";
import { createInvitation, type Invitation, type InvitationInput } from "./invitations.ts";
import { createMembership, type Membership, type MembershipInput, updateMembership } from "./memberships.ts";
import {
  createOrganization,
  type Organization,
  type OrganizationInput,
  slugOf,
  updateOrganization,
} from "./organizations.ts";
import { findRole } from "./role_changes.ts";
import { CREATOR_ROLE } from "./roles.ts";
import { invitationObject, membershipObject, organizationObject } from "./objects.ts";

/** Dependencies of the changes. */
export interface OrganizationChangesOptions {
  state: State;
  switches: Switches;
  /** Sends a webhook and saves the state. */
  tell: (type: string, data: unknown) => void;
}

/** The changes to organizations, memberships and invitations. */
export interface OrganizationChanges {
  create: (input: OrganizationInput) => Organization;
  update: (organization: Organization, input: OrganizationInput) => Organization;
  /** Deletes an organization and returns Clerk's answer. */
  delete: (organization: Organization) => Record<string, unknown>;
  addMember: (input: MembershipInput) => Membership;
  updateMember: (
    membership: Membership,
    change: Partial<Pick<Membership, "role_id" | "public_metadata" | "private_metadata">>,
  ) => Membership;
  /** Deletes a membership and, like Clerk, returns it as it was. */
  removeMember: (membership: Membership) => Record<string, unknown>;
  invite: (input: InvitationInput) => Invitation;
  revoke: (invitation: Invitation) => Invitation;
  /** Adds the invited user as a member. */
  accept: (invitation: Invitation, user: User) => Invitation;
  /** Sends events for memberships that end with their user or organization, if that switch is on. */
  withCascade: (memberships: readonly Membership[], remove: () => void) => void;
}

/**
 * Returns the changes to organizations, memberships and invitations.
 *
 * @param options State, switches, sender and how to save.
 * @returns The changes.
 */
export function createOrganizationChanges(options: OrganizationChangesOptions): OrganizationChanges {
  const { state } = options;
  const withCascade = cascadeOf(options);
  const members = memberChanges(options);
  return {
    ...members,
    ...invitationChanges(options, members.addMember),
    withCascade,
    create(input) {
      const slug = input.slug ??
        slugOf(input.name ?? "", (slug) => state.organizations.findBySlug(slug) !== undefined, Date.now());
      checkSlug(state, slug);
      if (input.created_by !== undefined && !state.users.get(input.created_by)) {
        throw new ClerkError(400, "organization_creator_not_found", `No users found with id ${input.created_by}.`);
      }
      const organization = createOrganization(input, slug, Date.now());
      state.organizations.set(organization);
      options.tell("organization.created", organizationObject(state, organization, true));
      if (input.created_by !== undefined) {
        const { id: role_id } = findRole(state, CREATOR_ROLE);
        members.addMember({ organization_id: organization.id, user_id: input.created_by, role_id });
      }
      return organization;
    },
    update(organization, input) {
      if (input.slug !== undefined) checkSlug(state, input.slug, organization.id);
      const changed = updateOrganization(organization, input, Date.now());
      state.organizations.set(changed);
      options.tell("organization.updated", organizationObject(state, changed, true));
      return changed;
    },
    delete({ id, slug }) {
      const deleted = { object: "organization", id, slug, deleted: true };
      withCascade(state.memberships.ofOrganization(id), () => {
        removeOrganization(state, id);
        options.tell("organization.deleted", deleted);
      });
      return deleted;
    },
  };
}

/** Returns Clerk's objects of memberships, which must be built before the memberships are deleted. */
function cascadeOf({ state, switches, tell }: OrganizationChangesOptions): OrganizationChanges["withCascade"] {
  return (memberships, remove) => {
    const gone = switches.cascades ? memberships.map((membership) => membershipObject(state, membership, true)) : [];
    remove();
    for (const membership of gone) tell("organizationMembership.deleted", membership);
  };
}

function memberChanges({ state, tell }: OrganizationChangesOptions) {
  const store = (type: string, membership: Membership) => {
    state.memberships.set(membership);
    tell(type, membershipObject(state, membership, true));
    return membership;
  };
  return {
    addMember(input: MembershipInput) {
      checkNoMember(state, input.organization_id, input.user_id);
      checkQuota(state, input.organization_id, 1);
      return store("organizationMembership.created", createMembership(input, Date.now()));
    },
    updateMember(membership: Membership, change: Parameters<OrganizationChanges["updateMember"]>[1]) {
      return store("organizationMembership.updated", updateMembership(membership, change, Date.now()));
    },
    removeMember(membership: Membership) {
      const shown = membershipObject(state, membership, true);
      state.memberships.delete(membership.id);
      tell("organizationMembership.deleted", shown);
      return shown;
    },
  };
}

function invitationChanges(
  { state, tell }: OrganizationChangesOptions,
  addMember: OrganizationChanges["addMember"],
) {
  const end = (invitation: Invitation, status: Invitation["status"], more: Record<string, unknown> = {}) => {
    const ended = { ...invitation, status, updated_at: Math.max(Date.now(), invitation.updated_at + 1) };
    state.invitations.set(ended);
    tell(`organizationInvitation.${status}`, { ...invitationObject(state, ended), ...more });
    return ended;
  };
  return {
    invite(input: InvitationInput) {
      checkInvitation(state, input);
      checkQuota(state, input.organization_id, 1);
      const invitation = createInvitation(input, Date.now());
      state.invitations.set(invitation);
      tell("organizationInvitation.created", invitationObject(state, invitation));
      return invitation;
    },
    revoke: (invitation: Invitation) => end(checkPending(invitation), "revoked"),
    accept(invitation: Invitation, { id: user_id }: User) {
      const { organization_id, role_id, public_metadata } = checkPending(invitation);
      checkNoMember(state, organization_id, user_id);
      // The membership takes over the invitation's place in the quota.
      const accepted = end(invitation, "accepted", { user_id });
      addMember({ organization_id, user_id, role_id, public_metadata });
      return accepted;
    },
  };
}

function checkInvitation(state: State, { organization_id, email_address }: InvitationInput): void {
  const address = email_address.toLowerCase();
  if (state.invitations.pendingOf(organization_id).some((one) => one.email_address.toLowerCase() === address)) {
    const message = "Organizations cannot have duplicate pending invitations for an email address.";
    throw new ClerkError(400, "organization_invitation_not_unique", message);
  }
  const user = state.users.findByAddress(address);
  if (user) checkNoMember(state, organization_id, user.id, email_address);
}

function checkNoMember({ memberships }: State, organizationId: string, userId: string, name = userId): void {
  if (!memberships.find(organizationId, userId)) return;
  throw new ClerkError(400, "already_a_member_in_organization", `${name} is already a member of the organization.`);
}

function checkPending(invitation: Invitation): Invitation {
  if (invitation.status === "pending") return invitation;
  throw new ClerkError(400, "organization_invitation_not_pending", "The organization invitation is not pending.");
}

/** Throws if the organization is full. As Clerk documents, pending invitations count. */
function checkQuota(state: State, organizationId: string, more: number): void {
  const most = state.organizations.get(organizationId)!.max_allowed_memberships;
  const members = state.memberships.ofOrganization(organizationId).length;
  if (most === 0 || members + state.invitations.pendingOf(organizationId).length + more <= most) return;
  const message = `You have reached your limit of ${most} organization memberships, including outstanding invitations.`;
  throw new ClerkError(403, "organization_membership_quota_exceeded", message);
}

function checkSlug({ organizations }: State, slug: string, organizationId?: string): void {
  if (!/^[a-z0-9_-]+$/.test(slug)) {
    throw invalidParameter("slug", "slug may have lowercase letters, digits, hyphens and underscores");
  }
  if ((organizations.findBySlug(slug)?.id ?? organizationId) === organizationId) return;
  throw invalidParameter("slug", "That slug is taken. Please try another.", "form_identifier_exists");
}
