/**
 * Parses the parameters of `GET /v1/users` and `GET /v1/users/count`.
 *
 * @module
 */
import { invalidParameter } from "./errors.ts";
import { readOrder, readPage, refuseOthers } from "./parameters.ts";
import type { State } from "./state.ts";
import { readUserFilter, USER_FILTERS } from "./user_filter.ts";
import { isOrderField, type Order } from "./user_order.ts";
import type { UserFilter, UserQuery, UserStore } from "./user_store.ts";

/**
 * Parses the parameters of `GET /v1/users`.
 *
 * @param parameters The query string.
 * @param state The simulator's state.
 * @returns The query.
 * @throws {ClerkError} 422 if a parameter is invalid, 501 if the simulator does not support it.
 */
export function readUserQuery(parameters: URLSearchParams, { users, memberships }: State): UserQuery {
  refuseOthers(parameters, [...USER_FILTERS, "limit", "offset", "order_by", "starting_after"]);
  const page = readPage(parameters);
  const order = readOrder(parameters.get("order_by") ?? "-created_at", isOrderField);
  const cursor = parameters.get("starting_after");
  if (cursor !== null) checkCursor(order, page.offset);
  return {
    ...readUserFilter(parameters, memberships),
    ...page,
    ...order,
    after: cursor === null ? undefined : readAfter(cursor, users),
  };
}

/**
 * Parses the parameters of `GET /v1/users/count`.
 *
 * @param parameters The query string.
 * @param state The simulator's state.
 * @returns The filter.
 * @throws {ClerkError} 422 if a parameter is invalid, 501 if the simulator does not support it.
 */
export function readUserCount(parameters: URLSearchParams, { memberships }: State): UserFilter {
  refuseOthers(parameters, USER_FILTERS);
  return readUserFilter(parameters, memberships);
}

function checkCursor({ field }: Order, offset: number): void {
  if (field !== "created_at") throw invalidParameter("starting_after", "starting_after needs created_at as order_by");
  if (offset > 0) throw invalidParameter("starting_after", "starting_after and offset exclude each other");
}

/**
 * Finds the user of `starting_after`; throws 422 for an unknown id. Clerk does not document this case, but the route's
 * documented statuses include 422 and not 404.
 */
function readAfter(id: string, users: UserStore) {
  const user = users.get(id);
  if (!user) throw invalidParameter("starting_after", "No user was found with this id", "resource_not_found");
  return user;
}
