/**
 * Users as Clerk's Backend API and webhooks show them.
 *
 * @module
 */
import { createId } from "./keys.ts";

/** An entry of `email_addresses`. */
export interface EmailAddress {
  id: string;
  object: "email_address";
  email_address: string;
  reserved: false;
  verification: { status: "verified" | "unverified"; strategy: string } | null;
  linked_to: never[];
  created_at: number;
  updated_at: number;
}

/** A user, with the fields that every Clerk user has. Times are milliseconds. */
export interface User {
  id: string;
  object: "user";
  username: string | null;
  first_name: string | null;
  last_name: string | null;
  image_url: string;
  has_image: boolean;
  primary_email_address_id: string | null;
  primary_phone_number_id: null;
  primary_web3_wallet_id: null;
  email_addresses: EmailAddress[];
  phone_numbers: never[];
  web3_wallets: never[];
  external_accounts: never[];
  external_id: string | null;
  public_metadata: Record<string, unknown>;
  private_metadata: Record<string, unknown>;
  unsafe_metadata: Record<string, unknown>;
  banned: boolean;
  locked: boolean;
  password_enabled: boolean;
  two_factor_enabled: boolean;
  last_sign_in_at: number | null;
  last_active_at: number | null;
  created_at: number;
  updated_at: number;
}

/** What the Backend API takes to create or update a user. */
export interface UserInput {
  email_address?: string[];
  /** Only whether there is one becomes part of the user. */
  password?: string;
  username?: string | null;
  first_name?: string | null;
  last_name?: string | null;
  external_id?: string | null;
  primary_email_address_id?: string;
  public_metadata?: Record<string, unknown>;
  private_metadata?: Record<string, unknown>;
  unsafe_metadata?: Record<string, unknown>;
}

/** Makes an id out of a prefix and a time. */
export type NewId = (prefix: string, now: number) => string;

/** The plain fields of {@linkcode UserInput}. */
const FIELDS = [
  ...["username", "first_name", "last_name", "external_id", "primary_email_address_id"],
  ...["public_metadata", "private_metadata", "unsafe_metadata"],
] as const;

/**
 * Makes a user.
 *
 * @param input What the caller said.
 * @param now Milliseconds.
 * @param newId What makes ids.
 * @returns The user; its addresses are verified, as the Backend API's are.
 */
export function createUser(input: UserInput, now: number, newId: NewId = createId): User {
  const id = newId("user", now);
  const addresses = (input.email_address ?? []).map((address) => createEmailAddress(address, now, newId));
  return {
    id,
    object: "user",
    username: null,
    first_name: null,
    last_name: null,
    image_url: `https://img.clerk.com/${id}`,
    has_image: false,
    primary_email_address_id: addresses[0]?.id ?? null,
    primary_phone_number_id: null,
    primary_web3_wallet_id: null,
    email_addresses: addresses,
    phone_numbers: [],
    web3_wallets: [],
    external_accounts: [],
    external_id: null,
    public_metadata: {},
    private_metadata: {},
    unsafe_metadata: {},
    banned: false,
    locked: false,
    password_enabled: input.password !== undefined,
    two_factor_enabled: false,
    last_sign_in_at: null,
    last_active_at: null,
    created_at: now,
    updated_at: now,
    ...pick(input),
  };
}

/**
 * Changes a user.
 *
 * @param user The user as it is.
 * @param input What to change; `email_address` replaces every address.
 * @param now Milliseconds. The new version is later than the old one even within a millisecond.
 * @returns The user as it is then.
 */
export function updateUser(user: User, input: UserInput, now: number): User {
  const changed = { ...user, ...pick(input), updated_at: Math.max(now, user.updated_at + 1) };
  if (input.password !== undefined) changed.password_enabled = true;
  if (input.email_address) {
    changed.email_addresses = input.email_address.map((address) => createEmailAddress(address, now, createId));
    changed.primary_email_address_id = changed.email_addresses[0]?.id ?? null;
  }
  return changed;
}

/**
 * What others in an organization may know of a user.
 *
 * @param user The user.
 * @returns Clerk's `public_user_data`.
 */
export function publicUserData(user: User): Record<string, unknown> {
  const primary = user.email_addresses.find(({ id }) => id === user.primary_email_address_id);
  return {
    first_name: user.first_name,
    last_name: user.last_name,
    image_url: user.image_url,
    has_image: user.has_image,
    identifier: primary?.email_address ?? null,
    user_id: user.id,
  };
}

/**
 * Whether something may be an e-mail address.
 *
 * @param value Anything.
 * @returns Whether it looks like one.
 */
export function isAddress(value: unknown): boolean {
  return typeof value === "string" && /^[^@\s]+@[^@\s]+$/.test(value);
}

function pick(input: UserInput): Partial<User> {
  return Object.fromEntries(
    FIELDS.flatMap((name) =>
      input[name as keyof UserInput] === undefined ? [] : [[name, input[name as keyof UserInput]]]
    ),
  );
}

function createEmailAddress(address: string, now: number, newId: NewId): EmailAddress {
  return {
    id: newId("idn", now),
    object: "email_address",
    email_address: address,
    reserved: false,
    verification: { status: "verified", strategy: "admin" },
    linked_to: [],
    created_at: now,
    updated_at: now,
  };
}
