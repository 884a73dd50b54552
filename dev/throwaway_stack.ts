/**
 * A local stack that is thrown away, as tests, measurements and screenshots use it.
 *
 * @module
 */
import { configArguments } from "../project/jsr/config.ts";
import { type Stack, type StackOptions, startStack } from "./stack.ts";

/**
 * Starts a stack on free ports, without a rate limit, that keeps nothing and reads no `.env` file of this machine.
 *
 * @param options What is to be different.
 * @returns The stack. A function starts when it is first called.
 */
export async function startThrowawayStack(options: Partial<StackOptions> = {}): Promise<Stack> {
  return await startStack({
    apiPort: 0,
    clerkPort: 0,
    rateLimit: false,
    ownVariables: () => Promise.resolve({}),
    deno: options.deno ?? { executable: Deno.execPath(), config: await configArguments() },
    // A process for each function costs more than most runs need.
    warm: false,
    // Whatever a function does, it does without files and without the Internet.
    sealed: true,
    // Nobody waits for Svix's schedule. A busy machine needs the later attempts: the first find a function that is starting.
    schedule: [0, 50, 50, 50, 500, 5_000, 10_000],
    print: () => {},
    ...options,
  });
}
