/**
 * Clerk's Backend API.
 *
 * @module
 */
import type { ClerkApiConfig } from "../config.ts";
import { ApiError } from "../errors.ts";
import { boundedFetch, type Fetch, fetchJson, type JsonAnswer } from "../http/bounded_fetch.ts";
import { isObject } from "../formats/json.ts";

/** The API version that the mapping was written for. */
const API_VERSION = "2025-11-10";
/** A page of 250 users with all the metadata that Clerk allows is some 7 MB. */
const BOUNDS = { one: { timeout: 5_000, limit: 1024 * 1024 }, page: { timeout: 10_000, limit: 16 * 1024 * 1024 } };
/** Users whose metadata nests as much as it can: so many of them are a quarter of a function's CPU and memory. */
const SMALL_PAGE = 50;
/** What reading a larger page may cost. Ordinary users cost a tenth of this. */
const PAGE_COST = 16 * 1024 * 1024;

/** Which of these it is for a cursor that Clerk does not know is not documented. */
const CURSOR_REFUSED = [400, 404, 422];

/** A user object as Clerk sends it. */
export type UserObject = Record<string, unknown> & { id: string };

/** A user as Clerk has it now. */
export interface FetchedUser {
  user: UserObject;
  /** The `Date` header of the answer, in milliseconds: what orders this reading among the webhooks. */
  answeredAt: number;
}

/** Reads one user from Clerk. */
export type FetchUser = (userId: string) => Promise<FetchedUser>;

/** A user, or that Clerk itself says that there is none. */
export interface FoundUser {
  user: UserObject | undefined;
  answeredAt: number;
}

/** A page of `GET /v1/users`. */
export interface UserPage {
  users: UserObject[];
  /** The `Date` header of the answer, in milliseconds. */
  answeredAt: number;
  /** What reading Clerk's answers cost, in characters; one that was refused for its cost counts with its length. */
  size: number;
  /** How many users were asked for in the end: fewer than were wanted where reading those would cost too much. */
  limit: number;
}

/** What lists of users are asked for; Clerk's own names. */
export interface UserQuery {
  /** 1 to 500. */
  limit: number;
  offset?: number;
  order_by?: "+created_at" | "-updated_at";
  /** At most 100; ids that Clerk does not know are left out of its answer. */
  user_id?: readonly string[];
  /** The last user of the page before; with `+created_at`. */
  starting_after?: string;
}

/** What we ask of the Backend API. Each throws {@linkcode createFetchUser}'s errors. */
export interface ClerkApi {
  findUser: (userId: string) => Promise<FoundUser>;
  /** Undefined where Clerk refuses `starting_after`, such as a user deleted meanwhile. */
  listUsers: (query: UserQuery) => Promise<UserPage | undefined>;
  countUsers: () => Promise<number>;
  /** The instance's JWKS, as it is answered: the one thing that tells whose the secret key is. */
  fetchJwks: () => Promise<unknown>;
}

/**
 * Makes a reader of single users, `GET /v1/users/{id}`.
 *
 * @param config The API's URL and the secret key.
 * @param fetch The network.
 * @returns The reader. It throws `CLERK_USER_NOT_FOUND` where Clerk itself says so, `CLERK_RATE_LIMITED` with
 * `Retry-After`, `CLERK_SECRET_KEY_REFUSED` or `CLERK_UNAVAILABLE`.
 */
export function createFetchUser(config: ClerkApiConfig, fetch: Fetch): FetchUser {
  const findUser = createFindUser(config, boundedFetch(fetch, BOUNDS.one));
  return async (userId) => {
    const { user, answeredAt } = await findUser(userId);
    if (!user) throw new ApiError("CLERK_USER_NOT_FOUND", "Cannot fetch user: Clerk does not know it");
    return { user, answeredAt };
  };
}

/**
 * Makes the Backend API.
 *
 * @param config The API's URL and the secret key.
 * @param fetch The network.
 * @returns The API.
 */
export function createClerkApi(config: ClerkApiConfig, fetch: Fetch): ClerkApi {
  const one = boundedFetch(fetch, BOUNDS.one);
  const page = boundedFetch(fetch, BOUNDS.page);
  return {
    findUser: createFindUser(config, one),
    listUsers: (query) => listUsers(config, page, query),
    countUsers: async () => {
      const answer = await get(config, one, "/v1/users/count");
      const count = isObject(answer.body) && answer.body.total_count;
      if (typeof count !== "number") throw unusable(answer);
      return count;
    },
    fetchJwks: async () => (await get(config, one, "/v1/jwks")).body,
  };
}

