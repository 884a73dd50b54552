/**
 * Sends requests to other services, and describes failures in our own words, because an error's message holds the URL.
 *
 * @module
 */
import type { DataApiConfig } from "../../supabase/functions/_clerk-supabase/config.ts";
import { boundedFetch, type Fetch } from "../../supabase/functions/_clerk-supabase/http/bounded_fetch.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { type HttpAnswer, readAnswer } from "../call.ts";

/** An answer, or the reason why there is none. */
export type Asked = { answer: HttpAnswer; silence?: never } | { answer?: never; silence: string };

/** Generous, because a function and its database may both start cold. */
const ASK_BOUNDS = { timeoutMs: 15_000, maxBytes: 8 * 1024 * 1024 };

/** Patterns in the text of a failed request, and our description of each failure. */
const SILENCES: ReadonlyArray<[pattern: RegExp, silence: string]> = [
  [/connection refused|ECONNREFUSED/i, "the connection was refused"],
  [/timed out|timeout/i, `no answer within ${ASK_BOUNDS.timeoutMs / 1000} s`],
  [/dns|lookup|resolve|ENOTFOUND/i, "its host name does not resolve"],
  [/certificate|tls/i, "its certificate is not valid"],
  [/redirect/i, "it answered with a redirect, which is not followed"],
  [/longer than/i, "its answer is too long"],
];

/**
 * Sends one bounded request.
 *
 * @param fetch The network.
 * @param url The address.
 * @param init Method, headers, body.
 * @returns The answer with any status, or the reason why there is none.
 */
export async function ask(fetch: Fetch, url: string, init: RequestInit = {}): Promise<Asked> {
  try {
    return { answer: await readAnswer(await boundedFetch(fetch, ASK_BOUNDS)(url, init)) };
  } catch (error) {
    return { silence: describeFailure(error) };
  }
}

/**
 * Calls a database function as the service role.
 *
 * @param fetch The network.
 * @param service The project's URL and a secret key.
 * @param name A function of `public` without parameters.
 * @returns The answer, or the reason why there is none.
 */
export function askDatabase(fetch: Fetch, { url, key }: DataApiConfig, name: string): Promise<Asked> {
  return ask(fetch, `${url}/rest/v1/rpc/${name}`, {
    method: "POST",
    body: "{}",
    headers: { apikey: key, authorization: `Bearer ${key}`, "content-type": "application/json" },
  });
}

/**
 * Describes why a request failed.
 *
 * @param error The error that `fetch` threw.
 * @returns A clause that contains nothing of the error's text.
 */
export function describeFailure(error: unknown): string {
  // Deno's message is only "fetch failed"; the reason is in the cause.
  const text = error instanceof Error ? `${error.name} ${error.message} ${Deno.inspect(error.cause)}` : "";
  return SILENCES.find(([pattern]) => pattern.test(text))?.[1] ?? "no usable answer arrived";
}

/**
 * Describes an unexpected answer.
 *
 * @param answer The answer.
 * @returns Its status, and its code if `codeOf()` accepts it.
 */
export function describeAnswer({ status, body }: HttpAnswer): string {
  return `HTTP ${status} ${codeOf(body)}`.trimEnd();
}

/**
 * Returns the code of an error answer if it is one of PostgREST's or PostgreSQL's. Any other text is not repeated.
 *
 * @param body A parsed body.
 * @returns The code, or an empty string.
 */
export function codeOf(body: unknown): string {
  const code = isObject(body) ? body.code : undefined;
  return typeof code === "string" && /^(PGRST\d{3}|[0-9A-Z]{5})$/.test(code) ? code : "";
}
