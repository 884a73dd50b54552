/**
 * Reads the caller's active organization, as the caller.
 *
 * @module
 */
import type { OrganizationSession } from "../auth/authenticate.ts";
import type { DataApiConfig } from "../config.ts";
import { createCallerClients } from "./clients.ts";
import { callerFailure } from "./failure.ts";
import type { Database } from "./types.ts";

/** The active organization and the caller's role in it. */
export type OwnOrganization = Omit<Database["public"]["Tables"]["organizations"]["Row"], "deleted_at"> & {
  role: string;
};

/** The result of reading the active organization. */
export interface OwnMembership {
  /** Undefined if the caller is not a member, according to the table. */
  organization: OwnOrganization | undefined;
  /** Whether the caller has a user row. */
  hasProfile: boolean;
  /** True if the caller has no user row because the user was deleted. */
  deleted: boolean;
}

/** Reads the caller's active organization. */
export type ReadOwnOrganization = (session: OrganizationSession) => Promise<OwnMembership>;

const ORGANIZATION = "id, clerk_organization_id, name, slug, image_url, metadata, created_at, updated_at";
/** The foreign keys are named, because the project's own tables may relate the same two tables again. */
const ORGANIZATIONS = "organizations!organization_memberships_organization_id_fkey";
const USERS = "users!organization_memberships_user_id_fkey";

/**
 * Creates a reader. Each query sends the caller's token and no service key.
 *
 * @param config The project's URL and a publishable key.
 * @returns The reader. It throws `DATA_API_REFUSED_TOKEN`, `DATABASE_UNAVAILABLE` or `DATABASE_MISCONFIGURED`.
 */
export function createReadOwnOrganization(config: DataApiConfig): ReadOwnOrganization {
  const clientOf = createCallerClients(config);
  return async ({ token, userId, organization: { id } }) => {
    const client = clientOf(token);
    // The filter by user matters, because a policy of the project may also show other members' rows.
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
