/**
 * Tests deadlines without a clock: by timers that the test fires, or by the order in which timers fire.
 *
 * @module
 */
import type { After } from "../../supabase/functions/_clerk-supabase/http/after.ts";

/**
 * Starts timers and then a function, and reports which timers fired before the function ended.
 *
 * @param delaysMs The timers' delays.
 * @param run Starts its own timer before it waits for anything.
 * @returns The function's result, and for each timer whether it had fired.
 */
export async function besideTimers<T>(
  delaysMs: readonly number[],
  run: () => Promise<T>,
): Promise<{ result: T; fired: boolean[] }> {
  const fired = delaysMs.map(() => false);
  const timers = delaysMs.map((delayMs, index) =>
    setTimeout(() => {
      fired[index] = true;
    }, delayMs)
  );
  try {
    const result = await run();
    return { result, fired: [...fired] };
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

/** Timers that fire when a test says so. */
export interface ManualTimers {
  /** Starts a timer; pass it instead of the process's. */
  after: After;
  /** Returns the delays of all started timers, in milliseconds. */
  startedMs: () => number[];
  /** Returns the delays of the timers that were neither stopped nor fired, in milliseconds. */
  runningMs: () => number[];
  /** Fires the timers of a delay. */
  fire: (delayMs: number) => void;
}

/** Creates timers that no clock fires. */
export function manualTimers(): ManualTimers {
  const timers: Array<{ delayMs: number; controller: AbortController; isStopped: boolean }> = [];
  return {
    after: (delayMs) => {
      const controller = new AbortController();
      const timer = { delayMs, controller, isStopped: false };
      timers.push(timer);
      const stop = () => {
        timer.isStopped = true;
      };
      return { signal: controller.signal, stop };
    },
    startedMs: () => timers.map(({ delayMs }) => delayMs),
    runningMs: () =>
      timers.filter((timer) => !timer.isStopped && !timer.controller.signal.aborted).map(({ delayMs }) => delayMs),
    fire: (delayMs) => {
      for (const timer of timers) {
        if (timer.delayMs === delayMs && !timer.isStopped) {
          timer.controller.abort(new DOMException("late", "TimeoutError"));
        }
      }
    },
  };
}
