/**
 * A temporary local stack for tests, benchmarks and screenshots.
 *
 * @module
 */
import { configArguments } from "../project/jsr/config.ts";
import { type Stack, type StackOptions, startStack } from "./stack.ts";

/**
 * Starts a stack on free ports, without a rate limit. It saves no state and reads no `.env` file of this machine.
 *
 * @param options Overrides of the defaults.
 * @returns The stack. Each function starts on its first call.
 */
export async function startThrowawayStack(options: Partial<StackOptions> = {}): Promise<Stack> {
  return await startStack({
    apiPort: 0,
    clerkPort: 0,
    rateLimit: false,
    ownVariables: () => Promise.resolve({}),
    deno: options.deno ?? { executable: Deno.execPath(), config: await configArguments() },
    // Starting a process for each function costs more than most runs need.
    warm: false,
    // Functions get neither files nor the Internet.
    sealed: true,
    // Svix's schedule is too slow for tests. A busy machine needs the later attempts, because the function may still be
    // starting.
    schedule: [0, 50, 50, 50, 500, 5_000, 10_000],
    print: () => {},
    ...options,
  });
}
