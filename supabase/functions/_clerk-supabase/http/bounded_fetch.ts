/**
 * Sends requests to other services with limits on time and size.
 *
 * @module
 */
import { countLongIntegers, parseExactJson } from "../formats/exact_json.ts";
import { parseJson } from "../formats/json.ts";
import { type After, startTimer } from "./after.ts";
import { isFramed, readBytes } from "./body.ts";

/** The standard `fetch`, passed in so that tests can answer for the network. */
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** Limits of one request. */
export interface Bounds {
  /** Time for the request and the whole response, including its body. */
  timeoutMs: number;
  /** Largest size of the response's body. */
  maxBytes: number;
}

/** Statuses of responses without a body. */
const BODILESS = [204, 205, 304];

/**
 * Creates a fetch with limits that include the response's body. A body of unknown length is read before the fetch
 * resolves; a body of known length is returned unread, and the same deadline applies to reading it. Reading it by
 * `text()` stops the timer; other methods leave the timer running to its end. A redirect is an error, because the
 * addresses are configured and the headers may contain a key.
 *
 * @param fetch The network.
 * @param bounds Limits of time and size.
 * @param after The timer.
 * @returns The bounded fetch. The fetch or reading the body rejects if the response is late or too long.
 */
export function boundedFetch(
  fetch: Fetch,
  { timeoutMs, maxBytes }: Bounds,
  after: After = startTimer,
): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const { signal: late, stop } = after(timeoutMs);
    let isUnread = false;
    try {
      const signal = init.signal ? AbortSignal.any([late, init.signal]) : late;
      const url = input instanceof Request ? input.url : String(input);
      const response = await fetch(url, { ...init, redirect: "error", signal });
      isUnread = isFramed(response, maxBytes);
      return isUnread ? stopAtText(response, stop) : await readWhole(response, maxBytes);
    } finally {
      if (!isUnread) stop();
    }
  };
}

/** Stops a timer when the response's text was read, or could not be read. */
function stopAtText(response: Response, stop: () => void): Response {
  return Object.assign(response, { text: () => Response.prototype.text.call(response).finally(stop) });
}

async function readWhole(response: Response, maxBytes: number): Promise<Response> {
  const body = await readBytes(response, maxBytes);
  if (!body) throw new RangeError(`Cannot read response: longer than ${maxBytes} bytes`);
  const { status, headers } = response;
  return new Response(BODILESS.includes(status) ? null : body, { status, headers });
}

/** A JSON response of another service. */
export interface JsonAnswer {
  status: number;
  headers: Headers;
  /** The body parsed by `parseExactJson`; undefined if it is not JSON or would cost too much. */
  body: unknown;
  /** The number of characters of the body. */
  length: number;
  /** The cost of reading the body: its characters, and more for nested values. */
  size: number;
}

/** Cost of a list or an object, in characters of plain text: measured, 0.7 µs. */
const NESTED_COST_CHARS = 20;
/** Cost of an integer beyond 2^53, which is marked in the text and in the value: measured, 2 µs and 200 bytes. */
const LONG_INTEGER_COST_CHARS = 60;

/**
 * Fetches JSON.
 *
 * @param fetch A bounded fetch.
 * @param url The address.
 * @param headers Additional headers of the request.
 * @param mostCost Upper limit of the cost of reading the body, in characters; none unless given.
 * @returns Status, headers and parsed body of a response with any status.
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
  const size = costOf(text) + LONG_INTEGER_COST_CHARS * integers;
  const parse = integers === 0 ? parseJson : parseExactJson;
  const body = size <= mostCost ? parse(text) : undefined;
  return { status: response.status, headers: response.headers, body, length: text.length, size };
}

/** Brackets in strings count too, so the result is an upper bound. */
function costOf(text: string): number {
  return text.length + NESTED_COST_CHARS * (count(text, "[") + count(text, "{"));
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found++;
  return found;
}
