/**
 * Reading a list by offset while it changes: items come and go, and all behind them move. Pages overlap, and a page that
 * might leave a gap behind the one before is not taken.
 *
 * @module
 */
import type { OffsetPlace } from "./state.ts";

/** How often pages may fail to meet before the list is taken for one without an order. */
const MAX_SETBACKS = 10;
/** How many items of a page are known again on the next one: some of them may be gone by then. */
const REMEMBERED_ITEMS = 5;

/** An item's number in the list's order: it never falls from the list's start to its end. 0 if it has none. */
export type OrderOf<Item> = (item: Item) => number;

/**
 * Tells whether a page is in the list's order.
 *
 * @param items The page.
 * @param orderOf The order.
 * @returns False if an item belongs before the one before it.
 */
export function isInOrder<Item>(items: readonly Item[], orderOf: OrderOf<Item>): boolean {
  const orders = items.map(orderOf).filter((order) => order !== 0);
  return orders.every((order, index) => index === 0 || order >= orders[index - 1]!);
}

/**
 * Tells whether the pages failed to meet too often.
 *
 * @param place Where the list is read on.
 * @returns True if there is no use in going on.
 */
export function isLost({ setbacks = 0 }: OffsetPlace): boolean {
  return setbacks > MAX_SETBACKS;
}

/** A page, and how the next one follows it. */
export interface Paging<Item> {
  items: readonly Item[];
  orderOf: OrderOf<Item>;
  /** How many items were asked for. */
  limit: number;
  /** How many items of this page the next one has again. */
  overlap: number;
}

/** Where to read on; and the items that were not read before, or undefined for a page that is not to be taken. */
export interface Followed<Item> {
  place: OffsetPlace;
  fresh: readonly Item[] | undefined;
}

/**
 * Decides whether a page follows what was read before.
 *
 * @param place Where it was read.
 * @param paging The page.
 * @returns The next place. After a gap it is further up, twice as far each time.
 */
export function follow<Item extends { id: string }>(
  place: OffsetPlace,
  { items, orderOf, limit, overlap }: Paging<Item>,
): Followed<Item> {
  const { offset, last, setbacks = 0 } = place;
  const known = new Set(last?.ids);
  const first = items[0];
  const meets = last === undefined || offset === 0 || items.some(({ id }) => known.has(id)) ||
    (first !== undefined && orderOf(first) < last.order);
  if (!meets) {
    const back = Math.max(0, offset - limit * 2 ** setbacks);
    return { place: { ...place, offset: back, setbacks: setbacks + 1 }, fresh: undefined };
  }
  // Items of one moment may have changed places.
  const fresh = items.filter((item) => !known.has(item.id) && orderOf(item) >= (last?.order ?? -Infinity));
  const next = { offset: Math.max(0, offset + items.length - overlap) };
  const end = items.at(-1);
  if (fresh.length === 0 || !end) return { place: { ...next, ...(last && { last }), setbacks }, fresh };
  const ids = items.slice(-REMEMBERED_ITEMS).map(({ id }) => id);
  return { place: { ...next, last: { ids, order: orderOf(end) } }, fresh };
}
