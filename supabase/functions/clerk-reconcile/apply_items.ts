/**
 * From a page of Clerk's objects to the write path.
 *
 * @module
 */
import type { ClerkChange } from "../_clerk-supabase/database/change.ts";
import type { ApplyChanges } from "../_clerk-supabase/database/apply_changes.ts";
import type { ItemId, Step } from "./state.ts";

/** A user, an organization or a membership as Clerk sends it. */
export type Item = Record<string, unknown> & { id: string };

/** What is written for each item. */
export interface ItemMapping {
  /** The change, for an item that Clerk answered with at a time in milliseconds by its clock. */
  changeOf: (item: Item, answeredAt: number) => ClerkChange;
  /** Names the item in results. */
  idOf: (id: string) => ItemId;
}

/**
 * Applies items as Clerk has them now, and returns what became of each. `answeredAt` is the `Date` header of the answer
 * that they came in, in milliseconds.
 */
export type ApplyItems = (items: readonly Item[], answeredAt: number) => Promise<Step["results"]>;

/**
 * Creates the way of items into the table: a page in one call, whose locks webhooks wait for only for as long as the call
 * takes, some 20 ms for 250 users.
 *
 * @param apply The write path, or its dry run.
 * @param mapping What is written.
 * @returns A function that applies a page.
 */
export function createApplyItems(apply: ApplyChanges, { changeOf, idOf }: ItemMapping): ApplyItems {
  return async (items, answeredAt) => {
    if (items.length === 0) return [];
    const outcomes = await apply(items.map((item) => changeOf(item, answeredAt)));
    return items.map(({ id }, index) => ({ ...idOf(id), ...outcomes[index]! }));
  };
}
