/**
 * Things found by id and in order, without looking at all of them.
 *
 * @module
 */
import { type Identified, type Key, Ordered, type Part } from "./ordered.ts";

/**
 * Things by id. Each is a value: to change one, put a changed copy in its place. They are frozen, since one that
 * changed by itself could not be found in the orders any more.
 */
export class Collection<T extends Identified, Field extends string> {
  readonly #items = new Map<string, T>();
  /** What each order compares. */
  readonly keys: Record<Field, Key<T>>;
  /** The orders that were asked for, kept in order from then on. */
  readonly #orders = new Map<Field, Ordered<T>>();

  /** Takes the keys of the orders that there are. */
  constructor(keys: Record<Field, Key<T>>) {
    this.keys = keys;
  }

  /** How many there are. */
  get size(): number {
    return this.#items.size;
  }

  /** One by id. */
  get(id: string): T | undefined {
    return this.#items.get(id);
  }

  /** All of them, in no particular order. */
  values(): IterableIterator<T> {
    return this.#items.values();
  }

  /** Adds one, or takes the place of the one with its id. */
  set(item: T): void {
    const former = this.get(item.id);
    this.#put(item);
    for (const order of this.#orders.values()) {
      if (former) order.remove(former);
      order.insert(item);
    }
  }

  /** Sets many at once, which is quicker than one by one. */
  setAll(items: Iterable<T>): void {
    this.#orders.clear();
    for (const item of items) this.#put(item);
  }

  /** Takes one away. */
  delete(id: string): void {
    const item = this.get(id);
    if (!item) return;
    this.#items.delete(id);
    this.removed(item);
    for (const order of this.#orders.values()) order.remove(item);
  }

  /** A part of all of them. */
  part(field: Field, part: Part<T>): T[] {
    const known = this.#orders.get(field);
    const order = known ?? new Ordered(this.keys[field], this.values());
    if (!known) this.#orders.set(field, order);
    return order.part(part);
  }

  /** Called for each that comes, so that a kind of collection can keep an index. */
  protected added(_item: T): void {}

  /** Called for each that goes. */
  protected removed(_item: T): void {}

  #put(item: T): void {
    const former = this.get(item.id);
    if (former) this.removed(former);
    this.#items.set(item.id, Object.freeze(item));
    this.added(item);
  }
}
