/**
 * Requests to services that are not ours, with a bound on everything.
 *
 * @module
 */
import { readText } from "./body.ts";

/** The standard `fetch`, passed in so that tests can answer for the network. */
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** A JSON answer of another service. */
export interface JsonAnswer {
  status: number;
  headers: Headers;
  /** The parsed body; undefined where it is no JSON. */
  body: unknown;
}

/** Bounds of one request. */
export interface FetchBounds {
  headers?: Record<string, string>;
  /** Milliseconds for the whole exchange, body included. */
  timeout: number;
  /** The most bytes of a body to read. */
  limit: number;
}

/**
 * Asks for JSON. A redirect is an error: the addresses are configured, and a secret may be in the headers.
 *
 * @param fetch The network.
 * @param url Where to ask.
 * @param bounds Headers, time and size.
 * @returns Status, headers and parsed body, whatever the status.
 * @throws {Error} Where there is no answer in time, or it is too long.
 */
export async function fetchJson(fetch: Fetch, url: string, bounds: FetchBounds): Promise<JsonAnswer> {
  const response = await fetch(url, {
    headers: { accept: "application/json", ...bounds.headers },
    redirect: "error",
    signal: AbortSignal.timeout(bounds.timeout),
  });
  const text = await readText(response, bounds.limit);
  if (text === undefined) throw new RangeError(`Cannot read answer: longer than ${bounds.limit} bytes`);
  return { status: response.status, headers: response.headers, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
