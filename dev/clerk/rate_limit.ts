/**
 * The Backend API's rate limit.
 *
 * @module
 */
import type { InstanceKind } from "./keys.ts";

/** Milliseconds for which a request counts. */
const RATE_WINDOW_MS = 10_000;

/** Requests that an instance may make within {@linkcode RATE_WINDOW_MS}. */
export const RATE_LIMITS: Record<InstanceKind, number> = { test: 100, live: 1_000 };

/** Counts requests. */
export interface RateLimit {
  /** Counts a request; returns undefined if it is allowed, else the whole seconds until the next one is. */
  take: () => number | undefined;
}

/**
 * Creates a rate limit over a sliding window. Clerk does not document whether its window slides. A sliding window is
 * stricter, so a client that stays within it also stays within a fixed one. A rejected request does not count.
 *
 * @param limit The most requests per window.
 * @param now Returns the time in milliseconds.
 * @returns The limit, with no requests counted.
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
