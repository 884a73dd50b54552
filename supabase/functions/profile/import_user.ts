/**
 * Imports one user from Clerk, for a caller whose webhook has not arrived yet.
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

/** Imports a user. */
export type ImportUser = (userId: string) => Promise<void>;

/** Dependencies of an import. */
export interface ImportUserDeps {
  fetchUser: FetchUser;
  applyChanges: ApplyChanges;
  /** Reads the own columns; undefined if there are none. */
  mapOwn: MapOwnColumns | undefined;
  /** The clock, in milliseconds. */
  now: () => number;
}

/**
 * Creates the importer. Concurrent requests for one user cause only one import.
 *
 * @param deps Clerk, the write path and the clock.
 * @returns The importer. It throws the errors of Clerk's and the database's modules.
 */
export function createImportUser(deps: ImportUserDeps): ImportUser {
  return rememberResults((userId) => importUser(deps, userId), deps.now);
}

/**
 * Creates the importer from configuration. On the path of a caller, only the importers use the service key.
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
  // Created at the first missing user, because a client costs milliseconds and most callers have a row.
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
    new ApiError("CLERK_UNAVAILABLE", "Cannot create the profile: Clerk returned invalid data", {
      retryAfterSeconds: 60,
      cause: { code: result.code },
    });
}
