/**
 * Imports a user's memberships from Clerk, for a caller whose webhook has not arrived yet.
 *
 * @module
 */
import type { ClerkApiConfig, DataApiConfig } from "../_clerk-supabase/config.ts";
import {
  type ApplyChanges,
  createApplyChanges,
  describeRefusal,
  type Outcome,
} from "../_clerk-supabase/database/apply_changes.ts";
import { createServiceClient } from "../_clerk-supabase/database/clients.ts";
import { ApiError } from "../_clerk-supabase/errors.ts";
import type { Fetch } from "../_clerk-supabase/http/bounded_fetch.ts";
import { isObject } from "../_clerk-supabase/formats/json.ts";
import type { ClerkChange } from "../_clerk-supabase/database/change.ts";
import { changeFromMembership, changeFromOrganization } from "../_clerk-supabase/clerk/change.ts";
import {
  type ClerkObject,
  createListMembershipsOfUser,
  type ListMembershipsOfUser,
} from "../_clerk-supabase/clerk/organizations_api.ts";
import { rememberResults } from "../_clerk-supabase/clerk/remember.ts";
import { unavailable } from "../_clerk-supabase/clerk/request.ts";

/** Imports all memberships of a user, if Clerk lists one of the organization. */
export type ImportMemberships = (
  userId: string,
  organizationId: string,
) => Promise<void>;

/** Dependencies of an import. */
export interface ImportMembershipsDeps {
  listMemberships: ListMembershipsOfUser;
  applyChanges: ApplyChanges;
  /** The clock, in milliseconds. */
  now: () => number;
}

/** Memberships per page and per call. Each is two changes, and a call accepts 500 changes. */
const PAGE_SIZE = 250;
/** After this time, no further page is fetched. */
const TIME_LIMIT_MS = 15_000;

/**
 * Creates the importer. Concurrent requests for one user and organization cause only one import.
 *
 * @param deps Clerk, the write path and the clock.
 * @returns The importer. If Clerk does not list a membership of the organization, it writes nothing and throws
 * `ORGANIZATION_MEMBERSHIP_MISSING`. It also throws the errors of Clerk's and the database's modules.
 */
export function createImportMemberships(
  deps: ImportMembershipsDeps,
): ImportMemberships {
  const once = rememberResults((key) => {
    const [userId = "", organizationId = ""] = key.split(" ");
    return importMemberships(deps, userId, organizationId);
  }, deps.now);
  return (userId, organizationId) => once(`${userId} ${organizationId}`);
}

/**
 * Creates the importer from configuration.
 *
 * @param config How to call Clerk, and the database as the service role.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @returns The importer.
 */
export function composeImportMemberships(
  config: { clerk: ClerkApiConfig; service: DataApiConfig },
  fetch: Fetch,
  now: () => number,
): ImportMemberships {
  let importer: ImportMemberships | undefined;
  // Created at the first missing membership, because a client costs milliseconds and most callers have a row.
  return (userId, organizationId) =>
    (importer ??= createImportMemberships({
      listMemberships: createListMembershipsOfUser(config.clerk, fetch),
      applyChanges: createApplyChanges(createServiceClient(config.service)),
      now,
    }))(userId, organizationId);
}

/** A membership, freshly read from Clerk. */
interface Fetched {
  membership: ClerkObject;
  answeredAt: number;
}

async function importMemberships(
  { listMemberships, applyChanges, now }: ImportMembershipsDeps,
  userId: string,
  organizationId: string,
): Promise<void> {
  const fetched = await fetchAll(listMemberships, userId, now);
  if (!fetched.some(({ membership }) => organizationIdOf(membership) === organizationId)) {
    throw new ApiError(
      "ORGANIZATION_MEMBERSHIP_MISSING",
      "Cannot show the organization: Clerk does not list the caller as a member of it",
    );
  }
  for (let start = 0; start < fetched.length; start += PAGE_SIZE) {
    const changes = fetched.slice(start, start + PAGE_SIZE).flatMap((one) => changesOf(one, userId));
    checkOutcomes(changes, await applyChanges(changes), organizationId);
  }
}

async function fetchAll(
  list: ListMembershipsOfUser,
  userId: string,
  now: () => number,
): Promise<Fetched[]> {
  const startedAt = now();
  const fetched: Fetched[] = [];
  for (let offset = 0;;) {
    const { items, total, answeredAt, limit } = await list(userId, {
      limit: PAGE_SIZE,
      offset,
    });
    // A proxy that mixes up responses must not give one user's rights to another user.
    if (!items.every((item) => (userIdOf(item) ?? userId) === userId)) {
      throw unavailable({ code: "other user" });
    }
    fetched.push(...items.map((membership) => ({ membership, answeredAt })));
    offset += items.length;
    if (items.length < limit || offset >= total) return fetched;
    if (now() - startedAt > TIME_LIMIT_MS) {
      throw unavailable({ code: "too many pages" });
    }
  }
}

/**
 * Maps the organization first, which makes the ledger easier to read; the write path accepts any order. Clerk may leave
 * out the user of a membership, and the whole list belongs to one user.
 */
function changesOf(
  { membership, answeredAt }: Fetched,
  userId: string,
): ClerkChange[] {
  const { organization } = membership;
  return [
    ...(isObject(organization) ? [changeFromOrganization(organization, answeredAt)] : []),
    { ...changeFromMembership(membership, answeredAt), user_id: userId },
  ];
}

function userIdOf({ public_user_data: user }: ClerkObject): unknown {
  return isObject(user) ? user.user_id : undefined;
}

function organizationIdOf({ organization }: ClerkObject): unknown {
  return isObject(organization) ? organization.id : undefined;
}

/** Throws for a refusal that concerns the organization. Reconcile reports refusals of other organizations. */
function checkOutcomes(
  changes: readonly ClerkChange[],
  outcomes: readonly Outcome[],
  organizationId: string,
): void {
  for (const [index, outcome] of outcomes.entries()) {
    if (
      outcome.outcome !== "refused" ||
      changes[index]?.organization_id !== organizationId
    ) continue;
    if (outcome.code === "SCHEMA_REFUSED") {
      throw new ApiError(
        "SCHEMA_REFUSED",
        "Cannot store the membership: the database's schema refused it",
        {
          cause: { code: describeRefusal(outcome.detail) },
        },
      );
    }
    throw new ApiError(
      "CLERK_UNAVAILABLE",
      "Cannot store the membership: Clerk returned invalid data",
      {
        retryAfterSeconds: 60,
        cause: { code: outcome.code },
      },
    );
  }
}
