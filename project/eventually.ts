/**
 * Waits for conditions that no event announces.
 *
 * @module
 */

/** Limits of the wait, each long enough for a busy machine. */
export interface Patience {
  /** Time until the last error is final. */
  totalMs: number;
  /**
   * Time for one attempt. A longer one counts as failed and its result is ignored: a question to a page that navigates
   * at that moment may never be answered.
   */
  attemptMs: number;
  /** Time between two attempts. */
  pauseMs: number;
}

const USUAL: Patience = { totalMs: 60_000, attemptMs: 20_000, pauseMs: 25 };

/**
 * Runs a function repeatedly until it does not throw.
 *
 * @param run Asserts a state that will come. It cannot assert that a state lasts, because that would pass at once.
 * @param patience Limits of time.
 * @returns The result of the function.
 * @throws Its last error, after a minute.
 */
export async function eventually<T>(run: () => T | Promise<T>, patience: Patience = USUAL): Promise<T> {
  const deadline = performance.now() + patience.totalMs;
  while (true) {
    try {
      return await inTime(Promise.resolve().then(run), patience.attemptMs);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, patience.pauseMs));
    }
  }
}

async function inTime<T>(attempt: Promise<T>, limitMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Cannot wait longer: one attempt took ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([attempt, late]);
  } finally {
    clearTimeout(timer);
  }
}
