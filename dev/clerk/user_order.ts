/**
 * Users in the orders that `order_by` has.
 *
 * @module
 */
import type { User } from "./users.ts";

/** What each order compares. */
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
  // Nobody has one here; it is an order all the same.
  web3wallet: () => null,
};

/** A field to order by. */
export type OrderField = keyof typeof USER_ORDERS;

/** An order. */
export interface Order {
  field: OrderField;
  descending: boolean;
}

/**
 * Tells whether there is such an order.
 *
 * @param name Anything.
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
