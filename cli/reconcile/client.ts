/**
 * Calls clerk-reconcile, slice by slice.
 *
 * @module
 */
import type { ReconcileReport } from "../../supabase/functions/clerk-reconcile/report.ts";
import type { Kind } from "../../supabase/functions/clerk-reconcile/state.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { callFunction, UnreachableError } from "../call.ts";
import { CommandError } from "../../project/errors.ts";
import type { CommandContext, Target } from "../command_context.ts";

/** The body of a call. */
export interface ReconcileCall {
  task?: "backfill" | "pull" | "sweep";
  kind?: Kind;
  dry_run?: boolean;
  restart?: boolean;
  max_deletes?: number;
  bind?: string;
}

/** The result of a slice: its report, or a reason to wait; undefined if the command was stopped. */
type SliceResult = { report: ReconcileReport } | { retryAfter: number; why: string } | undefined;

/** Calls in a row without progress before the command gives up. */
const MAX_IDLE_CALLS = 10;
/** The limit of a call: a slice takes 20 s plus the time of its last step. */
const CALL_TIMEOUT_MS = 150_000;

/**
 * Calls clerk-reconcile until the task is done.
 *
 * @param context Network, clock, and the signal to stop.
 * @param target The project.
 * @param ask The task.
 * @param tell Gets each report, and the reason for each wait.
 * @returns The last report, with `done` false if it was stopped; undefined if it was stopped before the first report.
 * @throws {CommandError} If the function refuses, does not answer, or makes no progress.
 */
export async function callUntilDone(
  context: CommandContext,
  target: Target,
  ask: ReconcileCall,
  tell: { report: (report: ReconcileReport) => void; wait: (why: string, seconds: number) => void },
): Promise<ReconcileReport | undefined> {
  let last: ReconcileReport | undefined;
  let idle = 0;
  while (!context.stop.aborted && !last?.done) {
    const answer = await call(context, target, last, ask);
    if (!answer) break;
    const wait = "report" in answer ? waitOf(answer.report) : answer;
    const moved = "report" in answer && isFurther(answer.report, last);
    idle = moved ? 0 : idle + 1;
    if (idle === MAX_IDLE_CALLS) throw new CommandError(`Cannot continue: ${wait.why}`);
    if ("report" in answer) tell.report(last = answer.report);
    if (wait.retryAfter > 0) tell.wait(wait.why, wait.retryAfter);
    await context.sleep(wait.retryAfter * 1000);
  }
  return last;
}

function waitOf({ retry_after }: ReconcileReport): { retryAfter: number; why: string } {
  const why = retry_after > 0 ? "Clerk's rate limit is reached" : "clerk-reconcile makes no progress";
  return { retryAfter: retry_after, why };
}

function isFurther(report: ReconcileReport, before: ReconcileReport | undefined): boolean {
  return report.done || report.task !== before?.task || report.kind !== before?.kind ||
    report.progress?.items !== before?.progress?.items || Object.keys(report.outcomes).length > 0;
}

/** Calls one slice. After a stop, the function still finishes its slice. */
async function call(
  { fetch, stop }: CommandContext,
  target: Target,
  last: ReconcileReport | undefined,
  ask: ReconcileCall,
): Promise<SliceResult> {
  try {
    const { status, headers, body } = await callFunction(fetch, target, "clerk-reconcile", {
      method: "POST",
      // Only the first call restarts; the next ones continue.
      body: JSON.stringify(last ? { ...ask, restart: false } : ask),
      signal: AbortSignal.any([AbortSignal.timeout(CALL_TIMEOUT_MS), stop]),
    });
    if (status === 200 && isObject(body) && typeof body.done === "boolean") {
      return { report: body as unknown as ReconcileReport };
    }
    const why = describe(status, body);
    const retryAfter = Number(headers.get("retry-after"));
    // 502, 503 and 504 without our error body come from the platform, such as after a killed process.
    if (retryAfter > 0 || status > 500) return { retryAfter: retryAfter || 5, why };
    throw new CommandError(why);
  } catch (error) {
    if (stop.aborted) return undefined;
    // After an earlier answer, this is a problem of the network.
    if (last && error instanceof UnreachableError) return { retryAfter: 5, why: error.message };
    throw error;
  }
}

function describe(status: number, body: unknown): string {
  if (!isObject(body)) return `clerk-reconcile answered ${status}`;
  if (status === 404) return "clerk-reconcile is not deployed: run supabase functions deploy --use-api";
  return `${body.detail ?? body.message ?? `clerk-reconcile answered ${status}`} (${body.code ?? status})`;
}
