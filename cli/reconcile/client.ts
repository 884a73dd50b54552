/**
 * Calling clerk-reconcile, slice after slice.
 *
 * @module
 */
import type { Report } from "../../supabase/functions/clerk-reconcile/report.ts";
import { isObject, parseJson } from "../../supabase/functions/_shared/json.ts";
import { callFunction } from "../call.ts";
import { CommandError, type Surroundings, type Target } from "../surroundings.ts";

/** What a call asks for; the fields of the request's body. */
export interface Ask {
  task?: "backfill" | "pull" | "sweep";
  dry_run?: boolean;
  restart?: boolean;
  max_deletes?: number;
}

/** An answer of the function. */
type Answer = { report: Report } | { retryAfter: number; why: string } | undefined;

/** How often in a row a call may find Clerk, the database or another call in the way. */
const PATIENCE = 10;
/** What a call may take, in milliseconds: a slice takes 20 s and what its last step takes. */
const TIMEOUT = 150_000;

/**
 * Calls until nothing is left to do.
 *
 * @param surroundings Network, clock, and the signal to stop.
 * @param target The project.
 * @param ask What to do.
 * @param tell Takes each report, and why a call has to wait.
 * @returns The last report; undefined where it was stopped before the first. Stopped early, its `done` is false.
 * @throws {CommandError} Where the function refuses, or does not answer.
 */
export async function callUntilDone(
  surroundings: Surroundings,
  target: Target,
  ask: Ask,
  tell: { report: (report: Report) => void; wait: (why: string, seconds: number) => void },
): Promise<Report | undefined> {
  let last: Report | undefined;
  let failures = 0;
  while (!surroundings.stop.aborted && !last?.done) {
    // Beginning anew is for the first call: the next ones go on.
    const answer = await call(surroundings, target, last ? { ...ask, restart: false } : ask);
    if (!answer) break;
    if ("report" in answer) {
      last = answer.report;
      failures = 0;
      tell.report(last);
      await surroundings.sleep(last.retry_after * 1000);
    } else {
      if (++failures === PATIENCE) throw new CommandError(`Cannot go on: ${answer.why}`);
      tell.wait(answer.why, answer.retryAfter);
      await surroundings.sleep(answer.retryAfter * 1000);
    }
  }
  return last;
}

/** One slice. Undefined where it was stopped: the function finishes the slice all the same. */
async function call({ fetch, stop }: Surroundings, target: Target, ask: Ask): Promise<Answer> {
  const response = await callFunction(fetch, target, "clerk-reconcile", {
    method: "POST",
    body: JSON.stringify(ask),
    signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT), stop]),
  }).catch((error: unknown) => {
    if (stop.aborted) return undefined;
    throw error;
  });
  if (!response) return undefined;
  const body = parseJson(await response.text());
  if (response.ok && isObject(body) && typeof body.done === "boolean") return { report: body as unknown as Report };
  const why = describe(response.status, body);
  const retryAfter = Number(response.headers.get("retry-after"));
  // 502, 503 and 504 without a word of ours are the platform's: a process that was killed.
  if (retryAfter > 0 || response.status > 500) return { retryAfter: retryAfter || 5, why };
  throw new CommandError(why);
}

function describe(status: number, body: unknown): string {
  if (!isObject(body)) return `clerk-reconcile answered ${status}`;
  if (status === 404) return "clerk-reconcile is not deployed: supabase functions deploy --use-api";
  return `${body.detail ?? body.message ?? `clerk-reconcile answered ${status}`} (${body.code ?? status})`;
}
