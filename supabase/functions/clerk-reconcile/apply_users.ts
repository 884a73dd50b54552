/**
 * From a page of Clerk's users to the write path.
 *
 * @module
 */
import type { ClerkUser } from "../_shared/clerk/api.ts";
import { changeFromUser } from "../_shared/clerk/change.ts";
import type { ApplyChanges } from "../_shared/database/apply_changes.ts";
import type { Step } from "./state.ts";

/**
 * Applies users as Clerk has them now: a page in one call, whose locks webhooks wait for only for as long as the call
 * takes, some 20 ms for 250 users.
 *
 * @param apply The write path, or its dry run.
 * @param users User objects.
 * @param answeredAt The `Date` header of the answer that they came in, in ms.
 * @returns What became of each.
 */
export async function applyUsers(
  apply: ApplyChanges,
  users: readonly ClerkUser[],
  answeredAt: number,
): Promise<Step["results"]> {
  if (users.length === 0) return [];
  const outcomes = await apply(users.map((user) => changeFromUser(user, answeredAt)));
  return users.map(({ id }, index) => ({ user_id: id, ...outcomes[index]! }));
}
