/**
 * `GET /health` returns whether the bundle works. With the project's secret key, it also returns the state of each
 * part.
 *
 * @module
 */
import type { MatchesServiceKey } from "../_clerk-supabase/auth/service_key.ts";
import { handle, type Handler, type Platform, type Route } from "../_clerk-supabase/http/handle.ts";
import { jsonResponse } from "../_clerk-supabase/http/problem.ts";
import { VERSION } from "../_clerk-supabase/version.ts";
import type { Check, CountFailing, FailingMessages, Health } from "./check.ts";

/** Monitors and status pages call it. */
export const HEALTH: Route = { name: "health", browser: true };

/** Dependencies of the handler. */
export interface HealthDeps extends Platform {
  check: Check;
  /** Counts failing messages; undefined if the database is not configured. */
  countFailing: CountFailing | undefined;
  matchesServiceKey: MatchesServiceKey;
}

/** Strangers get a remembered result for this long, so that they cause at most one check. */
const CACHE_MS = 5_000;

/**
 * Creates the handler of `GET /health`.
 *
 * @param deps The check, and the test of the secret key.
 * @returns The handler.
 */
export function createHealthHandler(deps: HealthDeps): Handler {
  const remembered = remember(deps.check, deps.now);
  return handle(HEALTH, deps, {
    GET: async (request, context) => {
      const all = await deps.matchesServiceKey(request);
      const [health, failing] = await (all ? Promise.all([deps.check(), deps.countFailing?.()]) : [await remembered()]);
      context.note({ outcome: health.status });
      return answer(health, all, failing);
    },
  });
}

/** Failing messages do not change the status, because all other messages are stored. */
function answer({ status, parts }: Health, all: boolean, failing: FailingMessages | undefined): Response {
  const body = all ? { status, version: VERSION, parts, failing: failing ?? null } : { status };
  const response = jsonResponse(body, status === "ok" ? 200 : 503);
  if (status !== "ok") response.headers.set("retry-after", String(CACHE_MS / 1000));
  return response;
}

/** Shares one check between concurrent requests, and remembers its result for some seconds. */
function remember(check: Check, now: () => number): Check {
  let known: { health: Promise<Health>; until: number } | undefined;
  return () => {
    if (known && known.until > now()) return known.health;
    const started = { health: check(), until: Infinity };
    const finish = () => {
      started.until = now() + CACHE_MS;
    };
    started.health.then(finish, finish);
    known = started;
    return started.health;
  };
}
