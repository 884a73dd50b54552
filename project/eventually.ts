/**
 * Waiting for what has no event to wait for.
 *
 * @module
 */

/** How long a busy machine may take; an idle one never waits for it. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 25;

/**
 * Runs a function until it does not throw.
 *
 * @param run What must hold in the end. It must never be something that has to stay as it is: that would pass at once.
 * @returns What the function returns.
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
