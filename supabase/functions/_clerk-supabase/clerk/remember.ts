/**
 * Questions to Clerk that callers cause: whatever a front end does, it does not use up Clerk's rate limit.
 *
 * @module
 */

/** How long a result is remembered, in milliseconds: a client that retries does not ask Clerk again. */
const MEMORY = 10_000;
/** The most results to remember. */
const MOST = 1_000;

/**
 * Runs a task once per key, however many requests of the key come at once, and remembers its result or failure for 10 s.
 *
 * @param run The task.
 * @param now The clock, in milliseconds.
 * @returns Runs the task, or returns what it remembers.
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
    if (results.size >= MOST) results.clear();
    const result = run(key);
    const started = { result, until: Infinity };
    results.set(key, started);
    const finish = () => {
      started.until = now() + MEMORY;
    };
    result.then(finish, finish);
    return result;
  };
}
