/**
 * Kills a function's process, as the platform kills a worker.
 *
 * @module
 */
import { assert } from "@std/assert";
import { eventually } from "../../../project/eventually.ts";
import type { TestStack } from "./stack.ts";

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
  await eventually(async () => assert(await workers.pid(name) !== pid, `${name} has not ended yet`));
}
