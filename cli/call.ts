/**
 * Calling a function as the project itself.
 *
 * @module
 */
import { readServiceConfig } from "../supabase/functions/_shared/config.ts";
import type { Fetch } from "../supabase/functions/_shared/http/bounded_fetch.ts";
import { CommandError, type Target } from "./surroundings.ts";

/**
 * Calls a function with the project's secret key.
 *
 * @param fetch The network.
 * @param target The project.
 * @param name The function.
 * @param init Method, body, and a signal that bounds the call.
 * @returns The answer, whatever its status.
 * @throws {CommandError} Where there is none.
 */
export async function callFunction(fetch: Fetch, target: Target, name: string, init: RequestInit): Promise<Response> {
  const { key } = readServiceConfig(target.env);
  try {
    const headers = { apikey: key, "content-type": "application/json" };
    return await fetch(`${target.url}/functions/v1/${name}`, { ...init, headers });
  } catch (error) {
    throw unreachable(target.url, error);
  }
}

/**
 * Says that there was no answer.
 *
 * @param url Who was asked.
 * @param error What was thrown.
 * @returns The error to throw.
 */
export function unreachable(url: string, error: unknown): CommandError {
  return new CommandError(`Cannot reach ${url}: ${error instanceof Error ? error.message : "no answer"}`);
}
