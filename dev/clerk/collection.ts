/**
 * A collection with lookups by id and in sort order that do not scan every item.
 *
 * @module
 */
import { type Identified, type Key, Ordered, type Part } from "./ordered.ts";

/**
 * Items by id. To change an item, replace it with a changed copy: items are frozen, because an item that changed in
 * place could no longer be found in the sort orders.
 */
export class Collection<T extends Identified, Field extends string> {
  readonly #items = new Map<string, T>();
  /** The value that each order compares. */
  readonly keys: Record<Field, Key<T>>;
  /** The orders requested so far, which are kept up to date. */
  readonly #orders = new Map<Field, Ordered<T>>();

  /** Creates an empty collection with these sort orders. */
  constructor(keys: Record<Field, Key<T>>) {
    this.keys = keys;
  }

  /** The number of items. */
  get size(): number {
    return this.#items.size;
  }

  /** Returns an item by id. */
  get(id: string): T | undefined {
    return this.#items.get(id);
  }

  /** Returns all items in no particular order. */
  values(): IterableIterator<T> {
    return this.#items.values();
  }

  /** Adds an item, or replaces the one with the same id. */
  set(item: T): void {
    const former = this.get(item.id);
    this.#put(item);
    for (const order of this.#orders.values()) {
      if (former) order.remove(former);
      order.insert(item);
    }
  }

  /** Sets many items at once, which is faster than one by one. */
  setAll(items: Iterable<T>): void {
    this.#orders.clear();
    for (const item of items) this.#put(item);
  }

  /** Removes an item. */
  delete(id: string): void {
    const item = this.get(id);
    if (!item) return;
    this.#items.delete(id);
    this.removed(item);
    for (const order of this.#orders.values()) order.remove(item);
  }

  /** Returns a part of the items in a sort order. */
  part(field: Field, part: Part<T>): T[] {
    const known = this.#orders.get(field);
    const order = known ?? new Ordered(this.keys[field], this.values());
    if (!known) this.#orders.set(field, order);
    return order.part(part);
  }

  /** Called for each added item, so that a subclass can maintain an index. */
  protected added(_item: T): void {}

  /** Called for each removed item. */
  protected removed(_item: T): void {}

  #put(item: T): void {
    const former = this.get(item.id);
    if (former) this.removed(former);
    this.#items.set(item.id, Object.freeze(item));
    this.added(item);
  }
}
