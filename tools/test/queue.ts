/**
 * A queue that keeps every core busy until the end.
 *
 * @module
 */

/**
 * Runs tasks on a number of workers, the longest first: a long task that starts last would leave the other workers
 * idle.
 *
 * @param tasks The tasks.
 * @param options.workers How many tasks run at the same time.
 * @param options.expectedSeconds Returns how long a task takes; undefined if unknown, which runs first.
 * @param options.run Runs one task. What it throws ends the whole queue.
 */
export async function runLongestFirst<Task>(tasks: readonly Task[], { workers, expectedSeconds, run }: {
  workers: number;
  expectedSeconds: (task: Task) => number | undefined;
  run: (task: Task) => Promise<void>;
}): Promise<void> {
  const seconds = (task: Task) => expectedSeconds(task) ?? Infinity;
  // Infinity - Infinity is NaN, which sort() would not take for equal.
  const waiting = tasks.toSorted((a, b) => seconds(b) === seconds(a) ? 0 : seconds(b) - seconds(a));
  const work = async () => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await run(task);
  };
  await Promise.all(Array.from({ length: workers }, work));
}
