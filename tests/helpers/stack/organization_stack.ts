/**
 * Stores organizations in the local stack as webhooks do, and signs tokens of their members.
 *
 * @module
 */
import type { Claims } from "../../../dev/clerk/issuer.ts";
import { forge } from "../clerk/clerk.ts";
import type { TestStack } from "./stack.ts";

/** A token's claims about the active organization. */
export interface Active {
  id: string;
  rol?: string;
  per?: string;
  fpm?: string;
}

/** Creates an organization at a time in milliseconds. */
export function organizationOf(id: string, at = Date.now()): Record<string, unknown> {
  const name = id.replace(/^org_/, "");
  return {
    ...{ id, object: "organization", name, slug: name, image_url: `https://img.clerk.com/${name}`, has_image: false },
    ...{ public_metadata: {}, created_at: at, updated_at: at },
  };
}

/** Creates a membership as Clerk sends it, with its organization embedded. */
export function membershipOf(organizationId: string, userId: string, role: string, at = Date.now()) {
  return {
    ...{ id: `orgmem_${organizationId}_${userId}`, object: "organization_membership", role, public_metadata: {} },
    ...{ organization: organizationOf(organizationId, at), public_user_data: { user_id: userId } },
    ...{ created_at: at, updated_at: at },
  };
}

/** Stores a membership, or a new role of an existing member. */
export async function join(stack: TestStack, organizationId: string, userId: string, role: string): Promise<void> {
  const at = Date.now();
  const common = { organization_id: organizationId, sent_at: at, event_at: at, updated_at: at, created_at: 1 };
  await apply(stack, [
    { ...common, type: "organization.fetched", name: organizationId.replace(/^org_/, "") },
    { ...common, ...pair(organizationId, userId), type: "organizationMembership.fetched", role },
  ]);
}

/** Stores that a user left an organization. */
export async function leave(stack: TestStack, organizationId: string, userId: string): Promise<void> {
  const at = Date.now();
  await apply(stack, [{
    ...{ type: "organizationMembership.deleted", message_id: crypto.randomUUID() },
    ...{ sent_at: at, event_at: at, ...pair(organizationId, userId) },
  }]);
}

/** Signs a token of a user who works in an organization. */
export function workIn(stack: TestStack, userId: string, o: Active, claims: Claims = {}): Promise<string> {
  return forge(stack, { sub: userId, v: 2, o, ...claims });
}

function pair(organizationId: string, userId: string) {
  return {
    membership_id: `orgmem_${organizationId}_${userId}`,
    organization_id: organizationId,
    user_id: userId,
  };
}

async function apply(stack: TestStack, changes: Array<Record<string, string | number>>): Promise<void> {
  const { data, error } = await stack.admin.rpc("apply_clerk_changes", { changes });
  const outcomes = (data ?? []) as unknown as Array<{ outcome: string }>;
  if (error || outcomes.some(({ outcome }) => outcome === "refused")) {
    throw new Error(`Cannot apply: ${JSON.stringify(error ?? outcomes)}`);
  }
}
