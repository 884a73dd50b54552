/**
 * The simulator's users, found by id, by address and in order without looking at all of them.
 *
 * @module
 */
import { isClaimed } from "./identifications.ts";
import { fold, type Handle, Holders, keyOf, keysOf } from "./user_handles.ts";
import { Ordered, type Part } from "./ordered.ts";
import { type Order, type OrderField, USER_ORDERS } from "./user_order.ts";
import type { User } from "./users.ts";

/** Which users; all of them unless something is given. */
export interface UserFilter {
  userIds?: readonly string[] | undefined;
  /** Values of which the user has one; addresses and usernames in upper or lower case. */
  handles?: ReadonlyArray<{ handle: Handle; values: readonly string[] }> | undefined;
  /** What else must be true of a user. */
  accepts?: ((user: User) => boolean) | undefined;
}

/** What to list. */
export type UserQuery = UserFilter & Order & Part<User>;

/**
 * Users. Each is a value: to change one, put a changed copy in its place. They are frozen, since a user that changed
 * by itself could not be found in the orders any more.
 */
export class UserStore {
  readonly #users = new Map<string, User>();
  /** The ids of the users that have a handle: several may have the same address until one has verified it. */
  readonly #holders = new Holders();
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

  /** The user that can sign in with an address, in upper or lower case. */
  findByAddress(address: string): User | undefined {
    return this.findHolders("email_address", address).find(({ email_addresses }) => {
      return email_addresses.some((one) =>
        fold("email_address", one.email_address) === fold("email_address", address) && isClaimed(one)
      );
    });
  }

  /** Every user that has a handle. */
  findHolders(handle: Handle, value: string): User[] {
    return this.#holders.get(keyOf(handle, value)).map((id) => this.get(id)!);
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
  list({ field, userIds, handles, accepts, ...part }: UserQuery): User[] {
    const matching = this.#matching({ userIds, handles, accepts });
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
    for (const key of keysOf(user)) this.#holders.add(key, user.id);
    return former;
  }

  #release(user: User): void {
    for (const key of keysOf(user)) this.#holders.remove(key, user.id);
  }

  #order(field: OrderField): Ordered<User> {
    const known = this.#orders.get(field);
    if (known) return known;
    const order = new Ordered(USER_ORDERS[field], this.values());
    this.#orders.set(field, order);
    return order;
  }

  /** Undefined if the filter lets everyone through. */
  #matching({ userIds, handles = [], accepts }: UserFilter): User[] | undefined {
    const sets = handles.map(({ handle, values }) =>
      new Set(values.flatMap((value) => this.findHolders(handle, value)))
    );
    if (userIds) sets.push(new Set(userIds.flatMap((id) => this.get(id) ?? [])));
    if (sets.length === 0) return accepts && [...this.values()].filter(accepts);
    const users = [...sets.reduce((one, other) => one.intersection(other))];
    return accepts ? users.filter(accepts) : users;
  }
}
