/**
 * The tasks, put together.
 *
 * @module
 */
import { type ClerkApi, createClerkApi } from "../_shared/clerk/api.ts";
import { createInstanceProof } from "../_shared/clerk/same_instance.ts";
import type { ReconcileConfig } from "../_shared/config.ts";
import { createApplyChanges, createPreviewChanges } from "../_shared/database/apply_changes.ts";
import { createServiceClient } from "../_shared/database/clients.ts";
import type { Fetch } from "../_shared/http/bounded_fetch.ts";
import type { ReconcileRequest } from "./input.ts";
import { intervalFor, pace } from "./pace.ts";
import { createPull } from "./pull.ts";
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
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @returns Store, tasks and the rest.
 */
export function createReconcile(config: ReconcileConfig, fetch: Fetch, now: () => number): Reconcile {
  const client = createServiceClient(config.service);
  const store = createReconcileStore(client);
  const paced = pace(fetch, intervalFor(config.clerk.secretKey), now, sleep);
  const clerk = createClerkApi(config.clerk, paced.fetch);
  const write = { apply: createApplyChanges(client), preview: createPreviewChanges(client) };
  return {
    store,
    proveInstance: createInstanceProof(clerk, config.jwksUrls, fetch),
    tasks: (request) => createTasks(config, { clerk, store, ...write, now }, request),
    requests: paced.requests,
    countUsers: clerk.countUsers,
    now,
    sleep,
  };
}

/** What the tasks share. */
interface Shared {
  clerk: ClerkApi;
  store: ReconcileStore;
  apply: ReturnType<typeof createApplyChanges>;
  preview: ReturnType<typeof createPreviewChanges>;
  now: () => number;
}

function createTasks(
  { deleteMode }: ReconcileConfig,
  { clerk, store, apply, preview, now }: Shared,
  { maxDeletes }: ReconcileRequest,
): Record<TaskName, Task> {
  const rows = { listRows: store.listRows, countRows: store.countRows };
  const backfill = createBackfill({ clerk, apply, now });
  return {
    backfill,
    pull: createPull({ clerk, apply, backfill, now }),
    sweep: createSweep({ clerk, apply, ...rows, deleteMode, maxDeletes, now }),
    compare_users: createCompareUsers({ clerk, apply: preview, now }),
    compare_rows: createCompareRows({ clerk, ...rows, now }),
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
