/**
 * Requests to other services, with a bound on everything.
 *
 * @module
 */
import { countLongIntegers, parseExactJson } from "../formats/exact_json.ts";
import { parseJson } from "../formats/json.ts";
import { isFramed, readBytes } from "./body.ts";

/** The standard `fetch`, passed in so that tests can answer for the network. */
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** Bounds of one exchange. */
export interface Bounds {
  /** Milliseconds for the whole exchange, body included. */
  timeoutMs: number;
  /** The most bytes of an answer's body. */
  maxBytes: number;
}

/** Statuses whose answers have no body. */
const BODILESS = [204, 205, 304];

/**
 * Makes a fetch that is bounded, its answer's body included: one whose length is known is handed on as it is, and the
 * same deadline ends the reading of it; any other has been read when the fetch resolves. A redirect is an error, since
 * the addresses are configured and a key may be in the headers.
 *
 * @param fetch The network.
 * @param bounds Time and size.
 * @returns The bounded fetch. It, or reading the body, rejects where there is no whole answer in time, or it is too long.
 */
export function boundedFetch(fetch: Fetch, { timeoutMs, maxBytes }: Bounds): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const late = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([late, init.signal]) : late;
    const url = input instanceof Request ? input.url : String(input);
    const response = await fetch(url, { ...init, redirect: "error", signal });
    if (isFramed(response, maxBytes)) return response;
    const body = await readBytes(response, maxBytes);
    if (!body) throw new RangeError(`Cannot read answer: longer than ${maxBytes} bytes`);
    const { status, headers } = response;
    return new Response(BODILESS.includes(status) ? null : body, { status, headers });
  };
}

/** A JSON answer of another service. */
export interface JsonAnswer {
  status: number;
  headers: Headers;
  /** The body by `parseExactJson`; undefined if it is not JSON, or would cost more than was allowed. */
  body: unknown;
  /** The body's characters. */
  length: number;
  /** What reading the body costs: its characters, and more for what nests. */
  size: number;
}

/** A list or an object costs as much as so many characters of plain text, however short it is: measured, 0.7 µs. */
const NESTED = 20;
/** So does an integer beyond 2^53, which is marked in the text and in the value: measured, 2 µs and 200 bytes. */
const LONG_INTEGER = 60;

/**
 * Asks for JSON.
 *
 * @param fetch A bounded fetch.
 * @param url Where to ask.
 * @param headers What to send along.
 * @param mostCost What reading the body may cost, in characters; without it, anything.
 * @returns Status, headers and parsed body, whatever the status.
 *
 * @example
 * ```ts
 * import { boundedFetch, fetchJson } from "./bounded_fetch.ts";
 *
 * const network = () => Promise.resolve(Response.json({ object: "user" })); // or fetch itself
 * const bounded = boundedFetch(network, { timeoutMs: 3_000, maxBytes: 64 * 1024 });
 * const { status, body } = await fetchJson(bounded, "https://api.example.com/me");
 * if (status !== 200 || JSON.stringify(body) !== '{"object":"user"}') throw new Error();
 * ```
 */
export async function fetchJson(
  fetch: Fetch,
  url: string,
  headers: Record<string, string> = {},
  mostCost: number = Infinity,
): Promise<JsonAnswer> {
  const response = await fetch(url, { headers: { accept: "application/json", ...headers } });
  const text = await response.text();
  const integers = countLongIntegers(text);
  const size = costOf(text) + LONG_INTEGER * integers;
  const parse = integers === 0 ? parseJson : parseExactJson;
  const body = size <= mostCost ? parse(text) : undefined;
  return { status: response.status, headers: response.headers, body, length: text.length, size };
}

/** Brackets in strings count too: a guess on the safe side. */
function costOf(text: string): number {
  return text.length + NESTED * (count(text, "[") + count(text, "{"));
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found++;
  return found;
}
