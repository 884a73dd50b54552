/**
 * The timer of every time limit.
 *
 * @module
 */

/** Returns a signal that fires after a time in milliseconds. Tests pass one that fires when they say so. */
export type After = (milliseconds: number) => AbortSignal;

/** The process's timer. A signal costs less than `setTimeout`, for which Deno would load Node's timers. */
export const startTimer: After = (milliseconds) => AbortSignal.timeout(milliseconds);
