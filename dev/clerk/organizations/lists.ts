/**
 * Filters, sorts and pages the lists of organizations, memberships, invitations and roles.
 *
 * @module
 */
import { type Key, Ordered } from "../ordered.ts";
import { readIds, readList, readOrder, readPage, refuseOthers } from "../parameters.ts";
import type { State } from "../state.ts";
import { USER_ORDERS } from "../user_order.ts";
import type { Invitation } from "./invitations.ts";
import type { Membership } from "./memberships.ts";
import type { Organization } from "./organizations.ts";

/** A page of a list, and the length of the whole list. */
export interface Page<T> {
  items: T[];
  totalCount: number;
}

const PAGE_PARAMETERS = ["limit", "offset"];

/** The sort orders of memberships. Orders by users' fields are computed on request. */
const MEMBERSHIP_ORDERS = [
  "created_at",
  "phone_number",
  "email_address",
  "first_name",
  "last_name",
  "username",
] as const;

/**
 * Returns the page of `GET /v1/organizations`.
 *
 * @param state The simulator's state.
 * @param parameters The query string.
 * @returns The page.
 * @throws {ClerkError} 422 if a parameter is invalid, 501 if the simulator does not support it.
 */
export function listOrganizations(state: State, parameters: URLSearchParams): Page<Organization> {
  const filters = ["user_id", "organization_id", "query"];
  refuseOthers(parameters, [...filters, ...PAGE_PARAMETERS, "order_by", "include_members_count"]);
  const { organizations, memberships } = state;
  const membersCount = ({ id }: Organization) => memberships.ofOrganization(id).length;
  const keys = { ...organizations.keys, members_count: membersCount };
  const { field, descending } = readOrderBy(parameters, Object.keys(keys) as Array<keyof typeof keys>);
  const part = { ...readPage(parameters), descending };
  if (field !== "members_count" && !filters.some((name) => parameters.has(name))) {
    return { items: organizations.part(field, part), totalCount: organizations.size };
  }
  return pageOf(matchingOrganizations(state, parameters), keys[field], part);
}

function matchingOrganizations({ organizations, memberships }: State, parameters: URLSearchParams): Organization[] {
  const ids = readIds(parameters, "organization_id");
  const users = readIds(parameters, "user_id");
  const query = parameters.get("query")?.toLowerCase();
  const ofUsers = users && new Set(users.flatMap((id) => memberships.ofUser(id)).map((one) => one.organization_id));
  const known = ids ? new Set(ids.map((id) => organizations.get(id))) : organizations.values();
  return [...known].filter((one) => one !== undefined).filter(({ id, name, slug }) => {
    if (ofUsers && !ofUsers.has(id)) return false;
    return query === undefined || id.toLowerCase() === query ||
      [name, slug].some((text) => text.toLowerCase().includes(query));
  });
}

/**
 * Returns a page of memberships.
 *
 * @param state The simulator's state.
 * @param parameters The query string.
 * @param among The memberships to list; undefined for all of the instance.
 * @param filters The filters that this list supports: `user_id`, `role`, `query`.
 * @returns The page.
 * @throws {ClerkError} 422 if a parameter is invalid, 501 if the simulator does not support it.
 */
export function listMemberships(
  state: State,
  parameters: URLSearchParams,
  among?: Membership[],
  filters: readonly string[] = [],
): Page<Membership> {
  refuseOthers(parameters, [...filters, ...PAGE_PARAMETERS, "order_by", "paginated"]);
  const { field, descending } = readOrderBy(parameters, MEMBERSHIP_ORDERS);
  const part = { ...readPage(parameters), descending };
  if (!among && field === "created_at") {
    return { items: state.memberships.part(field, part), totalCount: state.memberships.size };
  }
  const userKey = field === "created_at" ? undefined : USER_ORDERS[field];
  const key = ({ user_id, created_at }: Membership) => userKey ? userKey(state.users.get(user_id)!) : created_at;
  const matches = membershipFilter(state, parameters);
  return pageOf((among ?? [...state.memberships.values()]).filter(matches), key, part);
}

function membershipFilter(state: State, parameters: URLSearchParams): (membership: Membership) => boolean {
  const users = readIds(parameters, "user_id");
  const roles = readList(parameters, "role");
  const query = parameters.get("query")?.toLowerCase();
  return ({ user_id, role_id }) => {
    if (users && !users.includes(user_id)) return false;
    if (roles && !roles.includes(state.roles.get(role_id)!.key)) return false;
    if (!query) return true;
    const user = state.users.get(user_id)!;
    const texts = [user_id, user.username, user.first_name, user.last_name];
    return [...texts, ...user.email_addresses.map(({ email_address }) => email_address)]
      .some((text) => text?.toLowerCase().includes(query));
  };
}

/**
 * Returns a page of invitations.
 *
 * @param parameters The query string.
 * @param among The invitations to list.
 * @returns The page.
 * @throws {ClerkError} 422 if a parameter is invalid, 501 if the simulator does not support it.
 */
export function listInvitations(parameters: URLSearchParams, among: Iterable<Invitation>): Page<Invitation> {
  refuseOthers(parameters, ["status", "email_address", ...PAGE_PARAMETERS, "order_by", "paginated"]);
  const { field, descending } = readOrderBy(parameters, ["created_at", "email_address"] as const);
  const statuses = readList(parameters, "status");
  const addresses = readList(parameters, "email_address")?.map((address) => address.toLowerCase());
  const matching = [...among].filter(({ status, email_address }) =>
    (!statuses || statuses.includes(status)) && (!addresses || addresses.includes(email_address.toLowerCase()))
  );
  return pageOf(matching, (invitation) => invitation[field], { ...readPage(parameters), descending });
}

/**
 * Returns a page of roles or permissions.
 *
 * @param parameters The query string.
 * @param among The roles or permissions to list.
 * @returns The page.
 * @throws {ClerkError} 422 if a parameter is invalid, 501 if the simulator does not support it.
 */
export function listByKey<T extends { id: string; key: string; name: string; created_at: number }>(
  parameters: URLSearchParams,
  among: Iterable<T>,
): Page<T> {
  refuseOthers(parameters, ["query", ...PAGE_PARAMETERS, "order_by", "paginated"]);
  const { field, descending } = readOrderBy(parameters, ["created_at", "name", "key"] as const);
  const query = parameters.get("query")?.toLowerCase() ?? "";
  const matching = [...among].filter(({ id, key, name }) =>
    [id, key, name].some((text) => text.toLowerCase().includes(query))
  );
  return pageOf(matching, (one) => one[field], { ...readPage(parameters), descending });
}

/**
 * Returns a list in Clerk's format.
 *
 * @param page The page.
 * @param show Converts an item to Clerk's object.
 * @returns `{data, total_count}`
 */
export function pageObject<T>({ items, totalCount }: Page<T>, show: (item: T) => unknown): Record<string, unknown> {
  return { data: items.map(show), total_count: totalCount };
}

function pageOf<T extends { id: string }>(
  matching: T[],
  key: Key<T>,
  part: { descending: boolean; limit: number; offset: number },
): Page<T> {
  return { items: new Ordered(key, matching).part(part), totalCount: matching.length };
}

function readOrderBy<Field extends string>(parameters: URLSearchParams, fields: readonly Field[]) {
  const isField = (name: string): name is Field => (fields as readonly string[]).includes(name);
  return readOrder(parameters.get("order_by") ?? "-created_at", isField);
}
