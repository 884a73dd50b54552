/**
 * Clerk's Backend API.
 *
 * @module
 */
import type { ClerkApiConfig } from "../config.ts";
import { ApiError } from "../errors.ts";
import { boundedFetch, type Fetch, fetchJson, type JsonAnswer } from "../http/bounded_fetch.ts";
import { isObject } from "../json.ts";

/** The API version that the mapping was written for. */
const API_VERSION = "2025-11-10";
const BOUNDS = { timeout: 5_000, limit: 1024 * 1024 };

/** A user as Clerk has it now. */
export interface FetchedUser {
  user: Record<string, unknown>;
  /** The `Date` header of the answer, in milliseconds: what orders this reading among the webhooks. */
  answeredAt: number;
}

/** Reads one user from Clerk. */
export type FetchUser = (userId: string) => Promise<FetchedUser>;

/**
 * Makes a reader of single users, `GET /v1/users/{id}`.
 *
 * @param config The API's URL and the secret key.
 * @param fetch The network.
 * @returns The reader. It throws `CLERK_USER_NOT_FOUND`, `CLERK_RATE_LIMITED`, `CLERK_SECRET_KEY_REFUSED` or
 * `CLERK_UNAVAILABLE`.
 */
export function createFetchUser(config: ClerkApiConfig, fetch: Fetch): FetchUser {
  const bounded = boundedFetch(fetch, BOUNDS);
  return async (userId) => {
    const answer = await get(config, bounded, `/v1/users/${encodeURIComponent(userId)}`);
    const answeredAt = Date.parse(answer.headers.get("date") ?? "");
    if (answer.status !== 200 || !isObject(answer.body) || answer.body.id !== userId || Number.isNaN(answeredAt)) {
      throw refusal(answer);
    }
    return { user: answer.body, answeredAt };
  };
}

async function get(config: ClerkApiConfig, fetch: Fetch, path: string): Promise<JsonAnswer> {
  const headers = { authorization: `Bearer ${config.secretKey}`, "clerk-api-version": API_VERSION };
  try {
    return await fetchJson(fetch, config.url + path, headers);
  } catch (cause) {
    throw unavailable("10", cause);
  }
}

function refusal({ status, headers }: JsonAnswer): ApiError {
  switch (status) {
    case 404:
      return new ApiError("CLERK_USER_NOT_FOUND", "Cannot create the profile: Clerk does not know the user");
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
      return unavailable("10", { code: `HTTP ${status}` });
  }
}

function unavailable(retryAfter: string, cause: unknown): ApiError {
  return new ApiError("CLERK_UNAVAILABLE", "Cannot ask Clerk: no usable answer", {
    headers: { "retry-after": retryAfter },
    cause,
  });
}

function seconds(retryAfter: string | null): string {
  return retryAfter !== null && /^\d{1,5}$/.test(retryAfter) ? retryAfter : "10";
}
