/**
 * Sort orders of users, as in Clerk's `order_by`.
 *
 * @module
 */
import type { User } from "./users.ts";

/** The value that each order compares. */
export const USER_ORDERS = {
  created_at: (user: User) => user.created_at,
  updated_at: (user: User) => user.updated_at,
  email_address: primaryAddress,
  first_name: (user: User) => user.first_name,
  last_name: (user: User) => user.last_name,
  username: (user: User) => user.username,
  last_sign_in_at: (user: User) => user.last_sign_in_at,
  last_active_at: (user: User) => user.last_active_at,
  phone_number: primaryNumber,
  // No simulated user has a web3 wallet, but Clerk has this order.
  web3wallet: () => null,
};

/** A field by which users can be sorted. */
export type OrderField = keyof typeof USER_ORDERS;

/** A field and a direction. */
export interface Order {
  field: OrderField;
  descending: boolean;
}

/**
 * Returns whether a name is a sort field.
 *
 * @param name The name to check.
 * @returns Whether it is an {@linkcode OrderField}.
 */
export function isOrderField(name: string): name is OrderField {
  return Object.hasOwn(USER_ORDERS, name);
}

function primaryAddress({ primary_email_address_id, email_addresses }: User): string | null {
  return email_addresses.find(({ id }) => id === primary_email_address_id)?.email_address.toLowerCase() ?? null;
}

function primaryNumber({ primary_phone_number_id, phone_numbers }: User): string | null {
  return phone_numbers.find(({ id }) => id === primary_phone_number_id)?.phone_number ?? null;
}
