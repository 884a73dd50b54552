/**
 * Reads a list by offset while it changes. New and deleted items move all items after them, so pages overlap, and a
 * page that might leave a gap after the previous one is not used.
 *
 * @module
 */
import type { OffsetPlace } from "./state.ts";

/** How often a page may fail to overlap before the list counts as unordered. */
const MAX_SETBACKS = 10;
/** Number of items of a page to recognize on the next page. There are several, because some may be deleted by then. */
const REMEMBERED_ITEMS = 5;

/** Returns an item's number in the order of the list, which never decreases. 0 if the item has none. */
export type OrderOf<Item> = (item: Item) => number;

/**
 * Returns whether a page is in the order of the list.
 *
 * @param items The page.
 * @param orderOf The order.
 * @returns False if an item belongs before its predecessor.
 */
export function isInOrder<Item>(items: readonly Item[], orderOf: OrderOf<Item>): boolean {
  const orders = items.map(orderOf).filter((order) => order !== 0);
  return orders.every((order, index) => index === 0 || order >= orders[index - 1]!);
}

/**
 * Returns whether pages failed to overlap too often.
 *
 * @param place The current place in the list.
 * @returns True if reading on is useless.
 */
export function isLost({ setbacks = 0 }: OffsetPlace): boolean {
  return setbacks > MAX_SETBACKS;
}

/** A page, and its relation to the next one. */
export interface Paging<Item> {
  items: readonly Item[];
  orderOf: OrderOf<Item>;
  /** The limit of the request. */
  limit: number;
  /** Number of items of this page that the next page repeats. */
  overlap: number;
}

/** The next place, and the new items of the page. The items are undefined for a page that must not be used. */
export interface Followed<Item> {
  place: OffsetPlace;
  fresh: readonly Item[] | undefined;
}

/**
 * Decides whether a page continues the previous one without a gap.
 *
 * @param place The place of the page.
 * @param paging The page.
 * @returns The next place. After a gap, it is further up in the list, twice as far each time.
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
  // Items with the same time may have changed places.
  const fresh = items.filter((item) => !known.has(item.id) && orderOf(item) >= (last?.order ?? -Infinity));
  const next = { offset: Math.max(0, offset + items.length - overlap) };
  const end = items.at(-1);
  if (fresh.length === 0 || !end) return { place: { ...next, ...(last && { last }), setbacks }, fresh };
  const ids = items.slice(-REMEMBERED_ITEMS).map(({ id }) => id);
  return { place: { ...next, last: { ids, order: orderOf(end) } }, fresh };
}
