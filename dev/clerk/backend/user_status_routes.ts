/**
 * The Backend API's routes that ban, lock and unlock users, and those of their passwords.
 *
 * @module
 */
import { findUser } from "../changes.ts";
import { ClerkError, invalidParameter } from "../errors.ts";
import { json, type Route, type RouteMaker } from "../http.ts";
import { readBody, requireText } from "../organizations/parameters.ts";
import type { OrganizationRoutesOptions } from "../organizations/routes.ts";
import { isPassword } from "../passwords.ts";
import type { User } from "../users.ts";

/** The most users in one call. */
const MAX_USERS = 100;

/**
 * Returns the routes of bans, locks and passwords under `/v1/users`.
 *
 * @param route Creates a route behind the key check and the rate limit.
 * @param options State and changes.
 * @returns The routes.
 */
export function userStatusRoutes(route: RouteMaker, options: OrganizationRoutesOptions): Route[] {
  const { state, changes } = options;
  const ban = (user: User) => {
    const banned = changes.changeUser(user, () => ({ banned: true }));
    changes.revokeSessions(user);
    return banned;
  };
  const unban = (user: User) => changes.changeUser(user, () => ({ banned: false }));
  const setLocked = (locked: boolean) => (user: User) => changes.changeUser(user, () => ({ locked }));
  const one = (name: string, change: (user: User) => User) => {
    return route("POST", `/v1/users/:id/${name}`, ({ id }) => json(change(findUser(state, id))));
  };
  const many = (name: string, change: (user: User) => User) => {
    return route("POST", `/v1/users/${name}`, async (_, request) => {
      const ids = readIds(await request.json());
      return json(ids.map((id) => findUser(state, id)).map(change));
    });
  };
  return [
    ...[one("ban", ban), one("unban", unban), one("lock", setLocked(true)), one("unlock", setLocked(false))],
    ...[many("ban", ban), many("unban", unban)],
    ...passwordRoutes(route, options),
  ];
}

function passwordRoutes(route: RouteMaker, { state, changes }: OrganizationRoutesOptions): Route[] {
  return [
    route("POST", "/v1/users/:id/verify_password", async ({ id }, request) => {
      const password = requireText(await readBody(request), "password");
      const kept = state.passwords.get(findUser(state, id).id);
      if (!kept) throw new ClerkError(400, "no_password_set", "User does not have a password set for their account.");
      if (await isPassword(password, kept)) return json({ verified: true });
      throw invalidParameter("password", "The provided password is incorrect.", "incorrect_password");
    }),
    route("POST", "/v1/users/:id/remove_password", async ({ id }, request) => {
      const { sign_out_of_other_sessions } = await readBody(request);
      const user = findUser(state, id);
      const changed = changes.removePassword(user);
      if (sign_out_of_other_sessions === true) changes.revokeSessions(user);
      return json(changed);
    }),
  ];
}

function readIds(body: unknown): string[] {
  const { user_ids: ids } = (body ?? {}) as { user_ids?: unknown };
  if (Array.isArray(ids) && ids.length > 0 && ids.length <= MAX_USERS) return ids.map(String);
  throw invalidParameter("user_ids", `user_ids must be a list of 1 to ${MAX_USERS} ids`);
}
