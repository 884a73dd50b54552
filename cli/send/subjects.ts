/**
 * Finds the rows that an event concerns.
 *
 * @module
 */
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";

/** The tables, each with the column of Clerk's id. */
export const TABLES = {
  user: { table: "users", column: "clerk_user_id" },
  organization: { table: "organizations", column: "clerk_organization_id" },
  membership: { table: "organization_memberships", column: "clerk_membership_id" },
} as const;

/** A row that an event concerns. */
export interface Subject {
  kind: keyof typeof TABLES;
  /** Clerk's id. */
  id: string;
}

/**
 * Returns the rows that an event concerns.
 *
 * @param type The event's type.
 * @param data Its data.
 * @returns The user, the organization and the membership, as far as the event names them.
 */
export function subjectsOf(type: string, data: Record<string, unknown>): Subject[] {
  const ids: Array<[Subject["kind"], unknown]> = idsOf(type, data);
  return ids.flatMap(([kind, id]) => typeof id === "string" ? [{ kind, id }] : []);
}

function idsOf(type: string, data: Record<string, unknown>): Array<[Subject["kind"], unknown]> {
  if (type.startsWith("user.")) return [["user", data.id]];
  if (type.startsWith("session.")) return [["user", data.user_id]];
  if (type.startsWith("organization.")) return [["organization", data.id]];
  const user = isObject(data.public_user_data) ? data.public_user_data.user_id : undefined;
  if (!type.startsWith("organizationMembership.")) return [["user", user]];
  const organization = isObject(data.organization) ? data.organization.id : undefined;
  return [["user", user], ["organization", organization], ["membership", data.id]];
}
