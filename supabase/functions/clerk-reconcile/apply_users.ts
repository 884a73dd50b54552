/**
 * From a page of Clerk's users to the write path.
 *
 * @module
 */
import type { UserObject } from "../_clerk-supabase/clerk/api.ts";
import { changeFromUser } from "../_clerk-supabase/clerk/change.ts";
import type { MapOwnColumns } from "../_clerk-supabase/clerk/own_columns.ts";
import type { ApplyChanges } from "../_clerk-supabase/database/apply_changes.ts";
import type { Step } from "./state.ts";

/**
 * Applies users as Clerk has them now, and returns what became of each. `answeredAt` is the `Date` header of the answer
 * that they came in, in milliseconds.
 */
export type ApplyUsers = (users: readonly UserObject[], answeredAt: number) => Promise<Step["results"]>;

/**
 * Creates the way of users into the table: a page in one call, whose locks webhooks wait for only for as long as the call
 * takes, some 20 ms for 250 users.
 *
 * @param apply The write path, or its dry run.
 * @param mapOwn Reads the own columns; undefined if there are none.
 * @returns A function that applies a page.
 */
export function createApplyUsers(apply: ApplyChanges, mapOwn: MapOwnColumns | undefined): ApplyUsers {
  return async (users, answeredAt) => {
    if (users.length === 0) return [];
    const outcomes = await apply(users.map((user) => changeFromUser(user, answeredAt, mapOwn)));
    return users.map(({ id }, index) => ({ user_id: id, ...outcomes[index]! }));
  };
}
