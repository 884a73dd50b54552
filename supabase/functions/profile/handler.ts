/**
 * `GET /profile` returns the signed-in caller's row.
 *
 * @module
 */
import { requireUser } from "../_clerk-supabase/auth/authenticate.ts";
import type { VerifyToken } from "../_clerk-supabase/auth/token.ts";
import type { ImportUser } from "./import_user.ts";
import type { ReadOwnRow } from "../_clerk-supabase/database/own_row.ts";
import { ApiError } from "../_clerk-supabase/errors.ts";
import { handle, type Handler, type Platform, type Route } from "../_clerk-supabase/http/handle.ts";
import { jsonResponse } from "../_clerk-supabase/http/problem.ts";

/** Front ends call it. */
export const PROFILE: Route = { name: "profile", browser: true };

/** Dependencies of the handler. */
export interface ProfileDeps extends Platform {
  verifyToken: VerifyToken;
  readOwnRow: ReadOwnRow;
  /** Imports a user whose webhook has not arrived yet; undefined if no secret key is configured. */
  importUser: ImportUser | undefined;
}

/**
 * Creates the handler of `GET /profile`.
 *
 * @param deps Token check, the caller's row, and the import of a missing one.
 * @returns The handler.
 */
export function createProfileHandler(deps: ProfileDeps): Handler {
  return handle(PROFILE, deps, {
    GET: async (request) => {
      const session = await requireUser(request, deps.verifyToken);
      let row = await deps.readOwnRow(session);
      if (!row.profile && !row.deleted && deps.importUser) {
        await deps.importUser(session.userId);
        row = await deps.readOwnRow(session);
      }
      if (row.profile) return jsonResponse(row.profile);
      if (row.deleted) throw new ApiError("USER_DELETED", "Cannot show the profile: the user was deleted at Clerk");
      throw new ApiError("PROFILE_NOT_SYNCED", "Cannot show the profile: Clerk's webhook has not arrived yet");
    },
  });
}
