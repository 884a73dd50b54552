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
 * Users in one call. Every call holds locks that webhooks wait for, so calls are kept short.
 */
const AT_ONCE = 100;

/**
 * Applies users as Clerk has them now.
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
  const results: Step["results"] = [];
  for (let start = 0; start < users.length; start += AT_ONCE) {
    const part = users.slice(start, start + AT_ONCE);
    const outcomes = await apply(part.map((user) => changeFromUser(user, answeredAt)));
    part.forEach(({ id }, index) => results.push({ user_id: id, ...outcomes[index]! }));
  }
  return results;
}
