/**
 * Changes of organizations and memberships for `apply_clerk_changes()`, and the resulting rows.
 *
 * @module
 */
import type { Database } from "../../../project/database/connection.ts";
import { T0 } from "./changes.ts";

/** A change in the form that the call accepts. */
export type OrganizationChange = Record<string, unknown>;

let messages = 0;

/** An `organization.updated`, at version `T0 + version`. */
export function organization(id: string, version: number, overrides: OrganizationChange = {}): OrganizationChange {
  return { ...message("organization.updated", version), organization_id: id, name: id, ...overrides };
}

/** An `organization.deleted`. */
export function organizationDeletion(id: string, at: number, overrides: OrganizationChange = {}): OrganizationChange {
  const { updated_at: _, created_at: __, ...rest } = message("organization.deleted", at);
  return { ...rest, organization_id: id, ...overrides };
}

/** An `organizationMembership.updated` of a pair, created at `T0`. */
export function membership(
  id: string,
  [organizationId, userId]: [organization: string, user: string],
  version: number,
  overrides: OrganizationChange = {},
): OrganizationChange {
  return {
    ...message("organizationMembership.updated", version),
    membership_id: id,
    organization_id: organizationId,
    user_id: userId,
    role: "org:member",
    ...overrides,
  };
}

/** An `organizationMembership.deleted` that names only the membership. */
export function removal(id: string, at: number, overrides: OrganizationChange = {}): OrganizationChange {
  const { updated_at: _, created_at: __, ...rest } = message("organizationMembership.deleted", at);
  return { ...rest, membership_id: id, ...overrides };
}

function message(type: string, version: number) {
  const at = T0 + version;
  return {
    type,
    message_id: `msg_organization_${++messages}`,
    sent_at: at,
    event_at: at,
    updated_at: at,
    created_at: T0,
  };
}

/** Deletes every user, organization and membership, with state and messages. */
export async function forgetOrganizations({ script }: Database): Promise<void> {
  await script(`truncate public.users, public.organizations, clerk.users, clerk.organizations,
    clerk.organization_memberships, clerk.messages, clerk.refusals, clerk.kept_events cascade`);
}

/** Returns the memberships: `org_a/user_a` with the membership's id and role. */
export async function rights({ query }: Database): Promise<Record<string, string>> {
  const found = await query(`
    select clerk_organization_id || '/' || clerk_user_id as pair, clerk_membership_id || ' ' || role as membership
    from public.organization_memberships as membership
    join public.organizations as organization on organization.id = membership.organization_id
    join public.users as member on member.id = membership.user_id
    order by 1`);
  return Object.fromEntries(found.map((row) => [row.pair, row.membership as string]));
}

/** Returns a column of each organization's row by Clerk's id. */
export async function organizations({ query }: Database, column: string): Promise<Record<string, unknown>> {
  const found = await query(
    `select clerk_organization_id as id, to_jsonb(organizations) -> '${column}' as value from public.organizations order by 1`,
  );
  return Object.fromEntries(found.map(({ id, value }) => [id as string, value]));
}
