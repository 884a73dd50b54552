/**
 * `GET /health`: whether the bundle can do its work. Strangers learn nothing but the status; the project itself, by its
 * secret key, what is wrong.
 *
 * @module
 */
import { handle, type Handler, type Platform, type Route } from "../_clerk-supabase/http/handle.ts";
import { jsonResponse } from "../_clerk-supabase/http/problem.ts";
import { VERSION } from "../_clerk-supabase/version.ts";
import type { Check, CountFailing, FailingMessages, Health } from "./check.ts";

/** Monitors and status pages call it. */
export const HEALTH: Route = { name: "health", browser: true };

/** What health takes. */
export interface HealthDeps extends Platform {
  check: Check;
  /** Counts the messages that fail; undefined if the database is not configured. */
  countFailing: CountFailing | undefined;
  /** Whether the request brings a secret key of the project. */
  isService: (request: Request) => Promise<boolean>;
}

/** Milliseconds that a result stands: however many strangers ask, the database is asked once. */
const CACHE_MS = 5_000;
/** Seconds after which to ask again. */
const RETRY_AFTER = "5";

/**
 * Makes the handler.
 *
 * @param deps The check, and who may see its parts.
 * @returns The handler.
 */
export function createHealthHandler(deps: HealthDeps): Handler {
  const remembered = remember(deps.check, deps.now);
  return handle(HEALTH, deps, {
    GET: async (request, context) => {
      const all = await deps.isService(request);
      const [health, failing] = await (all ? Promise.all([deps.check(), deps.countFailing?.()]) : [await remembered()]);
      context.note({ outcome: health.status });
      return answer(health, all, failing);
    },
  });
}

/** Messages that fail are told, and do not make the project unavailable: the others are taken. */
function answer({ status, parts }: Health, all: boolean, failing: FailingMessages | undefined): Response {
  const body = all ? { status, version: VERSION, parts, failing: failing ?? null } : { status };
  const response = jsonResponse(body, status === "ok" ? 200 : 503);
  if (status !== "ok") response.headers.set("retry-after", RETRY_AFTER);
  return response;
}

/** One check for all who ask at once, and for some seconds after it. */
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
