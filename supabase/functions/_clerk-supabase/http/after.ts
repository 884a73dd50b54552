/**
 * The timer of every time limit.
 *
 * @module
 */

/** A time limit that runs. */
export interface TimeLimit {
  /** Fires at the end of the time. */
  signal: AbortSignal;
  /** Ends the limit early: its signal never fires. */
  stop: () => void;
}

/** Starts a time limit of so many milliseconds. Tests pass limits that end when they say so. */
export type After = (milliseconds: number) => TimeLimit;

/** The clock and the alarm of a timer. */
export interface Clock {
  /** The time in milliseconds. It never jumps. */
  nowMs: () => number;
  /** Returns a signal that fires after a time in milliseconds. */
  alarm: (milliseconds: number) => AbortSignal;
}

/**
 * Creates a timer whose limits share one alarm. Almost every limit is stopped long before its end, so an alarm for each
 * would only leave thousands of them pending under load. The alarm is a signal, because Deno would load Node's timers
 * for `setTimeout`. It keeps the process alive only while a limit runs.
 *
 * @param clock The clock and the alarm.
 * @returns The timer.
 */
export function createTimer({ nowMs, alarm }: Clock): After {
  const running = new Set<{ endsAtMs: number; controller: AbortController }>();
  let next: { signal: AbortSignal; ringsAtMs: number } | undefined;

  function ring(): void {
    next = undefined;
    for (const limit of [...running]) {
      if (limit.endsAtMs > nowMs()) continue;
      running.delete(limit);
      limit.controller.abort(new DOMException("The time limit was reached", "TimeoutError"));
    }
    if (running.size > 0) ringAt(Math.min(...Array.from(running, ({ endsAtMs }) => endsAtMs)));
  }

  /** Keeps an alarm that rings earlier. It finds nothing to end then, and sets the next one. */
  function ringAt(endsAtMs: number): void {
    if (next === undefined || next.signal.aborted || next.ringsAtMs > endsAtMs) {
      next?.signal.removeEventListener("abort", ring);
      next = { signal: alarm(Math.max(1, Math.ceil(endsAtMs - nowMs()))), ringsAtMs: endsAtMs };
    }
    next.signal.addEventListener("abort", ring);
  }

  return (milliseconds) => {
    const limit = { endsAtMs: nowMs() + milliseconds, controller: new AbortController() };
    running.add(limit);
    ringAt(limit.endsAtMs);
    const stop = () => {
      if (running.delete(limit) && running.size === 0) next?.signal.removeEventListener("abort", ring);
    };
    return { signal: limit.controller.signal, stop };
  };
}

/** The process's timer. */
export const startTimer: After = createTimer({
  nowMs: () => performance.now(),
  alarm: (milliseconds) => AbortSignal.timeout(milliseconds),
});
