/**
 * Lists that stay in order while what is in them changes.
 *
 * @module
 */

/** What is ordered: of two with the same key, the id decides. */
export interface Identified {
  id: string;
}

/** What an order compares. */
export type Key<T> = (item: T) => string | number | null;

/** Which part of an order. */
export interface Part<T> {
  descending: boolean;
  limit: number;
  offset: number;
  /** Begin behind this one, instead of at an offset. */
  after?: T | undefined;
}

/**
 * Items that stay in one order: a change moves what is behind it in an array, where sorting 100,000 items once more
 * would take some hundred times as long.
 */
export class Ordered<T extends Identified> {
  readonly #compare: (one: T, other: T) => number;
  readonly #items: T[];

  /** Sorts the items. */
  constructor(key: Key<T>, items: Iterable<T>) {
    this.#compare = comparison(key);
    this.#items = [...items].sort(this.#compare);
  }

  /** Puts an item in its place. */
  insert(item: T): void {
    this.#items.splice(this.#rank(item), 0, item);
  }

  /** Takes an item out, which must be as it was when it was put in. */
  remove(item: T): void {
    this.#items.splice(this.#rank(item), 1);
  }

  /** The items of a part, at most `limit`. */
  part({ descending, limit, offset, after }: Part<T>): T[] {
    if (!descending) {
      const start = after ? this.#behind(after) : offset;
      return this.#items.slice(start, start + limit);
    }
    const end = after ? this.#rank(after) : Math.max(0, this.#items.length - offset);
    return this.#items.slice(Math.max(0, end - limit), end).reverse();
  }

  /** How many items come before it. */
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

  /** Where what comes after it begins, whether or not it is there itself. */
  #behind(item: T): number {
    const rank = this.#rank(item);
    return this.#items[rank]?.id === item.id ? rank + 1 : rank;
  }
}

/** No two items are equal: of items with the same value, the ids decide. */
function comparison<T extends Identified>(key: Key<T>): (one: T, other: T) => number {
  return (one, other) => compareKeys(key(one), key(other)) || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

/** As PostgreSQL does, what is missing comes last. */
function compareKeys(one: string | number | null, other: string | number | null): number {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return one < other ? -1 : 1;
}
