/**
 * Tests deadlines without a clock, by timers that the test fires.
 *
 * @module
 */
import type { After } from "../../supabase/functions/_clerk-supabase/http/after.ts";

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
