/**
 * Fetching one user from Clerk into the database, for a caller whose webhook has not come yet.
 *
 * @module
 */
import type { ClerkApiConfig, DataApiConfig } from "../_clerk-supabase/config.ts";
import {
  type ApplyChanges,
  createApplyChanges,
  describeRefusal,
  ownColumnError,
} from "../_clerk-supabase/database/apply_changes.ts";
import { createServiceClient } from "../_clerk-supabase/database/clients.ts";
import { ApiError } from "../_clerk-supabase/errors.ts";
import type { Fetch } from "../_clerk-supabase/http/bounded_fetch.ts";
import { createFetchUser, type FetchUser } from "../_clerk-supabase/clerk/api.ts";
import { changeFromUser } from "../_clerk-supabase/clerk/change.ts";
import type { MapOwnColumns } from "../_clerk-supabase/clerk/own_columns.ts";
import { rememberResults } from "../_clerk-supabase/clerk/remember.ts";

/** Brings a user in. */
export type ImportUser = (userId: string) => Promise<void>;

/** What an import takes. */
export interface ImportUserDeps {
  fetchUser: FetchUser;
  applyChanges: ApplyChanges;
  /** Reads the own columns; undefined if there are none. */
  mapOwn: MapOwnColumns | undefined;
  /** The clock, in milliseconds. */
  now: () => number;
}

/**
 * Makes the importer. However many requests of one user come at once, Clerk is asked once.
 *
 * @param deps Clerk, the write path and the clock.
 * @returns The importer. It throws what Clerk's and the database's modules throw.
 */
export function createImportUser(deps: ImportUserDeps): ImportUser {
  return rememberResults((userId) => importUser(deps, userId), deps.now);
}

/**
 * Makes the importer from configuration. This is the one place in a caller's path that uses the service key.
 *
 * @param config How to call Clerk, and the database as the service role.
 * @param mapOwn Reads the own columns; undefined if there are none.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @returns The importer.
 */
export function composeImportUser(
  config: { clerk: ClerkApiConfig; service: DataApiConfig },
  mapOwn: MapOwnColumns | undefined,
  fetch: Fetch,
  now: () => number,
): ImportUser {
  let importer: ImportUser | undefined;
  // Made when the first user is missing: a client costs milliseconds, and most callers have a row.
  return (userId) =>
    (importer ??= createImportUser({
      fetchUser: createFetchUser(config.clerk, fetch),
      applyChanges: createApplyChanges(createServiceClient(config.service)),
      mapOwn,
      now,
    }))(userId);
}

async function importUser({ fetchUser, applyChanges, mapOwn }: ImportUserDeps, userId: string): Promise<void> {
  const { user, answeredAt } = await fetchUser(userId);
  const [result] = await applyChanges([changeFromUser(user, answeredAt, mapOwn)]);
  if (result?.outcome !== "refused") return;
  if (result.code === "SCHEMA_REFUSED") {
    throw new ApiError("SCHEMA_REFUSED", "Cannot create the profile: the database's schema refused the user", {
      cause: { code: describeRefusal(result.detail) },
    });
  }
  throw ownColumnError(result) ??
    new ApiError("CLERK_UNAVAILABLE", "Cannot create the profile: what Clerk answered cannot be stored", {
      retryAfterSeconds: 60,
      cause: { code: result.code },
    });
}
