/**
 * The platform's limits on the cost of a request.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { cpuSeconds, memoryMegabytes } from "../../../project/process_usage.ts";
import { MEMORY_LIMIT_MEGABYTES, type TestStack } from "./stack.ts";

/** Seconds of CPU per request, beyond which the platform ends a worker. */
const CPU_LIMIT = 2;

/** The cost of a request. */
interface Cost {
  /** CPU seconds of the function's process. */
  cpu: number;
  /** The peak memory in megabytes, including Deno itself. */
  peak: number;
}

/**
 * Fails if requests cost more than the platform allows, or get a response with another status. A new process serves
 * them, so that all its memory and its start count as theirs.
 *
 * @param stack The stack.
 * @param name The function.
 * @param status The expected status of the responses.
 * @param requests Functions that each send a request.
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
    assert(cpu < CPU_LIMIT, `${name} used ${cpu} s of CPU (limit ${CPU_LIMIT} s)`);
    assert(
      peak < MEMORY_LIMIT_MEGABYTES,
      `${name} used ${Math.round(peak)} MB (limit ${MEMORY_LIMIT_MEGABYTES} MB)`,
    );
  }
}

async function costOf(stack: TestStack, name: string, run: () => Promise<void>): Promise<Cost> {
  const pid = await stack.workers.pid(name);
  const before = await cpuSeconds(pid);
  await run();
  assertEquals(await stack.workers.pid(name), pid, `${name} ended, and another process replaced it`);
  const cost = { cpu: await cpuSeconds(pid) - before, peak: (await memoryMegabytes(pid)).peak };
  // deno-lint-ignore no-console -- reports the measurement to the developer
  console.log(`${name}: ${cost.cpu.toFixed(2)} s of CPU, ${Math.round(cost.peak)} MB`);
  return cost;
}
