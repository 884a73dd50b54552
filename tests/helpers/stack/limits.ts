/**
 * The platform's limits of what a request may cost.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { cpuSeconds, memoryMegabytes } from "../../../project/process_usage.ts";
import { MEMORY_LIMIT_MEGABYTES, type TestStack } from "./stack.ts";

/** Seconds of CPU for a request, beyond which the platform ends a worker. */
const CPU_LIMIT = 2;

/** What a request cost. */
interface Cost {
  /** Seconds of CPU of the function's process. */
  cpu: number;
  /** The most megabytes that it ever held, Deno itself included. */
  peak: number;
}

/**
 * Fails where a request costs more than the platform allows, or is answered by another status. A new process takes them,
 * so that its memory is theirs, and its start counts as theirs too.
 *
 * @param stack The stack.
 * @param name The function.
 * @param status The answers' status.
 * @param requests Send a request each.
 */
export async function assertWithinLimits(
  stack: TestStack,
  name: string,
  status: number,
  ...requests: Array<() => Promise<Response>>
): Promise<void> {
  stack.workers.replace();
  for (const request of requests) {
    const { cpu, peak } = await costOf(stack, name, async () => {
      const response = await request();
      assertEquals(response.status, status, await response.text());
    });
    assert(cpu < CPU_LIMIT, `${name} took ${cpu} s of CPU, the limit is ${CPU_LIMIT} s`);
    assert(
      peak < MEMORY_LIMIT_MEGABYTES,
      `${name} held ${Math.round(peak)} MB, the limit is ${MEMORY_LIMIT_MEGABYTES} MB`,
    );
  }
}

async function costOf(stack: TestStack, name: string, run: () => Promise<void>): Promise<Cost> {
  const pid = await stack.workers.pid(name);
  const before = await cpuSeconds(pid);
  await run();
  assertEquals(await stack.workers.pid(name), pid, `${name} ended, and another process took over`);
  const cost = { cpu: await cpuSeconds(pid) - before, peak: (await memoryMegabytes(pid)).peak };
  // deno-lint-ignore no-console -- what was measured is for whoever runs it
  console.log(`${name}: ${cost.cpu.toFixed(2)} s of CPU, ${Math.round(cost.peak)} MB`);
  return cost;
}