async function listUsers(config: ClerkApiConfig, fetch: Fetch, query: UserQuery): Promise<UserPage | undefined> {
  // Of users asked for by their ids, fewer would be a part of the answer.
  const isLarge = query.limit > SMALL_PAGE && query.user_id === undefined;
  const mostCost = isLarge ? PAGE_COST : Infinity;
  const answer = await ask(config, fetch, `/v1/users?${searchParams(query)}`, mostCost).catch((error) => {
    if (isLarge && isTooLong(error)) return undefined;
    throw error;
  });
  if (!answer) return await listFewer(config, fetch, query, BOUNDS.page.limit);
  if (query.starting_after !== undefined && isCursorRefused(answer)) return undefined;
  const { body, size, length } = accept(answer);
  if (size > mostCost) return await listFewer(config, fetch, query, length);
  if (!Array.isArray(body) || !body.every(isUser)) throw unusable(answer);
  return { users: body, answeredAt: answeredAt(answer), size, limit: query.limit };
}

async function listFewer(
  config: ClerkApiConfig,
  fetch: Fetch,
  query: UserQuery,
  refused: number,
): Promise<UserPage | undefined> {
  const page = await listUsers(config, fetch, { ...query, limit: SMALL_PAGE });
  return page && { ...page, size: refused + page.size };
}

function isTooLong(error: unknown): boolean {
  return error instanceof ApiError && error.cause instanceof RangeError;
}

function createFindUser(config: ClerkApiConfig, fetch: Fetch): ClerkApi["findUser"] {
  return async (userId) => {
    const answer = await ask(config, fetch, `/v1/users/${encodeURIComponent(userId)}`);
    if (isUnknown(answer)) return { user: undefined, answeredAt: answeredAt(answer) };
    const { body } = accept(answer);
    if (!isUser(body) || body.id !== userId) throw unusable(answer);
    return { user: body, answeredAt: answeredAt(answer) };
  };
}

/** Clerk's own 404: a proxy's knows nothing of users. */
function isUnknown(answer: JsonAnswer): boolean {
  return answer.status === 404 && clerkCode(answer) === "resource_not_found";
}

function isCursorRefused(answer: JsonAnswer): boolean {
  return CURSOR_REFUSED.includes(answer.status) && clerkCode(answer) !== undefined;
}

/** The first error's code, where the answer is an error in Clerk's format. */
function clerkCode({ body }: JsonAnswer): unknown {
  const first = isObject(body) && Array.isArray(body.errors) ? body.errors[0] : undefined;
  return isObject(first) ? first.code : undefined;
}

function searchParams(query: UserQuery): URLSearchParams {
  const { user_id: ids = [], ...rest } = query;
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) parameters.set(name, String(value));
  for (const id of ids) parameters.append("user_id", id);
  return parameters;
}

async function get(config: ClerkApiConfig, fetch: Fetch, path: string): Promise<JsonAnswer> {
  return accept(await ask(config, fetch, path));
}

async function ask(config: ClerkApiConfig, fetch: Fetch, path: string, mostCost?: number): Promise<JsonAnswer> {
  const headers = { authorization: `Bearer ${config.secretKey}`, "clerk-api-version": API_VERSION };
  try {
    return await fetchJson(fetch, config.url + path, headers, mostCost);
  } catch (cause) {
    throw unavailable(cause);
  }
}

function accept(answer: JsonAnswer): JsonAnswer {
  if (answer.status !== 200) throw refusal(answer);
  return answer;
}

function isUser(value: unknown): value is UserObject {
  return isObject(value) && typeof value.id === "string";
}

function answeredAt(answer: JsonAnswer): number {
  const time = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(time)) throw unusable(answer);
  return time;
}

function refusal(answer: JsonAnswer): ApiError {
  const { status, headers } = answer;
  switch (status) {
    case 429:
      return new ApiError("CLERK_RATE_LIMITED", "Cannot ask Clerk: its rate limit is reached", {
        headers: { "retry-after": seconds(headers.get("retry-after")) },
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

function unusable({ status }: JsonAnswer): ApiError {
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
    headers: { "retry-after": "10" },
    cause,
  });
}

/** At least a second, or callers would ask without a pause; at most an hour, or they would never ask again. */
function seconds(retryAfter: string | null): string {
  if (retryAfter === null || !/^\d{1,5}$/.test(retryAfter)) return "10";
  return String(Math.min(3_600, Math.max(1, Number(retryAfter))));
}
