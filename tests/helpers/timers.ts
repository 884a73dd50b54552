/**
 * Measures deadlines by the order in which timers fire, which does not depend on the machine's speed.
 *
 * @module
 */

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
