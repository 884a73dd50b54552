/**
 * `GET /organization` returns the caller's active organization, and the caller's role in it.
 *
 * @module
 */
import { requireOrganization } from "../_clerk-supabase/auth/authenticate.ts";
import type { VerifyToken } from "../_clerk-supabase/auth/token.ts";
import type { ImportMemberships } from "./import_memberships.ts";
import type { OwnMembership, ReadOwnOrganization } from "../_clerk-supabase/database/own_organization.ts";
import { ApiError } from "../_clerk-supabase/errors.ts";
import { handle, type Handler, type Platform, type Route } from "../_clerk-supabase/http/handle.ts";
import { jsonResponse } from "../_clerk-supabase/http/problem.ts";

/** Front ends call it. */
export const ORGANIZATION: Route = { name: "organization", browser: true };

/** Dependencies of the handler. */
export interface OrganizationDeps extends Platform {
  verifyToken: VerifyToken;
  readOwnOrganization: ReadOwnOrganization;
  /** Imports memberships whose webhook has not arrived yet; undefined if no secret key is configured. */
  importMemberships: ImportMemberships | undefined;
}

/**
 * Creates the handler of `GET /organization`.
 *
 * @param deps Token check, the caller's organization, and the import of a missing membership.
 * @returns The handler.
 */
export function createOrganizationHandler(deps: OrganizationDeps): Handler {
  return handle(ORGANIZATION, deps, {
    GET: async (request) => {
      const session = await requireOrganization(request, deps.verifyToken);
      let found = await deps.readOwnOrganization(session);
      // A membership is stored only after its user, so without a profile there is nothing to import.
      if (!found.organization && found.hasProfile && deps.importMemberships) {
        await deps.importMemberships(session.userId, session.organization.id);
        found = await deps.readOwnOrganization(session);
      }
      if (found.organization) return jsonResponse(found.organization);
      throw missing(found);
    },
  });
}

function missing({ hasProfile, deleted }: OwnMembership): ApiError {
  if (deleted) return new ApiError("USER_DELETED", "Cannot show the organization: the user was deleted at Clerk");
  return hasProfile
    ? new ApiError(
      "ORGANIZATION_NOT_SYNCED",
      "Cannot show the organization: the caller's membership has not been synced yet, or it ended",
    )
    : new ApiError(
      "PROFILE_NOT_SYNCED",
      "Cannot show the organization: the user has no row yet. Call profile first",
    );
}
