/**
 * What users can be found by besides their id.
 *
 * @module
 */
import type { User } from "./user.ts";

/** What users can be found by without looking at all of them. */
export type Handle = "email_address" | "phone_number" | "username" | "external_id";

/** Ids by key. Nearly every key has one id, which needs no list: there may be 100,000 users. */
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

  /** Takes an id away. */
  remove(key: string, id: string): void {
    this.#put(key, this.get(key).filter((one) => one !== id));
  }

  #put(key: string, ids: string[]): void {
    if (ids.length === 0) this.#ids.delete(key);
    else this.#ids.set(key, ids.length === 1 ? ids[0]! : ids);
  }
}

/** The handles of a user, as keys. */
export function keysOf({ email_addresses, phone_numbers, username, external_id }: User): string[] {
  return [
    ...email_addresses.map(({ email_address }) => keyOf("email_address", email_address)),
    ...phone_numbers.map(({ phone_number }) => keyOf("phone_number", phone_number)),
    ...(username === null ? [] : [keyOf("username", username)]),
    ...(external_id === null ? [] : [keyOf("external_id", external_id)]),
  ];
}

/** A handle as a key. */
export function keyOf(handle: Handle, value: string): string {
  return `${handle}:${fold(handle, value)}`;
}

/** A handle in the form that is compared. */
export function fold(handle: Handle, value: string): string {
  return handle === "external_id" ? value : value.toLowerCase();
}
