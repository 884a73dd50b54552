/**
 * Lists that stay sorted while their items change.
 *
 * @module
 */

/** An item to sort. The id decides between items with the same key. */
export interface Identified {
  id: string;
}

/** The value that an order compares. */
export type Key<T> = (item: T) => string | number | null;

/** A part of a sorted list. */
export interface Part<T> {
  descending: boolean;
  limit: number;
  offset: number;
  /** Start after this item instead of at an offset. */
  after?: T | undefined;
}

/**
 * Items in one sort order. A change only shifts the items behind it in the array; sorting 100,000 items again would
 * take about a hundred times as long.
 */
export class Ordered<T extends Identified> {
  readonly #compare: (one: T, other: T) => number;
  readonly #items: T[];

  /** Sorts the items. */
  constructor(key: Key<T>, items: Iterable<T>) {
    this.#compare = comparison(key);
    this.#items = [...items].sort(this.#compare);
  }

  /** Inserts an item at its position. */
  insert(item: T): void {
    this.#items.splice(this.#rank(item), 0, item);
  }

  /** Removes an item, which must be unchanged since it was added. */
  remove(item: T): void {
    this.#items.splice(this.#rank(item), 1);
  }

  /** Returns the items of a part, at most `limit`. */
  part({ descending, limit, offset, after }: Part<T>): T[] {
    if (!descending) {
      const start = after ? this.#behind(after) : offset;
      return this.#items.slice(start, start + limit);
    }
    const end = after ? this.#rank(after) : Math.max(0, this.#items.length - offset);
    return this.#items.slice(Math.max(0, end - limit), end).reverse();
  }

  /** Returns the number of items before an item. */
  #rank(item: T): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#items[middle]!, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Returns the position after an item, even if the item is not in the list. */
  #behind(item: T): number {
    const rank = this.#rank(item);
    return this.#items[rank]?.id === item.id ? rank + 1 : rank;
  }
}

/** Compares two items by value, then by id, so that no two items are equal. */
function comparison<T extends Identified>(key: Key<T>): (one: T, other: T) => number {
  return (one, other) => compareKeys(key(one), key(other)) || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

/** Like PostgreSQL, sorts missing values last. */
function compareKeys(one: string | number | null, other: string | number | null): number {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return one < other ? -1 : 1;
}
