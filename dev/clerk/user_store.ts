/**
 * The simulator's users, with lookups by id, by address and in sort order that do not scan every user.
 *
 * @module
 */
import { isClaimed } from "./identifications.ts";
import { fold, type Handle, Holders, keyOf, keysOf } from "./user_handles.ts";
import { Ordered, type Part } from "./ordered.ts";
import { type Order, type OrderField, USER_ORDERS } from "./user_order.ts";
import type { User } from "./users.ts";

/** Selects users; all users if it is empty. */
export interface UserFilter {
  userIds?: readonly string[] | undefined;
  /** Values of which the user must have one. Addresses and usernames ignore case. */
  handles?: ReadonlyArray<{ handle: Handle; values: readonly string[] }> | undefined;
  /** An additional condition. */
  accepts?: ((user: User) => boolean) | undefined;
}

/** A filter, an order and a page. */
export type UserQuery = UserFilter & Order & Part<User>;

/**
 * Stores users. To change a user, replace it with a changed copy: users are frozen, because a user that changed in
 * place could no longer be found in the sort orders.
 */
export class UserStore {
  readonly #users = new Map<string, User>();
  /** User ids by handle. Several users may have the same address until one of them verifies it. */
  readonly #holders = new Holders();
  /** The orders requested so far, which are kept up to date. */
  readonly #orders = new Map<OrderField, Ordered<User>>();

  /** Creates a store with these users. */
  constructor(users: Iterable<User> = []) {
    this.setAll(users);
  }

  /** The number of users. */
  get size(): number {
    return this.#users.size;
  }

  /** Returns a user by id. */
  get(id: string): User | undefined {
    return this.#users.get(id);
  }

  /** Returns the user who can sign in with an address. Case is ignored. */
  findByAddress(address: string): User | undefined {
    return this.findHolders("email_address", address).find(({ email_addresses }) => {
      return email_addresses.some((one) =>
        fold("email_address", one.email_address) === fold("email_address", address) && isClaimed(one)
      );
    });
  }

  /** Returns every user with a handle. */
  findHolders(handle: Handle, value: string): User[] {
    return this.#holders.get(keyOf(handle, value)).map((id) => this.get(id)!);
  }

  /** Returns every user in no particular order. */
  values(): IterableIterator<User> {
    return this.#users.values();
  }

  /** Adds a user, or replaces the one with the same id. */
  set(user: User): void {
    const former = this.#put(user);
    for (const order of this.#orders.values()) {
      if (former) order.remove(former);
      order.insert(user);
    }
  }

  /** Sets many users at once, which is faster than one by one. */
  setAll(users: Iterable<User>): void {
    this.#orders.clear();
    for (const user of users) this.#put(user);
  }

  /** Removes a user. */
  delete(id: string): void {
    const user = this.get(id);
    if (!user) return;
    this.#users.delete(id);
    this.#release(user);
    for (const order of this.#orders.values()) order.remove(user);
  }

  /** Returns the users of a query in its order. */
  list({ field, userIds, handles, accepts, ...part }: UserQuery): User[] {
    const matching = this.#matching({ userIds, handles, accepts });
    return (matching ? new Ordered(USER_ORDERS[field], matching) : this.#order(field)).part(part);
  }

  /** Counts the users that a filter selects. */
  count(filter: UserFilter = {}): number {
    return this.#matching(filter)?.length ?? this.size;
  }

  /** Stores a user and returns the previous one. */
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

  /** Returns the selected users; undefined if the filter selects every user. */
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
