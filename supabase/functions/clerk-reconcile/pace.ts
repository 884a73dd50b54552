/**
 * Limits the rate of requests to Clerk.
 *
 * @module
 */
import type { Fetch } from "../_clerk-supabase/http/bounded_fetch.ts";

/** Clerk's rate limits per instance. */
const REQUESTS_PER_10_SECONDS = { test: 100, live: 1_000 };
/** Our share of them. The rest is for the application. */
const SHARE_OF_LIMIT = 0.5;

/** A fetch with a limited rate, and the number of its requests. */
export interface Paced {
  fetch: Fetch;
  requests: () => number;
}

/**
 * Returns the time between two requests that a secret key's rate limit allows.
 *
 * @param secretKey `sk_test_…` or `sk_live_…`.
 * @returns Milliseconds.
 */
export function intervalFor(secretKey: string): number {
  const kind = secretKey.startsWith("sk_live_") ? "live" : "test";
  return 10_000 / (REQUESTS_PER_10_SECONDS[kind] * SHARE_OF_LIMIT);
}

/**
 * Creates a fetch that waits at least an interval between the starts of two requests.
 *
 * @param fetch The network.
 * @param interval The interval in milliseconds.
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
      // Waits at most one interval, even if the clock was set back.
      const turn = Math.min(Math.max(now(), next), now() + interval);
      next = turn + interval;
      if (turn > now()) await sleep(turn - now());
      return await fetch(url, init);
    },
    requests: () => requests,
  };
}
