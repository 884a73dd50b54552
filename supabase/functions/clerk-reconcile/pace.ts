/**
 * How fast Clerk is asked.
 *
 * @module
 */
import type { Fetch } from "../_clerk-supabase/http/bounded_fetch.ts";

/** Clerk's limits of requests in ten seconds, per instance. */
const REQUESTS_PER_10_SECONDS = { test: 100, live: 1_000 };
/** The part of them that is ours: the rest is the app's own. */
const SHARE_OF_LIMIT = 0.5;

/** A fetch that keeps a pace, and how often it was used. */
export interface Paced {
  fetch: Fetch;
  requests: () => number;
}

/**
 * Tells the time between requests that a secret key's rate limit allows.
 *
 * @param secretKey `sk_test_…` or `sk_live_…`.
 * @returns Milliseconds.
 */
export function intervalFor(secretKey: string): number {
  const kind = secretKey.startsWith("sk_live_") ? "live" : "test";
  return 10_000 / (REQUESTS_PER_10_SECONDS[kind] * SHARE_OF_LIMIT);
}

/**
 * Makes a fetch that begins no request sooner than an interval after the one before.
 *
 * @param fetch The network.
 * @param interval Milliseconds.
 * @param now The clock, in milliseconds.
 * @param sleep Waits for milliseconds.
 * @returns The fetch.
 */
export function pace(
  fetch: Fetch,
  interval: number,
  now: () => number,
  sleep: (milliseconds: number) => Promise<void>,
): Paced {
  let next = 0;
  let requests = 0;
  return {
    fetch: async (url, init) => {
      requests++;
      // Never more than an interval, whatever became of the clock.
      const turn = Math.min(Math.max(now(), next), now() + interval);
      next = turn + interval;
      if (turn > now()) await sleep(turn - now());
      return await fetch(url, init);
    },
    requests: () => requests,
  };
}
