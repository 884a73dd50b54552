/**
 * Waits for conditions that no event announces.
 *
 * @module
 */

/** Long enough for a busy machine. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 25;

/**
 * Runs a function repeatedly until it does not throw.
 *
 * @param run Asserts a state that will come. It cannot assert that a state lasts, because that would pass at once.
 * @returns The result of the function.
 * @throws Its last error, after a minute.
 */
export async function eventually<T>(run: () => T | Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  while (true) {
    try {
      return await run();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
