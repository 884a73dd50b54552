/**
 * Calling clerk-reconcile, slice after slice.
 *
 * @module
 */
import type { Report } from "../../supabase/functions/clerk-reconcile/report.ts";
import type { Kind } from "../../supabase/functions/clerk-reconcile/state.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { callFunction, UnreachableError } from "../call.ts";
import { CommandError } from "../../project/errors.ts";
import type { CommandContext, Target } from "../command_context.ts";

/** What a call asks for; the fields of the request's body. */
export interface ReconcileRequest {
  task?: "backfill" | "pull" | "sweep";
  kind?: Kind;
  dry_run?: boolean;
  restart?: boolean;
  max_deletes?: number;
  bind?: string;
}

/** An answer of the function. */
type SliceResult = { report: Report } | { retryAfter: number; why: string } | undefined;

/** How many calls in a row may bring nothing: Clerk, the database or another call is in the way. */
const MAX_IDLE_CALLS = 10;
/** What a call may take, in milliseconds: a slice takes 20 s and what its last step takes. */
const CALL_TIMEOUT_MS = 150_000;

/**
 * Calls until nothing is left to do.
 *
 * @param context Network, clock, and the signal to stop.
 * @param target The project.
 * @param ask What to do.
 * @param tell Takes each report, and why a call has to wait.
 * @returns The last report; undefined where it was stopped before the first. Stopped early, its `done` is false.
 * @throws {CommandError} Where the function refuses, does not answer, or does not come any further.
 */
export async function callUntilDone(
  context: CommandContext,
  target: Target,
  ask: ReconcileRequest,
  tell: { report: (report: Report) => void; wait: (why: string, seconds: number) => void },
): Promise<Report | undefined> {
  let last: Report | undefined;
  let idle = 0;
  while (!context.stop.aborted && !last?.done) {
    const answer = await call(context, target, last, ask);
    if (!answer) break;
    const wait = "report" in answer ? waitOf(answer.report) : answer;
    const moved = "report" in answer && isFurther(answer.report, last);
    idle = moved ? 0 : idle + 1;
    if (idle === MAX_IDLE_CALLS) throw new CommandError(`Cannot go on: ${wait.why}`);
    if ("report" in answer) tell.report(last = answer.report);
    if (wait.retryAfter > 0) tell.wait(wait.why, wait.retryAfter);
    await context.sleep(wait.retryAfter * 1000);
  }
  return last;
}

function waitOf({ retry_after }: Report): { retryAfter: number; why: string } {
  const why = retry_after > 0 ? "Clerk's rate limit is reached" : "clerk-reconcile does not come any further";
  return { retryAfter: retry_after, why };
}

function isFurther(report: Report, before: Report | undefined): boolean {
  return report.done || report.task !== before?.task || report.kind !== before?.kind ||
    report.progress?.items !== before?.progress?.items || Object.keys(report.outcomes).length > 0;
}

/** One slice. Undefined where it was stopped: the function finishes the slice all the same. */
async function call(
  { fetch, stop }: CommandContext,
  target: Target,
  last: Report | undefined,
  ask: ReconcileRequest,
): Promise<SliceResult> {
  try {
    const { status, headers, body } = await callFunction(fetch, target, "clerk-reconcile", {
      method: "POST",
      // Beginning anew is for the first call: the next ones go on.
      body: JSON.stringify(last ? { ...ask, restart: false } : ask),
      signal: AbortSignal.any([AbortSignal.timeout(CALL_TIMEOUT_MS), stop]),
    });
    if (status === 200 && isObject(body) && typeof body.done === "boolean") {
      return { report: body as unknown as Report };
    }
    const why = describe(status, body);
    const retryAfter = Number(headers.get("retry-after"));
    // 502, 503 and 504 without a word of ours are the platform's: a process that was killed.
    if (retryAfter > 0 || status > 500) return { retryAfter: retryAfter || 5, why };
    throw new CommandError(why);
  } catch (error) {
    if (stop.aborted) return undefined;
    // A project that answered before is there, and the network is not.
    if (last && error instanceof UnreachableError) return { retryAfter: 5, why: error.message };
    throw error;
  }
}

function describe(status: number, body: unknown): string {
  if (!isObject(body)) return `clerk-reconcile answered ${status}`;
  if (status === 404) return "clerk-reconcile is not deployed: supabase functions deploy --use-api";
  return `${body.detail ?? body.message ?? `clerk-reconcile answered ${status}`} (${body.code ?? status})`;
}
