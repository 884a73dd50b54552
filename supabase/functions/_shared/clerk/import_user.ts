/**
 * Fetching one user from Clerk into the database, for a caller whose webhook has not come yet.
 *
 * @module
 */
import type { ClerkApiConfig, DataApiConfig } from "../config.ts";
import { type ApplyChanges, createApplyChanges } from "../database/apply_changes.ts";
import { createServiceClient } from "../database/clients.ts";
import { ApiError, isErrorCode } from "../errors.ts";
import type { Fetch } from "../http/fetch_json.ts";
import { createFetchUser, type FetchUser } from "./api.ts";
import { changeFromUser } from "./change.ts";

/** Brings a user in. */
export type ImportUser = (userId: string) => Promise<void>;

/** What an import takes. */
export interface ImportUserDeps {
  fetchUser: FetchUser;
  applyChanges: ApplyChanges;
  /** The clock, in milliseconds. */
  now: () => number;
}

/** How long a failure is remembered, in milliseconds: a client that retries does not use up Clerk's rate limit. */
const MEMORY = 10_000;
/** The most failures to remember. */
const MOST = 1_000;

/**
 * Makes the importer. However many requests of one user come at once, Clerk is asked once.
 *
 * @param deps Clerk, the write path and the clock.
 * @returns The importer. It throws what Clerk's and the database's modules throw.
 */
export function createImportUser(deps: ImportUserDeps): ImportUser {
  const running = new Map<string, Promise<void>>();
  const failures = new Map<string, { error: unknown; until: number }>();

  async function run(userId: string): Promise<void> {
    try {
      await importUser(deps, userId);
    } catch (error) {
      if (failures.size >= MOST) failures.clear();
      failures.set(userId, { error, until: deps.now() + MEMORY });
      throw error;
    } finally {
      running.delete(userId);
    }
  }

  return (userId) => {
    const failure = failures.get(userId);
    if (failure && failure.until > deps.now()) return Promise.reject(failure.error);
    failures.delete(userId);
    const started = running.get(userId) ?? run(userId);
    running.set(userId, started);
    return started;
  };
}

/**
 * Makes the importer from configuration. This is the one place in a caller's path that uses the service key.
 *
 * @param config How to call Clerk, and the database as the service role.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @returns The importer.
 */
export function createUserImport(
  config: { clerk: ClerkApiConfig; service: DataApiConfig },
  fetch: Fetch,
  now: () => number,
): ImportUser {
  return createImportUser({
    fetchUser: createFetchUser(config.clerk, fetch),
    applyChanges: createApplyChanges(createServiceClient(config.service)),
    now,
  });
}

async function importUser({ fetchUser, applyChanges }: ImportUserDeps, userId: string): Promise<void> {
  const { user, answeredAt } = await fetchUser(userId);
  const [result] = await applyChanges([changeFromUser(user, answeredAt)]);
  if (result?.outcome === "refused") {
    throw new ApiError(isErrorCode(result.code) ? result.code : "CHANGE_INVALID", "Cannot store what Clerk answered");
  }
}
