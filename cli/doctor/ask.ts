/**
 * Asking other services, and saying why there is no answer in words of our own: an error's message holds the URL.
 *
 * @module
 */
import type { DataApiConfig } from "../../supabase/functions/_clerk-supabase/config.ts";
import { boundedFetch, type Fetch } from "../../supabase/functions/_clerk-supabase/http/bounded_fetch.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { type HttpAnswer, readAnswer } from "../call.ts";

/** An answer, or why there is none. */
export type Asked = { answer: HttpAnswer; silence?: never } | { answer?: never; silence: string };

/** A function that starts cold, and asks a database that starts too, takes its time. */
const ASK_BOUNDS = { timeout: 15_000, limit: 8 * 1024 * 1024 };

/** What a failed request says of itself, and what to say instead. */
const SILENCES: ReadonlyArray<[pattern: RegExp, silence: string]> = [
  [/connection refused|ECONNREFUSED/i, "the connection is refused"],
  [/timed out|timeout/i, `there is no answer within ${ASK_BOUNDS.timeout / 1000} s`],
  [/dns|lookup|resolve|ENOTFOUND/i, "its host is not known"],
  [/certificate|tls/i, "its certificate is not accepted"],
  [/redirect/i, "it redirects, which is not followed"],
  [/longer than/i, "its answer is too long"],
];

/**
 * Asks.
 *
 * @param fetch The network.
 * @param url Where.
 * @param init Method, headers, body.
 * @returns The answer, whatever its status; or why there is none.
 */
export async function ask(fetch: Fetch, url: string, init: RequestInit = {}): Promise<Asked> {
  try {
    return { answer: await readAnswer(await boundedFetch(fetch, ASK_BOUNDS)(url, init)) };
  } catch (error) {
    return { silence: describeSilence(error) };
  }
}

/**
 * Calls a function of the database as the service role.
 *
 * @param fetch The network.
 * @param service The project's URL and a secret key.
 * @param name A function of `public` that takes nothing.
 * @returns The answer, or why there is none.
 */
export function askDatabase(fetch: Fetch, { url, key }: DataApiConfig, name: string): Promise<Asked> {
  return ask(fetch, `${url}/rest/v1/rpc/${name}`, {
    method: "POST",
    body: "{}",
    headers: { apikey: key, authorization: `Bearer ${key}`, "content-type": "application/json" },
  });
}

/**
 * Says why a request failed.
 *
 * @param error What `fetch` threw.
 * @returns A clause of our own; nothing of the error's text is in it.
 */
export function describeSilence(error: unknown): string {
  // Deno says "fetch failed", and why in the cause.
  const text = error instanceof Error ? `${error.name} ${error.message} ${Deno.inspect(error.cause)}` : "";
  return SILENCES.find(([pattern]) => pattern.test(text))?.[1] ?? "there is no usable answer";
}

/**
 * Says what was answered in place of what was expected.
 *
 * @param answer The answer.
 * @returns Its status, and its code where it has one that may be repeated.
 */
export function describeAnswer({ status, body }: HttpAnswer): string {
  return `HTTP ${status} ${codeOf(body)}`.trimEnd();
}

/**
 * The code of an error answer: ours, PostgREST's or PostgreSQL's. Anything else that stands there is not repeated.
 *
 * @param body A parsed body.
 * @returns The code, or an empty text.
 */
export function codeOf(body: unknown): string {
  const code = isObject(body) ? body.code : undefined;
  return typeof code === "string" && /^(PGRST\d{3}|[0-9A-Z]{5})$/.test(code) ? code : "";
}
