/**
 * Creates, changes and formats users as in Clerk's Backend API and webhooks.
 *
 * @module
 */
import {
  createEmailAddress,
  createPhoneNumber,
  type EmailAddress,
  type NewId,
  type PhoneNumber,
} from "./identifications.ts";
import { createId } from "./keys.ts";
import { type User, USER_DEFAULTS, type UserInput } from "./user.ts";

export { type EmailAddress, isAddress, type NewId, type PhoneNumber } from "./identifications.ts";
export { type User, USER_DEFAULTS, type UserInput } from "./user.ts";

/** The plain fields of {@linkcode UserInput}. */
const FIELDS = [
  ...["username", "first_name", "last_name", "external_id", "locale", "timezone"],
  ...["primary_email_address_id", "primary_phone_number_id"],
  ...["public_metadata", "private_metadata", "unsafe_metadata", "banned", "locked", "bypass_client_trust"],
  ...["delete_self_enabled", "create_organization_enabled", "create_organizations_limit"],
  ...["legal_accepted_at", "created_at"],
] as const;

/**
 * Returns a new user.
 *
 * @param input The caller's input.
 * @param now The time in milliseconds.
 * @param newId Creates an id from a prefix and a time.
 * @returns The user. Addresses and numbers are verified unless the input sets another status.
 */
export function createUser(input: UserInput, now: number, newId: NewId = createId): User {
  const id = newId("user", now);
  const addresses = createAddresses(input, now, newId);
  const numbers = createNumbers(input, now, newId);
  return {
    id,
    object: "user",
    ...USER_DEFAULTS,
    image_url: `https://img.clerk.com/${id}`,
    primary_email_address_id: addresses[0]?.id ?? null,
    primary_phone_number_id: numbers[0]?.id ?? null,
    email_addresses: addresses,
    phone_numbers: numbers,
    public_metadata: {},
    private_metadata: {},
    unsafe_metadata: {},
    password_enabled: hasPassword(input),
    created_at: now,
    updated_at: now,
    ...pick(input),
  };
}

/**
 * Returns a changed copy of a user.
 *
 * @param user The current user.
 * @param input The changes; `email_address` and `phone_number` replace all existing ones.
 * @param now The time in milliseconds.
 * @returns The changed user, with a later version.
 */
export function updateUser(user: User, input: UserInput, now: number): User {
  const changed = newVersion(user, pick(input), now);
  if (hasPassword(input)) changed.password_enabled = true;
  if (input.email_address) {
    changed.email_addresses = createAddresses(input, now, createId);
    changed.primary_email_address_id = changed.email_addresses[0]?.id ?? null;
  }
  if (input.phone_number) {
    changed.phone_numbers = createNumbers(input, now, createId);
    changed.primary_phone_number_id = changed.phone_numbers[0]?.id ?? null;
  }
  return changed;
}

/** Returns a user with changed fields. The version is always later, even within the same millisecond. */
export function newVersion(user: User, change: Partial<User>, now: number): User {
  return { ...user, ...change, updated_at: Math.max(now, user.updated_at + 1) };
}

/** Returns whether an input sets a password or a digest of one. */
export function hasPassword({ password, password_digest }: UserInput): boolean {
  return password !== undefined || password_digest !== undefined;
}

/**
 * Returns the public data of a user, which other members of an organization may read.
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

function pick(input: UserInput): Partial<User> {
  return Object.fromEntries(
    FIELDS.flatMap((name) =>
      input[name as keyof UserInput] === undefined ? [] : [[name, input[name as keyof UserInput]]]
    ),
  );
}

function createAddresses(input: UserInput, now: number, newId: NewId): EmailAddress[] {
  const { email_address = [], email_address_identification_status: statuses } = input;
  return email_address.map((address, index) => {
    return createEmailAddress(address, { status: statuses?.[index] ?? "verified", now, newId });
  });
}

function createNumbers(input: UserInput, now: number, newId: NewId): PhoneNumber[] {
  const { phone_number = [], phone_number_identification_status: statuses } = input;
  return phone_number.map((number, index) => {
    return createPhoneNumber(number, { status: statuses?.[index] ?? "verified", now, newId });
  });
}
