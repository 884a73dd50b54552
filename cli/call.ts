/**
 * Calls a function with the project's secret key.
 *
 * @module
 */
import { commandLine } from "../project/command_line.ts";
import { readServiceConfig } from "../supabase/functions/_clerk-supabase/config.ts";
import type { Fetch } from "../supabase/functions/_clerk-supabase/http/bounded_fetch.ts";
import { parseJson } from "../supabase/functions/_clerk-supabase/formats/json.ts";
import { CommandError } from "../project/errors.ts";
import type { Target } from "./command_context.ts";

/** An HTTP answer with its body. */
export interface HttpAnswer {
  status: number;
  headers: Headers;
  /** The parsed body; undefined if it is not JSON. */
  body: unknown;
}

/**
 * Calls a function with the project's secret key. Redirects are not followed, so the key goes nowhere else.
 *
 * @param fetch The network.
 * @param target The project.
 * @param name The function.
 * @param init Method, body, and a signal that limits the call's time.
 * @returns The answer with any status.
 * @throws {UnreachableError} If there is no answer.
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
 * Reads the whole body of a response.
 *
 * @param response The response.
 * @returns Status, headers and parsed body.
 */
export async function readAnswer(response: Response): Promise<HttpAnswer> {
  return { status: response.status, headers: response.headers, body: parseJson(await response.text()) };
}

/** A project that did not answer. */
export class UnreachableError extends CommandError {
  override name = "UnreachableError";

  /**
   * @param url The project's URL.
   * @param error The error of the request.
   * @param local Whether the project is the local stack.
   */
  constructor(url: string, error: unknown, local = false) {
    const advice = local ? ` (is ${commandLine("dev")} running?)` : "";
    super(`Cannot reach ${url}: ${error instanceof Error ? error.message : "no answer"}${advice}`);
  }
}
