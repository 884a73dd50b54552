/**
 * Invitations to organizations.
 *
 * @module
 */
import { createId } from "../keys.ts";
import type { State } from "../state.ts";
import { publicUserData } from "../users.ts";
import type { Metadata } from "./organizations.ts";

/** Milliseconds of a day. */
const DAY_MS = 86_400_000;

/** An invitation. It refers to its role by id. Times are milliseconds. */
export interface Invitation {
  id: string;
  organization_id: string;
  email_address: string;
  role_id: string;
  inviter_id: string | null;
  status: "pending" | "accepted" | "revoked";
  public_metadata: Metadata;
  private_metadata: Metadata;
  expires_at: number;
  created_at: number;
  updated_at: number;
}

/** What an invitation is made of. */
export interface InvitationInput {
  organization_id: string;
  email_address: string;
  role_id: string;
  inviter_id: string | null;
  public_metadata?: Metadata;
  private_metadata?: Metadata;
  /** 30 unless given. */
  expires_in_days?: number;
}

/**
 * Makes an invitation.
 *
 * @param input What the inviter said.
 * @param now Milliseconds.
 * @returns The invitation, pending.
 */
export function createInvitation({ expires_in_days = 30, ...input }: InvitationInput, now: number): Invitation {
  return {
    id: createId("orginv", now),
    status: "pending",
    public_metadata: {},
    private_metadata: {},
    ...input,
    expires_at: now + expires_in_days * DAY_MS,
    created_at: now,
    updated_at: now,
  };
}

/**
 * An invitation as Clerk shows it.
 *
 * @param state The simulator's memory.
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
    // There is no mail, and no page that it would lead to.
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
