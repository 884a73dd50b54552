/**
 * Memberships as Clerk's Backend API and webhooks show them.
 *
 * @module
 */
import { createId } from "../keys.ts";
import type { State } from "../state.ts";
import { type NewId, publicUserData } from "../users.ts";
import type { Metadata, Organization } from "./organizations.ts";

/** A membership. It refers to its role by id, so that a role can get another key. Times are milliseconds. */
export interface Membership {
  id: string;
  organization_id: string;
  user_id: string;
  role_id: string;
  public_metadata: Metadata;
  private_metadata: Metadata;
  created_at: number;
  updated_at: number;
}

/** What a membership is made of. */
export type MembershipInput =
  & Pick<Membership, "organization_id" | "user_id" | "role_id">
  & Partial<Pick<Membership, "public_metadata" | "private_metadata">>;

/**
 * Makes a membership.
 *
 * @param input Organization, user, role and metadata.
 * @param now Milliseconds.
 * @param newId What makes ids.
 * @returns The membership.
 */
export function createMembership(input: MembershipInput, now: number, newId: NewId = createId): Membership {
  return {
    id: newId("orgmem", now),
    public_metadata: {},
    private_metadata: {},
    ...input,
    created_at: now,
    updated_at: now,
  };
}

/**
 * Changes a membership.
 *
 * @param membership The membership as it is.
 * @param change What to change.
 * @param now Milliseconds. The new version is later than the old one even within a millisecond.
 * @returns The membership as it is then.
 */
export function updateMembership(
  membership: Membership,
  change: Partial<Pick<Membership, "role_id" | "public_metadata" | "private_metadata">>,
  now: number,
): Membership {
  return { ...membership, ...change, updated_at: Math.max(now, membership.updated_at + 1) };
}

/**
 * An organization as Clerk shows it.
 *
 * @param state The simulator's memory.
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
 * @param state The simulator's memory.
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
