/**
 * Invitations to organizations.
 *
 * @module
 */
import { createId } from "../keys.ts";
import type { Metadata } from "./organizations.ts";

/** Milliseconds per day. */
const DAY_MS = 86_400_000;

/** An invitation. It refers to its role by id. Times are in milliseconds. */
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

/** Input of a new invitation. */
export interface InvitationInput {
  organization_id: string;
  email_address: string;
  role_id: string;
  inviter_id: string | null;
  public_metadata?: Metadata;
  private_metadata?: Metadata;
  /** Days until the invitation expires (default: 30). */
  expires_in_days?: number;
}

/**
 * Returns a new pending invitation.
 *
 * @param input The inviter's input.
 * @param now The time in milliseconds.
 * @returns The invitation.
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
