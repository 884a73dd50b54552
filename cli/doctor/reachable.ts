/**
 * The first step of the doctor: the local stack must answer, or every later check would blame something else.
 *
 * @module
 */
import { CommandError } from "../../project/errors.ts";
import type { CommandContext, Target } from "../command_context.ts";
import { ask } from "./ask.ts";
import { fixForSilence } from "./installation.ts";

/**
 * Throws if the local stack does not answer. A hosted project is not asked: its checks tell Clerk's silence from its
 * own.
 *
 * @param target The project.
 * @param fetch The network.
 * @throws {CommandError} If there is no answer; the message says how to start the stack.
 */
export async function requireRunning(target: Target, fetch: CommandContext["fetch"]): Promise<void> {
  if (!target.local) return;
  const { silence } = await ask(fetch, `${target.url}/functions/v1/health`);
  if (silence === undefined) return;
  throw new CommandError(`Cannot reach ${new URL(target.url).origin}: ${silence}. ${fixForSilence(target)}`);
}
