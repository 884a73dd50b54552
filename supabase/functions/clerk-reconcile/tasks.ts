/**
 * The tasks, put together.
 *
 * @module
 */
import { type ClerkApi, createClerkApi } from "../_clerk-supabase/clerk/api.ts";
import { createInstanceProof } from "../_clerk-supabase/clerk/same_instance.ts";
import type { MapOwnColumns } from "../_clerk-supabase/clerk/own_columns.ts";
import type { ReconcileConfig } from "../_clerk-supabase/config.ts";
import {
  type ApplyChanges,
  createApplyChanges,
  createPreviewChanges,
} from "../_clerk-supabase/database/apply_changes.ts";
import { createServiceClient } from "../_clerk-supabase/database/clients.ts";
import type { Fetch } from "../_clerk-supabase/http/bounded_fetch.ts";
import { type ApplyUsers, createApplyUsers } from "./apply_users.ts";
import type { ReconcileRequest } from "./input.ts";
import { createInstanceBinding } from "./instance.ts";
import { intervalFor, pace } from "./pace.ts";
import { createPull } from "./pull.ts";
import { createRetry } from "./retry.ts";
import type { SliceDeps } from "./slice.ts";
import type { Task, TaskName } from "./state.ts";
import { createReconcileStore, type ReconcileStore } from "./store.ts";
import { createCompareRows, createSweep } from "./sweep.ts";
import { createBackfill, createCompareUsers } from "./walk.ts";

/** What reconcile works with. */
export interface Reconcile extends SliceDeps {
  store: ReconcileStore;
  countUsers: () => Promise<number>;
}

/**
 * Makes everything that reconcile works with from configuration.
 *
 * @param config How to call Clerk, and the database as the service role.
 * @param mapOwn Reads the own columns; undefined if there are none.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @returns Store, tasks and the rest.
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
  const clerk = createClerkApi(config.clerk, paced.fetch);
  const apply = createApplyChanges(client);
  const write = {
    apply,
    applyUsers: createApplyUsers(apply, mapOwn),
    previewUsers: createApplyUsers(createPreviewChanges(client), mapOwn),
  };
  const proveInstance = createInstanceProof(clerk, config.jwksUrls, fetch);
  const instance = createInstanceBinding({ proveInstance, clerk, store });
  return {
    store,
    instance,
    tasks: (request) => createTasks(config, { clerk, store, ...write, now }, request),
    requests: paced.requests,
    countUsers: async () => {
      // A number of another instance's users would say nothing about this table.
      await instance.require({ mayBind: false });
      return await clerk.countUsers();
    },
    now,
    sleep,
  };
}

/** What the tasks share. */
interface Shared {
  clerk: ClerkApi;
  store: ReconcileStore;
  apply: ApplyChanges;
  applyUsers: ApplyUsers;
  previewUsers: ApplyUsers;
  now: () => number;
}

function createTasks(
  { deleteMode }: ReconcileConfig,
  { clerk, store, apply, applyUsers, previewUsers, now }: Shared,
  { maxDeletes }: ReconcileRequest,
): Record<TaskName, Task> {
  const rows = { listRows: store.listRows, countRows: store.countRows };
  const backfill = createBackfill({ clerk, applyUsers, now });
  return {
    backfill,
    pull: createPull({ clerk, applyUsers, backfill, now }),
    retry: createRetry({ clerk, apply, applyUsers, store, deleteMode, now }),
    sweep: createSweep({ clerk, apply, applyUsers, ...rows, deleteMode, maxDeletes, now }),
    compare_users: createCompareUsers({ clerk, applyUsers: previewUsers, now }),
    compare_rows: createCompareRows({ clerk, ...rows, now }),
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
