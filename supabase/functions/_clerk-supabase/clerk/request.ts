/**
 * Requests to Clerk's Backend API: one way of asking, and one way of turning its errors into ours.
 *
 * @module
 */
import type { ClerkApiConfig } from "../config.ts";
import { ApiError, RETRY_AFTER_SECONDS } from "../errors.ts";
import { boundedFetch, type Fetch, fetchJson, type JsonAnswer } from "../http/bounded_fetch.ts";
import { isObject } from "../formats/json.ts";

/** The API version that the mapping was written for. */
const API_VERSION = "2025-11-10";
/** A page of 250 users with all the metadata that Clerk allows is some 7 MB. */
const CLERK_BOUNDS = {
  one: { timeoutMs: 5_000, maxBytes: 1024 * 1024 },
  page: { timeoutMs: 10_000, maxBytes: 16 * 1024 * 1024 },
};
/** Users whose metadata nests as much as it can: so many of them are a quarter of a function's CPU and memory. */
const SMALL_PAGE = 50;
/** What reading a larger page may cost. Ordinary users cost a tenth of this. */
const PAGE_COST = 16 * 1024 * 1024;

/** Asks for a path. Throws `CLERK_UNAVAILABLE` if there is no whole answer in time; any status is an answer. */
export interface ClerkRequests {
  /** For one object. */
  one: (path: string) => Promise<JsonAnswer>;
  /**
   * For a page of a list. If reading `query.limit` items would cost too much, asks for fewer instead, unless the items
   * were named by id: then fewer would be a part of the answer.
   */
  page: (path: string, query: PageQuery) => Promise<PageAnswer>;
}

/** What a list is asked for; Clerk's own names. A list of ids becomes a parameter for each. */
export type PageQuery = { limit: number } & Record<string, string | number | readonly string[]>;

/** The answer to a list. */
export interface PageAnswer extends JsonAnswer {
  /** How many items were asked for in the end. */
  limit: number;
}

/**
 * Creates the requests.
 *
 * @param config The API's URL and the secret key.
 * @param fetch The network.
 * @returns Both ways of asking.
 */
export function createClerkRequests(config: ClerkApiConfig, fetch: Fetch): ClerkRequests {
  const one = boundedFetch(fetch, CLERK_BOUNDS.one);
  const whole = boundedFetch(fetch, CLERK_BOUNDS.page);
  const page: ClerkRequests["page"] = async (path, query) => {
    const isLarge = query.limit > SMALL_PAGE && !Object.values(query).some(Array.isArray);
    const mostCost = isLarge ? PAGE_COST : Infinity;
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
 * Returns an answer of status 200; throws for any other.
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
 * @returns The `Date` header, in milliseconds: what orders this reading among the webhooks.
 */
export function answeredAt(answer: JsonAnswer): number {
  const time = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(time)) throw unusable(answer);
  return time;
}

/**
 * Tells whether Clerk itself says that there is no such object. A proxy's 404 knows nothing of Clerk's objects.
 *
 * @param answer Clerk's answer.
 * @returns True for 404 `resource_not_found`.
 */
export function isUnknown(answer: JsonAnswer): boolean {
  return answer.status === 404 && clerkCode(answer) === "resource_not_found";
}

/**
 * Reads the first error's code, if the answer is an error in Clerk's format.
 *
 * @param answer Clerk's answer.
 * @returns The code, or undefined.
 */
export function clerkCode({ body }: JsonAnswer): unknown {
  const first = isObject(body) && Array.isArray(body.errors) ? body.errors[0] : undefined;
  return isObject(first) ? first.code : undefined;
}

/**
 * Tells whether a value is an object of Clerk's, which has an id.
 *
 * @param value Anything.
 * @returns True for an object whose `id` is a text.
 */
export function isClerkObject(value: unknown): value is Record<string, unknown> & { id: string } {
  return isObject(value) && typeof value.id === "string";
}

function refusal(answer: JsonAnswer): ApiError {
  const { status, headers } = answer;
  switch (status) {
    case 429:
      return new ApiError("CLERK_RATE_LIMITED", "Cannot ask Clerk: its rate limit is reached", {
        retryAfterSeconds: readRetryAfter(headers.get("retry-after")),
      });
    case 401:
    case 403:
      return new ApiError("CLERK_SECRET_KEY_REFUSED", "Cannot ask Clerk: it refused CLERK_SECRET_KEY", {
        cause: { code: `HTTP ${status}` },
      });
    default:
      return unusable(answer);
  }
}

/**
 * Says that Clerk's answer cannot be used.
 *
 * @param answer Clerk's answer.
 * @returns The error to throw.
 */
export function unusable({ status }: JsonAnswer): ApiError {
  return unavailable({ code: `HTTP ${status}` });
}

/**
 * Says that Clerk cannot be used.
 *
 * @param cause Why; its code is logged.
 * @returns The error to throw.
 */
export function unavailable(cause: unknown): ApiError {
  return new ApiError("CLERK_UNAVAILABLE", "Cannot ask Clerk: no usable answer", {
    cause,
  });
}

/** At least a second, or callers would ask without a pause; at most an hour, or they would never ask again. */
function readRetryAfter(header: string | null): number {
  if (header === null || !/^\d{1,5}$/.test(header)) return RETRY_AFTER_SECONDS.CLERK_RATE_LIMITED!;
  return Math.min(3_600, Math.max(1, Number(header)));
}
