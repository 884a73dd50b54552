/**
 * Kills a function's process, as the platform kills a worker.
 *
 * @module
 */
import type { TestStack } from "./stack.ts";

/** Milliseconds between two looks at something that another process changes. */
const LOOK_INTERVAL_MS = 10;

/** Waits until the next look at something that another process changes. */
export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));

/**
 * Kills a function's process, and waits until the stack runs another one: a request to the ended process fails.
 *
 * @param stack The stack.
 * @param name The function.
 * @param killed Called just before the process ends, in the same turn of the event loop.
 */
export async function killFunction({ workers }: TestStack, name: string, killed?: () => void): Promise<void> {
  const pid = await workers.pid(name);
  killed?.();
  Deno.kill(pid, "SIGKILL");
  while (await workers.pid(name) === pid) await pause();
}
