/**
 * E-mail addresses and phone numbers of users, as Clerk shows them.
 *
 * @module
 */
import { invalidParameter } from "./errors.ts";
import { createId } from "./keys.ts";

/** How an address or number was verified. */
export interface Verification {
  object: "verification_admin" | "verification_otp";
  status: "verified" | "unverified";
  strategy: string;
  attempts: number | null;
  expire_at: number | null;
}

/** What an address or number counts for. A reserved one is unverified, but nobody else can take it. */
export type IdentificationStatus = "verified" | "reserved" | "unverified";

/** What addresses and numbers have in common. Times are milliseconds. */
interface Identification {
  id: string;
  reserved: boolean;
  verification: Verification | null;
  linked_to: never[];
  created_at: number;
  updated_at: number;
}

/** An entry of `email_addresses`. */
export interface EmailAddress extends Identification {
  object: "email_address";
  email_address: string;
  matches_sso_connection: false;
}

/** An entry of `phone_numbers`. */
export interface PhoneNumber extends Identification {
  object: "phone_number";
  phone_number: string;
  reserved_for_second_factor: false;
  default_second_factor: false;
  backup_codes: null;
}

/** Makes an id out of a prefix and a time. */
export type NewId = (prefix: string, now: number) => string;

/** What an identification is made with. */
export interface IdentificationOptions {
  status: IdentificationStatus;
  /** Milliseconds. */
  now: number;
  newId?: NewId;
}

/** Returns a new e-mail address. */
export function createEmailAddress(address: string, options: IdentificationOptions): EmailAddress {
  const { id, ...rest } = identify(options);
  return { id, object: "email_address", email_address: address, matches_sso_connection: false, ...rest };
}

/** Returns a new phone number. */
export function createPhoneNumber(number: string, options: IdentificationOptions): PhoneNumber {
  const { id, ...rest } = identify(options);
  const factor = { reserved_for_second_factor: false, default_second_factor: false, backup_codes: null } as const;
  return { id, object: "phone_number", phone_number: number, ...factor, ...rest };
}

/** Returns an identification with another status. */
export function withStatus<T extends Identification>(identification: T, status: IdentificationStatus, now: number): T {
  return { ...identification, ...statusFields(status), updated_at: now };
}

/** Tells whether its user can sign in with it, and nobody else can take it. */
export function isClaimed({ reserved, verification }: Pick<Identification, "reserved" | "verification">): boolean {
  return reserved || verification?.status === "verified";
}

/** Tells whether a value looks like an e-mail address. */
export function isAddress(value: unknown): value is string {
  return typeof value === "string" && /^[^@\s]+@[^@\s]+$/.test(value);
}

/**
 * Returns a phone number as Clerk keeps it, in E.164.
 *
 * @param value A number, which may have spaces, hyphens, dots and parentheses.
 * @param param The parameter that it comes from.
 * @returns `+` and digits.
 * @throws {ClerkError} 422 if it is not such a number.
 */
export function readPhoneNumber(value: unknown, param = "phone_number"): string {
  const number = typeof value === "string" ? value.replace(/[\s().-]/g, "") : "";
  if (/^\+[1-9]\d{6,14}$/.test(number)) return number;
  throw invalidParameter(param, `${param} must be a valid phone number according to E.164 international standard.`);
}

function identify({ status, now, newId = createId }: IdentificationOptions): Identification {
  return { id: newId("idn", now), linked_to: [], ...statusFields(status), created_at: now, updated_at: now };
}

function statusFields(status: IdentificationStatus): Pick<Identification, "reserved" | "verification"> {
  if (status !== "verified") return { reserved: status === "reserved", verification: null };
  const verification = { object: "verification_admin", status: "verified", strategy: "admin" } as const;
  return { reserved: false, verification: { ...verification, attempts: null, expire_at: null } };
}
