/**
 * Organizations and memberships in Clerk's Backend API.
 *
 * @module
 */
import type { ClerkApiConfig } from "../config.ts";
import type { Fetch, JsonAnswer } from "../http/bounded_fetch.ts";
import { isObject } from "../formats/json.ts";
import { ApiError } from "../errors.ts";
import {
  accept,
  answeredAt,
  clerkCode,
  type ClerkRequests,
  createClerkRequests,
  isClerkObject,
  isUnknown,
  type PageQuery,
  unusable,
} from "./request.ts";

/** Clerk's error for any request about organizations in an instance without them. */
const NOT_ENABLED = { statuses: [403, 404], code: /^organizations?_not_enabled/ };

/** An organization or a membership as Clerk sends it. */
export type ClerkObject = Record<string, unknown> & { id: string };

/** A page of organizations or memberships. */
export interface ClerkPage {
  items: ClerkObject[];
  /** The length of the whole list. */
  total: number;
  /** The `Date` header of the response, in milliseconds. */
  answeredAt: number;
  /** The cost of reading the response, in characters. */
  size: number;
  /** The limit of the last request. */
  limit: number;
}

/** Parameters of a list, by Clerk's own names. */
export interface ListQuery {
  /** 1 to 500. */
  limit: number;
  offset?: number;
  order_by?: "+created_at";
}

/** The result of looking an organization up. */
export interface FoundOrganization {
  organization: ClerkObject | undefined;
  /** True if Clerk itself reports that the organization does not exist. */
  isGone: boolean;
  answeredAt: number;
}

/** The calls about organizations that the bundle makes. Each throws the errors of `accept`. */
export interface OrganizationsApi {
  findOrganization: (organizationId: string) => Promise<FoundOrganization>;
  /** At most 100 ids. Undefined if the instance does not have organizations. */
  listOrganizations: (query: ListQuery & { organization_id?: readonly string[] }) => Promise<ClerkPage | undefined>;
  /** The memberships of the whole instance. Undefined if it does not have organizations. */
  listMemberships: (query: ListQuery) => Promise<ClerkPage | undefined>;
  /** One organization's memberships; at most 100 users. Undefined if Clerk does not have the organization. */
  listMembershipsOf: (
    organizationId: string,
    query: ListQuery & { user_id?: readonly string[] },
  ) => Promise<ClerkPage | undefined>;
}

/**
 * Creates the client of the Backend API for organizations.
 *
 * @param config The API's URL and the secret key.
 * @param fetch The network.
 * @returns The API.
 */
export function createOrganizationsApi(config: ClerkApiConfig, fetch: Fetch): OrganizationsApi {
  const requests = createClerkRequests(config, fetch);
  return {
    findOrganization: async (organizationId) => {
      const answer = await requests.one(pathOf(organizationId));
      if (isUnknown(answer)) return { organization: undefined, isGone: true, answeredAt: answeredAt(answer) };
      const { body } = isNotEnabled(answer) ? { body: undefined } : accept(answer);
      // Clerk accepts a slug in place of an id, so another organization proves nothing.
      const organization = isClerkObject(body) && body.id === organizationId ? body : undefined;
      return { organization, isGone: false, answeredAt: answeredAt(answer) };
    },
    listOrganizations: (query) => list(requests, "/v1/organizations", { ...query }, isNotEnabled),
    listMemberships: (query) => list(requests, "/v1/organization_memberships", { ...query }, isNotEnabled),
    listMembershipsOf: (organizationId, query) =>
      list(
        requests,
        `${pathOf(organizationId)}/memberships`,
        { ...query },
        (answer) => isUnknown(answer) || isNotEnabled(answer),
      ),
  };
}

/** Reads a page of one user's memberships. */
export type ListMembershipsOfUser = (userId: string, query: ListQuery) => Promise<ClerkPage>;

/**
 * Creates a reader of single users' memberships, each with its organization, `GET
 * /v1/users/{id}/organization_memberships`.
 *
 * @param config The API's URL and the secret key.
 * @param fetch The network.
 * @returns The reader. It returns an empty page in an instance without organizations. It throws `CLERK_USER_NOT_FOUND`
 * if Clerk itself reports that the user does not exist, or the errors of `accept`.
 */
export function createListMembershipsOfUser(config: ClerkApiConfig, fetch: Fetch): ListMembershipsOfUser {
  const requests = createClerkRequests(config, fetch);
  return async (userId, query) => {
    const path = `/v1/users/${encodeURIComponent(userId)}/organization_memberships`;
    const page = await list(requests, path, { ...query }, (answer) => {
      if (isUnknown(answer)) {
        throw new ApiError("CLERK_USER_NOT_FOUND", "Cannot fetch memberships: the user does not exist at Clerk");
      }
      return isNotEnabled(answer);
    });
    return page ?? { items: [], total: 0, answeredAt: 0, size: 0, limit: query.limit };
  };
}

function pathOf(organizationId: string): string {
  return `/v1/organizations/${encodeURIComponent(organizationId)}`;
}

async function list(
  { page }: ClerkRequests,
  path: string,
  query: PageQuery,
  isNone: (answer: JsonAnswer) => boolean,
): Promise<ClerkPage | undefined> {
  const answer = await page(path, query);
  if (isNone(answer)) return undefined;
  const { body, size, limit } = accept(answer);
  const { data, total_count: total } = isObject(body) ? body : {};
  if (!Array.isArray(data) || !data.every(isClerkObject) || typeof total !== "number") throw unusable(answer);
  return { items: data, total, answeredAt: answeredAt(answer), size, limit };
}

function isNotEnabled(answer: JsonAnswer): boolean {
  return NOT_ENABLED.statuses.includes(answer.status) && NOT_ENABLED.code.test(String(clerkCode(answer)));
}
