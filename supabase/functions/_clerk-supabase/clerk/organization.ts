/**
 * Maps Clerk's organizations and memberships. Webhooks and the Backend API send the same fields.
 *
 * @module
 */
import { isObject } from "../formats/json.ts";
import type { ClerkChange } from "../database/change.ts";
import { readId, readMetadata, readString, readTime } from "./fields.ts";

/**
 * Reads an organization. Private metadata is never stored, and the database decides what a missing field means.
 *
 * @param organization Clerk's Organization, or the few fields of it in `organization.deleted`.
 * @returns The fields of a change.
 */
export function readOrganization(organization: Record<string, unknown>): Partial<ClerkChange> {
  return {
    organization_id: readId(organization.id) ?? "",
    updated_at: readTime(organization.updated_at),
    created_at: readTime(organization.created_at),
    name: readString(organization.name),
    slug: readString(organization.slug),
    image_url: readString(organization.image_url),
    metadata: readMetadata(organization.public_metadata),
  };
}

/**
 * Reads a membership. If `public_user_data` is null, the change names no user.
 *
 * @param membership Clerk's OrganizationMembership.
 * @returns The fields of a change.
 */
export function readMembership(membership: Record<string, unknown>): Partial<ClerkChange> {
  const { organization, public_user_data: user } = membership;
  return {
    membership_id: readId(membership.id) ?? "",
    organization_id: isObject(organization) ? readId(organization.id) : undefined,
    user_id: isObject(user) ? readId(user.user_id) : undefined,
    role: readId(membership.role),
    updated_at: readTime(membership.updated_at),
    created_at: readTime(membership.created_at),
    metadata: readMetadata(membership.public_metadata),
  };
}
