/**
 * Creates the tasks and their dependencies from configuration.
 *
 * @module
 */
import { type ClerkApi, createClerkApi } from "../_clerk-supabase/clerk/api.ts";
import { createInstanceProof } from "../_clerk-supabase/clerk/key_instance.ts";
import type { MapOwnColumns } from "../_clerk-supabase/clerk/own_columns.ts";
import type { ReconcileConfig } from "../_clerk-supabase/config.ts";
import {
  type ApplyChanges,
  createApplyChanges,
  createPreviewChanges,
} from "../_clerk-supabase/database/apply_changes.ts";
import { createServiceClient } from "../_clerk-supabase/database/clients.ts";
import type { Fetch } from "../_clerk-supabase/http/bounded_fetch.ts";
import { changeFromMembership, changeFromOrganization, changeFromUser } from "../_clerk-supabase/clerk/change.ts";
import { createOrganizationsApi, type OrganizationsApi } from "../_clerk-supabase/clerk/organizations_api.ts";
import { createApplyItems, type ItemMapping } from "./apply_items.ts";
import type { ReconcileRequest } from "./input.ts";
import { createInstanceBinding } from "./instance_binding.ts";
import { intervalFor, pace } from "./pace.ts";
import { createPull } from "./pull.ts";
import { createRetry } from "./retry.ts";
import type { SliceDeps } from "./slice.ts";
import { iso, type Kind, type Task, type TaskName } from "./state.ts";
import { createMembershipsReader, createSweptMemberships } from "./memberships.ts";
import { createOrganizationsReader, createSweptOrganizations } from "./organizations.ts";
import { createReconcileStore, type ReconcileStore } from "./store.ts";
import { createCompareRows, createSweep, type SweptKind } from "./sweep.ts";
import { createSweptUsers, createUsersReader } from "./users.ts";
import { createBackfill, createComparison, createDailyBackfill, type Reader } from "./backfill.ts";

/** The dependencies of reconcile that follow from configuration. */
export interface Reconcile extends SliceDeps {
  store: ReconcileStore;
  countUsers: () => Promise<number>;
}

/**
 * Creates the dependencies of reconcile from configuration.
 *
 * @param config How to call Clerk, and the database as the service role.
 * @param mapOwn Reads the own columns; undefined if there are none.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @returns Store, tasks and the other dependencies.
 */
export function createReconcile(
  config: ReconcileConfig,
  mapOwn: MapOwnColumns | undefined,
  fetch: Fetch,
  now: () => number,
): Reconcile {
  const client = createServiceClient(config.service);
  const store = createReconcileStore(client);
  const paced = pace(fetch, intervalFor(config.clerk.secretKey), now, sleep);
  const clerk = { ...createClerkApi(config.clerk, paced.fetch), ...createOrganizationsApi(config.clerk, paced.fetch) };
  const proveInstance = createInstanceProof(clerk, config.jwksUrls, fetch);
  const instance = createInstanceBinding({ proveInstance, clerk, store, listUserRows: store.rows.users.listRows });
  const shared: Shared = {
    clerk,
    store,
    apply: createApplyChanges(client),
    preview: createPreviewChanges(client),
    mappings: createMappings(mapOwn),
    now,
  };
  return {
    store,
    instance,
    tasks: (request) => createTasks(config, shared, request),
    requests: paced.requests,
    countUsers: async () => {
      // The number of users of another instance would be meaningless for this table.
      await instance.require({ mayBind: false });
      return await clerk.countUsers();
    },
    now,
    sleep,
  };
}

/** The shared dependencies of the tasks. */
interface Shared {
  clerk: ClerkApi & OrganizationsApi;
  store: ReconcileStore;
  apply: ApplyChanges;
  preview: ApplyChanges;
  mappings: Record<Kind, ItemMapping>;
  now: () => number;
}

function createMappings(mapOwn: MapOwnColumns | undefined): Record<Kind, ItemMapping> {
  return {
    users: {
      changeOf: (user, at) => changeFromUser(user, at, mapOwn),
      idOf: (id) => ({ user_id: id }),
    },
    organizations: {
      changeOf: changeFromOrganization,
      idOf: (id) => ({ organization_id: id }),
    },
    memberships: {
      changeOf: changeFromMembership,
      idOf: (id) => ({ membership_id: id }),
    },
  };
}

function createTasks(config: ReconcileConfig, shared: Shared, request: ReconcileRequest): Record<TaskName, Task> {
  const { clerk, store, apply, mappings, now } = shared;
  const { deleteMode, organizationDeleteMode } = config;
  const applyUsers = createApplyItems(apply, mappings.users);
  const backfill = createBackfill({ reader: createUsersReader(clerk), applyItems: applyUsers, now });
  const daily = (kind: "organizations" | "memberships") =>
    createDailyBackfill(kind, {
      reader: readerOf(kind, "backfill", shared),
      applyItems: createApplyItems(apply, mappings[kind]),
      now,
    });
  const swept = createSweptKinds(config, shared);
  return {
    backfill,
    pull: createPull({ clerk, applyItems: applyUsers, backfill, now }),
    retry: createRetry({ clerk, apply, applyItems: applyUsers, store, deleteMode, organizationDeleteMode, now }),
    backfill_organizations: daily("organizations"),
    backfill_memberships: daily("memberships"),
    ...createSweeps(swept, request, now),
    ...createComparisons(swept, shared),
  };
}

function readerOf(kind: Kind, purpose: "backfill" | "compare", { clerk, store, now }: Shared): Reader {
  if (kind === "users") return createUsersReader(clerk);
  if (kind === "organizations") return createOrganizationsReader(clerk);
  const { listRows } = store.rows.organizations;
  return createMembershipsReader({ clerk, listOrganizationRows: listRows, purpose, now: () => iso(now()) });
}

function createSweptKinds(
  { deleteMode, organizationDeleteMode }: ReconcileConfig,
  { clerk, store: { rows }, apply, mappings }: Shared,
): Record<Kind, SweptKind> {
  const depsOf = (kind: Kind) => ({ clerk, apply, applyItems: createApplyItems(apply, mappings[kind]), ...rows[kind] });
  return {
    users: createSweptUsers({ ...depsOf("users"), deleteMode }),
    organizations: createSweptOrganizations({ ...depsOf("organizations"), deleteMode: organizationDeleteMode }),
    memberships: createSweptMemberships(depsOf("memberships")),
  };
}

/** An operator's limit applies to one kind only: a limit for users must not apply to organizations. */
function createSweeps(
  swept: Record<Kind, SweptKind>,
  { kind: limited = "users", maxDeletes }: ReconcileRequest,
  now: () => number,
) {
  const sweep = (kind: Kind) =>
    createSweep({ kind: swept[kind], maxDeletes: kind === limited ? maxDeletes : undefined, now });
  return {
    sweep: sweep("users"),
    sweep_organizations: sweep("organizations"),
    sweep_memberships: sweep("memberships"),
  };
}

function createComparisons(swept: Record<Kind, SweptKind>, shared: Shared) {
  const { preview, mappings, now } = shared;
  const compare = (kind: Kind) =>
    createComparison(kind, {
      reader: readerOf(kind, "compare", shared),
      applyItems: createApplyItems(preview, mappings[kind]),
      now,
    });
  const rows = (kind: Kind) => createCompareRows({ kind: swept[kind], now });
  return {
    compare_users: compare("users"),
    compare_rows: rows("users"),
    compare_organizations: compare("organizations"),
    compare_organization_rows: rows("organizations"),
    compare_memberships: compare("memberships"),
    compare_membership_rows: rows("memberships"),
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
