/**
 * Limits the requests to Clerk that callers cause, so that a front end cannot use up Clerk's rate limit.
 *
 * @module
 */

/** A client that retries within this time does not cause another request to Clerk. */
const MEMORY_MS = 10_000;
const MAX_RESULTS = 1_000;

/**
 * Runs a task once per key, even for concurrent requests, and remembers its result or failure for 10 s.
 *
 * @param run The task.
 * @param now The clock, in milliseconds.
 * @returns A function that runs the task or returns the remembered result.
 *
 * @example
 * ```ts
 * import { rememberResults } from "./remember.ts";
 *
 * let runs = 0;
 * const greet = rememberResults((name) => Promise.resolve(`${name} ${++runs}`), Date.now);
 * await Promise.all([greet("ada"), greet("ada")]);
 * if (runs !== 1) throw new Error();
 * ```
 */
export function rememberResults<T>(run: (key: string) => Promise<T>, now: () => number): (key: string) => Promise<T> {
  const results = new Map<string, { result: Promise<T>; until: number }>();
  return (key) => {
    const known = results.get(key);
    if (known && known.until > now()) return known.result;
    if (results.size >= MAX_RESULTS) results.clear();
    const result = run(key);
    const started = { result, until: Infinity };
    results.set(key, started);
    const finish = () => {
      started.until = now() + MEMORY_MS;
    };
    result.then(finish, finish);
    return result;
  };
}
