/**
 * Sends requests to Clerk's Backend API and turns its errors into ours. No other module does.
 *
 * @module
 */
import type { ClerkApiConfig } from "../config.ts";
import { ApiError, RETRY_AFTER_SECONDS } from "../errors.ts";
import { boundedFetch, type Fetch, fetchJson, type JsonAnswer } from "../http/bounded_fetch.ts";
import { isObject } from "../formats/json.ts";

/** The API version that the mapping was written for. */
const API_VERSION = "2025-11-10";
/** A page of 250 users with all the metadata that Clerk allows has about 7 MB. */
const CLERK_BOUNDS = {
  one: { timeoutMs: 5_000, maxBytes: 1024 * 1024 },
  page: { timeoutMs: 10_000, maxBytes: 16 * 1024 * 1024 },
};
/** Even with metadata of the most costly shape, this many users take only a quarter of a function's CPU and memory. */
const SMALL_PAGE = 50;
/** Upper limit of the cost of reading a larger page, in characters. Ordinary users cost a tenth of this. */
const MAX_PAGE_COST_CHARS = 16 * 1024 * 1024;

/** Each throws `CLERK_UNAVAILABLE` without a complete response in time, and returns a response of any status. */
export interface ClerkRequests {
  /** Fetches one object. */
  one: (path: string) => Promise<JsonAnswer>;
  /**
   * Fetches a page of a list. If reading `query.limit` items would cost too much, it asks for fewer, unless the query
   * names ids, because then items would be missing.
   */
  page: (path: string, query: PageQuery) => Promise<PageAnswer>;
}

/** Parameters of a list, by Clerk's own names. A list of ids becomes one parameter per id. */
export type PageQuery = { limit: number } & Record<string, string | number | readonly string[]>;

/** The response to a list. */
export interface PageAnswer extends JsonAnswer {
  /** The limit of the last request. */
  limit: number;
}

/**
 * Creates both kinds of requests.
 *
 * @param config The API's URL and the secret key.
 * @param fetch The network.
 * @returns The functions that send them.
 */
export function createClerkRequests(config: ClerkApiConfig, fetch: Fetch): ClerkRequests {
  const one = boundedFetch(fetch, CLERK_BOUNDS.one);
  const whole = boundedFetch(fetch, CLERK_BOUNDS.page);
  const page: ClerkRequests["page"] = async (path, query) => {
    const isLarge = query.limit > SMALL_PAGE && !Object.values(query).some(Array.isArray);
    const mostCost = isLarge ? MAX_PAGE_COST_CHARS : Infinity;
    const answer = await ask(config, whole, `${path}?${searchParams(query)}`, mostCost).catch((error) => {
      if (isLarge && isTooLong(error)) return undefined;
      throw error;
    });
    if (answer && answer.size <= mostCost) return { ...answer, limit: query.limit };
    const fewer = await page(path, { ...query, limit: SMALL_PAGE });
    return { ...fewer, size: (answer?.length ?? CLERK_BOUNDS.page.maxBytes) + fewer.size };
  };
  return { one: (path) => ask(config, one, path), page };
}

async function ask(config: ClerkApiConfig, fetch: Fetch, path: string, mostCost?: number): Promise<JsonAnswer> {
  const headers = { authorization: `Bearer ${config.secretKey}`, "clerk-api-version": API_VERSION };
  try {
    return await fetchJson(fetch, config.url + path, headers, mostCost);
  } catch (cause) {
    throw unavailable(cause);
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof ApiError && error.cause instanceof RangeError;
}

function searchParams(query: PageQuery): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one));
  }
  return parameters;
}

/**
 * Returns a response of status 200; throws for any other.
 *
 * @param answer Clerk's answer.
 * @returns The same.
 * @throws {ApiError} `CLERK_RATE_LIMITED`, `CLERK_SECRET_KEY_REFUSED` or `CLERK_UNAVAILABLE`.
 */
export function accept<T extends JsonAnswer>(answer: T): T {
  if (answer.status !== 200) throw refusal(answer);
  return answer;
}

/**
 * Reads when Clerk answered.
 *
 * @param answer Clerk's answer.
 * @returns The `Date` header, in milliseconds. It orders this reading among the webhooks.
 */
export function answeredAt(answer: JsonAnswer): number {
  const time = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(time)) throw unusable(answer);
  return time;
}

/**
 * Returns whether Clerk itself reports that the object does not exist. The 404 of a proxy does not count.
 *
 * @param answer Clerk's answer.
 * @returns True for 404 `resource_not_found`.
 */
export function isUnknown(answer: JsonAnswer): boolean {
  return answer.status === 404 && clerkCode(answer) === "resource_not_found";
}

/**
 * Returns the first error's code, if the response is an error in Clerk's format.
 *
 * @param answer Clerk's answer.
 * @returns The code, or undefined.
 */
export function clerkCode({ body }: JsonAnswer): unknown {
  const first = isObject(body) && Array.isArray(body.errors) ? body.errors[0] : undefined;
  return isObject(first) ? first.code : undefined;
}

/**
 * Returns whether a value is an object of Clerk, which has an id.
 *
 * @param value Anything.
 * @returns True for an object whose `id` is a string.
 */
export function isClerkObject(value: unknown): value is Record<string, unknown> & { id: string } {
  return isObject(value) && typeof value.id === "string";
}

function refusal(answer: JsonAnswer): ApiError {
  const { status, headers } = answer;
  switch (status) {
    case 429:
      return new ApiError("CLERK_RATE_LIMITED", "Cannot call Clerk: the rate limit is reached", {
        retryAfterSeconds: readRetryAfter(headers.get("retry-after")),
      });
    case 401:
    case 403:
      return new ApiError("CLERK_SECRET_KEY_REFUSED", "Cannot call Clerk: it rejected CLERK_SECRET_KEY", {
        cause: { code: `HTTP ${status}` },
      });
    default:
      return unusable(answer);
  }
}

/**
 * Creates the error for a response that cannot be used.
 *
 * @param answer Clerk's answer.
 * @returns The error to throw.
 */
export function unusable({ status }: JsonAnswer): ApiError {
  return unavailable({ code: `HTTP ${status}` });
}

/**
 * Creates the error for a call of Clerk that failed.
 *
 * @param cause The reason; its code is logged.
 * @returns The error to throw.
 */
export function unavailable(cause: unknown): ApiError {
  return new ApiError("CLERK_UNAVAILABLE", "Cannot call Clerk: it sent no usable response", {
    cause,
  });
}

/** Limits Clerk's value to 1 to 3,600 s, so that callers neither retry without a pause nor wait for days. */
function readRetryAfter(header: string | null): number {
  if (header === null || !/^\d{1,5}$/.test(header)) return RETRY_AFTER_SECONDS.CLERK_RATE_LIMITED!;
  return Math.min(3_600, Math.max(1, Number(header)));
}
