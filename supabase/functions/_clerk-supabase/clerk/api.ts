/**
 * Reads users from Clerk's Backend API.
 *
 * @module
 */
import type { ClerkApiConfig } from "../config.ts";
import { ApiError } from "../errors.ts";
import type { Fetch, JsonAnswer } from "../http/bounded_fetch.ts";
import { isObject } from "../formats/json.ts";
import {
  accept,
  answeredAt,
  clerkCode,
  type ClerkRequests,
  createClerkRequests,
  isClerkObject,
  isUnknown,
  unusable,
} from "./request.ts";

/** Clerk does not document which of these it returns for an unknown cursor. */
const CURSOR_REFUSED = [400, 404, 422];

/** A user object as Clerk sends it. */
export type UserObject = Record<string, unknown> & { id: string };

/** A user, freshly read from Clerk. */
export interface FetchedUser {
  user: UserObject;
  /** The `Date` header of the response, in milliseconds. It orders this reading among the webhooks. */
  answeredAt: number;
}

/** Reads one user from Clerk. */
export type FetchUser = (userId: string) => Promise<FetchedUser>;

/** The result of looking a user up. `user` is undefined if Clerk itself reports that it does not exist. */
export interface FoundUser {
  user: UserObject | undefined;
  answeredAt: number;
}

/** A page of `GET /v1/users`. */
export interface UserPage {
  users: UserObject[];
  /** The `Date` header of the response, in milliseconds. */
  answeredAt: number;
  /** The cost of reading Clerk's responses, in characters. A response refused for its cost counts by its length. */
  size: number;
  /** The limit of the last request: smaller than the caller's if reading so many users would cost too much. */
  limit: number;
}

/** Parameters of a list of users, by Clerk's own names. */
export interface UserQuery {
  /** 1 to 500. */
  limit: number;
  offset?: number;
  order_by?: "+created_at" | "-updated_at";
  /** At most 100. Clerk's response leaves out ids that it does not know. */
  user_id?: readonly string[];
  /** The last user of the previous page; requires `+created_at`. */
  starting_after?: string;
}

/** The calls of the Backend API that the bundle makes. Each throws {@linkcode createFetchUser}'s errors. */
export interface ClerkApi {
  findUser: (userId: string) => Promise<FoundUser>;
  /** Undefined if Clerk refuses `starting_after`, for example because that user was deleted meanwhile. */
  listUsers: (query: UserQuery) => Promise<UserPage | undefined>;
  countUsers: () => Promise<number>;
  /** The parsed JWKS of the secret key's instance. Nothing else shows which instance a secret key belongs to. */
  fetchJwks: () => Promise<unknown>;
}

/**
 * Creates a reader of single users, `GET /v1/users/{id}`.
 *
 * @param config The API's URL and the secret key.
 * @param fetch The network.
 * @returns The reader. It throws `CLERK_USER_NOT_FOUND` if Clerk itself says so, `CLERK_RATE_LIMITED` with
 * `Retry-After`, `CLERK_SECRET_KEY_REFUSED` or `CLERK_UNAVAILABLE`.
 */
export function createFetchUser(config: ClerkApiConfig, fetch: Fetch): FetchUser {
  const findUser = createFindUser(createClerkRequests(config, fetch));
  return async (userId) => {
    const { user, answeredAt } = await findUser(userId);
    if (!user) throw new ApiError("CLERK_USER_NOT_FOUND", "Cannot fetch user: it does not exist at Clerk");
    return { user, answeredAt };
  };
}

/**
 * Creates the client of the Backend API for users.
 *
 * @param config The API's URL and the secret key.
 * @param fetch The network.
 * @returns The API.
 */
export function createClerkApi(config: ClerkApiConfig, fetch: Fetch): ClerkApi {
  const requests = createClerkRequests(config, fetch);
  return {
    findUser: createFindUser(requests),
    listUsers: (query) => listUsers(requests, query),
    countUsers: async () => {
      const answer = accept(await requests.one("/v1/users/count"));
      const count = isObject(answer.body) && answer.body.total_count;
      if (typeof count !== "number") throw unusable(answer);
      return count;
    },
    fetchJwks: async () => accept(await requests.one("/v1/jwks")).body,
  };
}

async function listUsers({ page }: ClerkRequests, query: UserQuery): Promise<UserPage | undefined> {
  const answer = await page("/v1/users", { ...query });
  if (query.starting_after !== undefined && isCursorRefused(answer)) return undefined;
  const { body, size, limit } = accept(answer);
  if (!Array.isArray(body) || !body.every(isClerkObject)) throw unusable(answer);
  return { users: body, answeredAt: answeredAt(answer), size, limit };
}

function createFindUser({ one }: ClerkRequests): ClerkApi["findUser"] {
  return async (userId) => {
    const answer = await one(`/v1/users/${encodeURIComponent(userId)}`);
    if (isUnknown(answer)) return { user: undefined, answeredAt: answeredAt(answer) };
    const { body } = accept(answer);
    if (!isClerkObject(body) || body.id !== userId) throw unusable(answer);
    return { user: body, answeredAt: answeredAt(answer) };
  };
}

function isCursorRefused(answer: JsonAnswer): boolean {
  return CURSOR_REFUSED.includes(answer.status) && clerkCode(answer) !== undefined;
}
