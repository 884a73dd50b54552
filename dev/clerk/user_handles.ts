/**
 * Index of users by handle, such as an e-mail address.
 *
 * @module
 */
import type { User } from "./user.ts";

/** The fields by which users are indexed. */
export type Handle = "email_address" | "phone_number" | "username" | "external_id";

/** Ids by key. Nearly every key has a single id, which is stored without a list because there may be 100,000 users. */
export class Holders {
  readonly #ids = new Map<string, string | string[]>();

  /** The ids of a key. */
  get(key: string): string[] {
    const ids = this.#ids.get(key) ?? [];
    return typeof ids === "string" ? [ids] : ids;
  }

  /** Adds an id. */
  add(key: string, id: string): void {
    this.#put(key, [...this.get(key).filter((one) => one !== id), id]);
  }

  /** Removes an id. */
  remove(key: string, id: string): void {
    this.#put(key, this.get(key).filter((one) => one !== id));
  }

  #put(key: string, ids: string[]): void {
    if (ids.length === 0) this.#ids.delete(key);
    else this.#ids.set(key, ids.length === 1 ? ids[0]! : ids);
  }
}

/** Returns a user's handles as keys. */
export function keysOf({ email_addresses, phone_numbers, username, external_id }: User): string[] {
  return [
    ...email_addresses.map(({ email_address }) => keyOf("email_address", email_address)),
    ...phone_numbers.map(({ phone_number }) => keyOf("phone_number", phone_number)),
    ...(username === null ? [] : [keyOf("username", username)]),
    ...(external_id === null ? [] : [keyOf("external_id", external_id)]),
  ];
}

/** Returns a handle as a key. */
export function keyOf(handle: Handle, value: string): string {
  return `${handle}:${fold(handle, value)}`;
}

/** Returns a handle in the form used for comparison. */
export function fold(handle: Handle, value: string): string {
  return handle === "external_id" ? value : value.toLowerCase();
}
