/**
 * Runs tasks so that every core stays busy until the end.
 *
 * @module
 */

/**
 * Runs tasks on a number of workers, the longest first: a long task that starts last would leave the other workers
 * idle.
 *
 * @param tasks The tasks.
 * @param options.workers The number of tasks that run at the same time.
 * @param options.expectedSeconds Returns the expected duration of a task; undefined if unknown. Unknown tasks run
 *   first.
 * @param options.run Runs one task. An error ends the whole queue.
 */
export async function runLongestFirst<Task>(tasks: readonly Task[], { workers, expectedSeconds, run }: {
  workers: number;
  expectedSeconds: (task: Task) => number | undefined;
  run: (task: Task) => Promise<void>;
}): Promise<void> {
  const seconds = (task: Task) => expectedSeconds(task) ?? Infinity;
  // Infinity - Infinity is NaN, which sort() does not treat as equal.
  const waiting = tasks.toSorted((a, b) => seconds(b) === seconds(a) ? 0 : seconds(b) - seconds(a));
  const work = async () => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await run(task);
  };
  await Promise.all(Array.from({ length: workers }, work));
}
