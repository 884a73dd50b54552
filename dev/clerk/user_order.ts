/**
 * Users in the orders that `order_by` has.
 *
 * @module
 */
import type { User } from "./users.ts";

/** What each order compares. */
const KEYS = {
  created_at: (user: User) => user.created_at,
  updated_at: (user: User) => user.updated_at,
  email_address: primaryAddress,
  first_name: (user: User) => user.first_name,
  last_name: (user: User) => user.last_name,
  username: (user: User) => user.username,
  last_sign_in_at: (user: User) => user.last_sign_in_at,
  last_active_at: (user: User) => user.last_active_at,
  // Nobody has these here; they are orders all the same.
  phone_number: () => null,
  web3wallet: () => null,
};

/** A field to order by. */
export type OrderField = keyof typeof KEYS;

/** An order. */
export interface Order {
  field: OrderField;
  descending: boolean;
}

/** Which part of the users in an order. */
export interface Part {
  descending: boolean;
  limit: number;
  offset: number;
  /** Begin behind this user, instead of at an offset. */
  after?: User | undefined;
}

/**
 * Tells whether there is such an order.
 *
 * @param name Anything.
 * @returns Whether it is an {@linkcode OrderField}.
 */
export function isOrderField(name: string): name is OrderField {
  return Object.hasOwn(KEYS, name);
}

/**
 * Users that stay in one order: a change moves what is behind it in an array, where sorting 100,000 users once more
 * would take some hundred times as long.
 */
export class OrderedUsers {
  readonly #compare: (one: User, other: User) => number;
  readonly #users: User[];

  /** Sorts the users. */
  constructor(field: OrderField, users: Iterable<User>) {
    this.#compare = comparison(field);
    this.#users = [...users].sort(this.#compare);
  }

  /** Puts a user in its place. */
  insert(user: User): void {
    this.#users.splice(this.#rank(user), 0, user);
  }

  /** Takes a user out, which must be as it was when it was put in. */
  remove(user: User): void {
    this.#users.splice(this.#rank(user), 1);
  }

  /** The users of a part, at most `limit`. */
  part({ descending, limit, offset, after }: Part): User[] {
    if (!descending) {
      const start = after ? this.#behind(after) : offset;
      return this.#users.slice(start, start + limit);
    }
    const end = after ? this.#rank(after) : Math.max(0, this.#users.length - offset);
    return this.#users.slice(Math.max(0, end - limit), end).reverse();
  }

  /** How many users come before it. */
  #rank(user: User): number {
    let low = 0;
    let high = this.#users.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#users[middle]!, user) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Where what comes after it begins, whether or not it is there itself. */
  #behind(user: User): number {
    const rank = this.#rank(user);
    return this.#users[rank]?.id === user.id ? rank + 1 : rank;
  }
}

/** No two users are equal: of users with the same value, the ids decide. */
function comparison(field: OrderField): (one: User, other: User) => number {
  const key = KEYS[field];
  return (one, other) => compareKeys(key(one), key(other)) || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

/** As PostgreSQL does, what is missing comes last. */
function compareKeys(one: string | number | null, other: string | number | null): number {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return one < other ? -1 : 1;
}

function primaryAddress({ primary_email_address_id, email_addresses }: User): string | null {
  return email_addresses.find(({ id }) => id === primary_email_address_id)?.email_address.toLowerCase() ?? null;
}
