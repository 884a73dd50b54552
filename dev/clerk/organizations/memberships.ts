/**
 * Creates and changes memberships of organizations.
 *
 * @module
 */
import { createId } from "../keys.ts";
import type { NewId } from "../users.ts";
import type { Metadata } from "./organizations.ts";

/** A membership. It refers to its role by id, because a role's key can change. Times are in milliseconds. */
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

/** Input of a new membership. */
export type MembershipInput =
  & Pick<Membership, "organization_id" | "user_id" | "role_id">
  & Partial<Pick<Membership, "public_metadata" | "private_metadata">>;

/**
 * Returns a new membership.
 *
 * @param input Organization, user, role and metadata.
 * @param now The time in milliseconds.
 * @param newId Creates an id from a prefix and a time.
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
 * Returns a changed copy of a membership.
 *
 * @param membership The current membership.
 * @param change The changes.
 * @param now The time in milliseconds. The new version is later even within the same millisecond.
 * @returns The changed membership.
 */
export function updateMembership(
  membership: Membership,
  change: Partial<Pick<Membership, "role_id" | "public_metadata" | "private_metadata">>,
  now: number,
): Membership {
  return { ...membership, ...change, updated_at: Math.max(now, membership.updated_at + 1) };
}
