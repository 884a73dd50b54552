/**
 * The Backend API's rate limit.
 *
 * @module
 */
import type { InstanceKind } from "./keys.ts";

/** Milliseconds that a request counts for. */
const RATE_WINDOW_MS = 10_000;

/** Requests that an instance may make within {@linkcode RATE_WINDOW_MS}. */
export const RATE_LIMITS: Record<InstanceKind, number> = { test: 100, live: 1_000 };

/** Counts requests. */
export interface RateLimit {
  /** Takes a request in: undefined where it may go on, else the whole seconds until the next one may. */
  take: () => number | undefined;
}

/**
 * Makes a rate limit over a sliding window. Clerk does not say whether its own slides; this is the stricter kind, so
 * that a client which stays within it is within any other. A refused request does not count.
 *
 * @param limit How many requests.
 * @param now The clock, in milliseconds.
 * @returns The limit, with nothing taken.
 */
export function createRateLimit(limit: number, now: () => number): RateLimit {
  const taken: number[] = [];
  return {
    take() {
      const time = now();
      while (taken.length > 0 && taken[0]! <= time - RATE_WINDOW_MS) taken.shift();
      if (taken.length >= limit) return Math.ceil((taken[0]! + RATE_WINDOW_MS - time) / 1000);
      taken.push(time);
      return undefined;
    },
  };
}
