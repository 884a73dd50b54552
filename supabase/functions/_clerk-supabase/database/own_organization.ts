/**
 * Reading the organization in which the caller works, as the caller.
 *
 * @module
 */
import type { OrganizationSession } from "../auth/authenticate.ts";
import type { DataApiConfig } from "../config.ts";
import { createCallerClients } from "./clients.ts";
import { callerFailure } from "./failure.ts";
import type { Database } from "./types.ts";

/** The active organization as callers get it, with their role in it. */
export type OwnOrganization = Omit<Database["public"]["Tables"]["organizations"]["Row"], "deleted_at"> & {
  role: string;
};

/** What is known of the caller's active organization. */
export interface OwnMembership {
  /** Undefined if the table has no membership of it for the caller. */
  organization: OwnOrganization | undefined;
  /** Without an organization: whether the caller has a row of its own. */
  hasProfile: boolean;
  /** Without a row of its own: whether that is because the user was deleted. */
  deleted: boolean;
}

/** Reads the caller's active organization. */
export type ReadOwnOrganization = (session: OrganizationSession) => Promise<OwnMembership>;

const ORGANIZATION = "id, clerk_organization_id, name, slug, image_url, metadata, created_at, updated_at";
/** By foreign key: a table of the project's own may relate the same two tables once more. */
const ORGANIZATIONS = "organizations!organization_memberships_organization_id_fkey";
const USERS = "users!organization_memberships_user_id_fkey";

/**
 * Creates a reader. The caller's token goes to the Data API with each query; no service key is involved.
 *
 * @param config The project's URL and a publishable key.
 * @returns The reader. It throws `DATA_API_REFUSED_TOKEN`, `DATABASE_UNAVAILABLE` or `DATABASE_MISCONFIGURED`.
 */
export function createReadOwnOrganization(config: DataApiConfig): ReadOwnOrganization {
  const clientOf = createCallerClients(config);
  return async ({ token, userId, organization: { id } }) => {
    const client = clientOf(token);
    // A policy of the project's own may show other members' rows too.
    const membership = await client.from("organization_memberships")
      .select(`role, organization:${ORGANIZATIONS}!inner(${ORGANIZATION}), user:${USERS}!inner(id)`)
      .eq("organization.clerk_organization_id", id).eq("user.clerk_user_id", userId).maybeSingle();
    if (membership.error) throw callerFailure(membership);
    if (membership.data) {
      const { role, organization } = membership.data;
      return { organization: { ...organization, role }, hasProfile: true, deleted: false };
    }
    const row = await client.from("users").select("id").eq("clerk_user_id", userId).maybeSingle();
    if (row.error) throw callerFailure(row);
    if (row.data) return { organization: undefined, hasProfile: true, deleted: false };
    const deletedAt = await client.rpc("caller_deleted_at");
    if (deletedAt.error) throw callerFailure(deletedAt);
    return { organization: undefined, hasProfile: false, deleted: deletedAt.data !== null };
  };
}
