/**
 * The simulator's users, found by id, by address and in order without looking at all of them.
 *
 * @module
 */
import { Ordered, type Part } from "./ordered.ts";
import { type Order, type OrderField, USER_ORDERS } from "./user_order.ts";
import type { User } from "./users.ts";

/** Which users; all of them where nothing is said. */
export interface UserFilter {
  userIds?: readonly string[] | undefined;
  /** In upper or lower case. */
  addresses?: readonly string[] | undefined;
}

/** What to list. */
export type UserQuery = UserFilter & Order & Part<User>;

/**
 * Users. Each is a value: to change one, put a changed copy in its place. They are frozen, since a user that changed
 * by itself could not be found in the orders any more.
 */
export class UserStore {
  readonly #users = new Map<string, User>();
  readonly #ids = new Map<string, string>();
  /** The orders that were asked for, kept in order from then on. */
  readonly #orders = new Map<OrderField, Ordered<User>>();

  /** Takes users over. */
  constructor(users: Iterable<User> = []) {
    this.setAll(users);
  }

  /** How many there are. */
  get size(): number {
    return this.#users.size;
  }

  /** A user by id. */
  get(id: string): User | undefined {
    return this.#users.get(id);
  }

  /** A user by one of its addresses, in upper or lower case. */
  findByAddress(address: string): User | undefined {
    return this.get(this.#ids.get(address.toLowerCase()) ?? "");
  }

  /** Every user, in no particular order. */
  values(): IterableIterator<User> {
    return this.#users.values();
  }

  /** Adds a user, or takes the place of the one with its id. */
  set(user: User): void {
    const former = this.#put(user);
    for (const order of this.#orders.values()) {
      if (former) order.remove(former);
      order.insert(user);
    }
  }

  /** Sets many users at once, which is quicker than one by one. */
  setAll(users: Iterable<User>): void {
    this.#orders.clear();
    for (const user of users) this.#put(user);
  }

  /** Takes a user away. */
  delete(id: string): void {
    const user = this.get(id);
    if (!user) return;
    this.#users.delete(id);
    this.#release(user);
    for (const order of this.#orders.values()) order.remove(user);
  }

  /** The users of a query, in its order. */
  list({ field, userIds, addresses, ...part }: UserQuery): User[] {
    const matching = this.#matching({ userIds, addresses });
    return (matching ? new Ordered(USER_ORDERS[field], matching) : this.#order(field)).part(part);
  }

  /** How many users there are of that kind. */
  count(filter: UserFilter = {}): number {
    return this.#matching(filter)?.length ?? this.size;
  }

  /** Returns what was there before. */
  #put(user: User): User | undefined {
    const former = this.get(user.id);
    if (former) this.#release(former);
    this.#users.set(user.id, Object.freeze(user));
    for (const { email_address } of user.email_addresses) this.#ids.set(email_address.toLowerCase(), user.id);
    return former;
  }

  #release({ id, email_addresses }: User): void {
    for (const { email_address } of email_addresses) {
      const address = email_address.toLowerCase();
      if (this.#ids.get(address) === id) this.#ids.delete(address);
    }
  }

  #order(field: OrderField): Ordered<User> {
    const known = this.#orders.get(field);
    if (known) return known;
    const order = new Ordered(USER_ORDERS[field], this.values());
    this.#orders.set(field, order);
    return order;
  }

  /** Undefined where the filter lets everyone through. */
  #matching({ userIds, addresses }: UserFilter): User[] | undefined {
    const filters = [];
    if (userIds) filters.push(new Set(userIds.map((id) => this.get(id))));
    if (addresses) filters.push(new Set(addresses.map((address) => this.findByAddress(address))));
    if (filters.length === 0) return undefined;
    const users = filters.reduce((one, other) => one.intersection(other));
    return [...users].filter((user) => user !== undefined);
  }
}
