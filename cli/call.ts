/**
 * Calling a function as the project itself.
 *
 * @module
 */
import { commandLine } from "../project/command_line.ts";
import { readServiceConfig } from "../supabase/functions/_clerk-supabase/config.ts";
import type { Fetch } from "../supabase/functions/_clerk-supabase/http/bounded_fetch.ts";
import { parseJson } from "../supabase/functions/_clerk-supabase/formats/json.ts";
import { CommandError } from "../project/errors.ts";
import type { Target } from "./command_context.ts";

/** An answer that was read. */
export interface HttpAnswer {
  status: number;
  headers: Headers;
  /** The parsed body; undefined where it is no JSON. */
  body: unknown;
}

/**
 * Calls a function with the project's secret key, which follows no redirect.
 *
 * @param fetch The network.
 * @param target The project.
 * @param name The function.
 * @param init Method, body, and a signal that bounds the call.
 * @returns The answer, whatever its status.
 * @throws {CommandError} Where there is none.
 */
export async function callFunction(fetch: Fetch, target: Target, name: string, init: RequestInit): Promise<HttpAnswer> {
  const { key } = readServiceConfig(target.env);
  try {
    const url = `${target.url}/functions/v1/${name}`;
    const headers = { apikey: key, "content-type": "application/json" };
    const response = await fetch(url, { ...init, headers, redirect: "error" });
    return await readAnswer(response);
  } catch (error) {
    throw new UnreachableError(target.url, error, target.local);
  }
}

/**
 * Reads an answer.
 *
 * @param response The answer.
 * @returns It, with its body.
 */
export async function readAnswer(response: Response): Promise<HttpAnswer> {
  return { status: response.status, headers: response.headers, body: parseJson(await response.text()) };
}

/** There was no answer. */
export class UnreachableError extends CommandError {
  override name = "UnreachableError";

  /**
   * @param url Who was asked.
   * @param error What was thrown.
   * @param local Whether it is this machine's.
   */
  constructor(url: string, error: unknown, local = false) {
    const advice = local ? ` (does ${commandLine("dev")} run?)` : "";
    super(`Cannot reach ${url}: ${error instanceof Error ? error.message : "no answer"}${advice}`);
  }
}
