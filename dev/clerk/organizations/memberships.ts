/**
 * Memberships of organizations, as the simulator keeps them.
 *
 * @module
 */
import { createId } from "../keys.ts";
import type { NewId } from "../users.ts";
import type { Metadata } from "./organizations.ts";

/** A membership. It refers to its role by id, so that a role can get another key. Times are in milliseconds. */
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
 * Changes a membership.
 *
 * @param membership The membership as it is.
 * @param change What to change.
 * @param now The time in milliseconds. The new version is later than the old one even within a millisecond.
 * @returns The membership as it is then.
 */
export function updateMembership(
  membership: Membership,
  change: Partial<Pick<Membership, "role_id" | "public_metadata" | "private_metadata">>,
  now: number,
): Membership {
  return { ...membership, ...change, updated_at: Math.max(now, membership.updated_at + 1) };
}
