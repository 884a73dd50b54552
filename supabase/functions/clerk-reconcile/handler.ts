/**
 * `POST /clerk-reconcile` repairs what webhooks missed, one bounded slice per call. `GET` returns how fresh the table
 * is. For operators and schedules, with the project's secret key.
 *
 * @module
 */
import type { RequireServiceKey } from "../_clerk-supabase/auth/service_key.ts";
import { ApiError } from "../_clerk-supabase/errors.ts";
import type { KeepAlive } from "./background.ts";
import { handle, type Handler, type Platform, type Route } from "../_clerk-supabase/http/handle.ts";
import { jsonResponse } from "../_clerk-supabase/http/problem.ts";
import { readReconcileRequest } from "./input.ts";
import { runSlice, type SliceDeps } from "./slice.ts";
import { type Counted, describeStatus } from "./status.ts";
import type { ReconcileStore } from "./store.ts";

/** Operators and schedules call it; browsers do not. */
export const CLERK_RECONCILE: Route = { name: "clerk-reconcile", browser: false };

/** Dependencies of the handler. */
export interface ClerkReconcileDeps extends Platform, SliceDeps {
  requireServiceKey: RequireServiceKey;
  store: ReconcileStore;
  countUsers: () => Promise<number>;
  keepAlive: KeepAlive;
}

/**
 * Creates the handler of `GET` and `POST /clerk-reconcile`.
 *
 * @param deps Key check, store, tasks.
 * @returns The handler.
 */
export function createClerkReconcileHandler(deps: ClerkReconcileDeps): Handler {
  return handle(CLERK_RECONCILE, deps, {
    GET: async (request) => {
      await deps.requireServiceKey(request);
      const [status, clerk] = await Promise.all([deps.store.status(), tryToCount(deps.countUsers)]);
      return jsonResponse(describeStatus(status, clerk));
    },
    POST: async (request, context) => {
      await deps.requireServiceKey(request);
      const work = runSlice(deps, await readReconcileRequest(request, context.startBody()));
      // pg_net closes the connection after a few seconds; the slice must finish anyway.
      deps.keepAlive(work);
      const report = await work;
      context.note({ type: report.task ?? "none" });
      return jsonResponse(report);
    },
  });
}

/** The status must also be available during an outage of Clerk, so an error is returned as a code. */
async function tryToCount(countUsers: () => Promise<number>): Promise<Counted> {
  try {
    return { count: await countUsers() };
  } catch (error) {
    if (error instanceof ApiError) return { error: error.code };
    throw error;
  }
}
