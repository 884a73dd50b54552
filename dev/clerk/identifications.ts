/**
 * Users' e-mail addresses and phone numbers in the format of Clerk's API.
 *
 * @module
 */
import { invalidParameter } from "./errors.ts";
import { createId } from "./keys.ts";

/** How an address or a number was verified. */
export interface Verification {
  object: "verification_admin" | "verification_otp";
  status: "verified" | "unverified";
  strategy: string;
  attempts: number | null;
  expire_at: number | null;
}

/** The status of an address or a number. A reserved one is unverified, but no other user can claim it. */
export type IdentificationStatus = "verified" | "reserved" | "unverified";

/** Common fields of addresses and numbers. Times are in milliseconds. */
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

/** Creates an id from a prefix and a time. */
export type NewId = (prefix: string, now: number) => string;

/** Input of a new identification. */
export interface IdentificationOptions {
  status: IdentificationStatus;
  /** The time of creation in milliseconds. */
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

/** Returns a copy with another status. */
export function withStatus<T extends Identification>(identification: T, status: IdentificationStatus, now: number): T {
  return { ...identification, ...statusFields(status), updated_at: now };
}

/** Returns whether its user can sign in with it, so that no other user can claim it. */
export function isClaimed({ reserved, verification }: Pick<Identification, "reserved" | "verification">): boolean {
  return reserved || verification?.status === "verified";
}

/** Returns whether a value looks like an e-mail address. */
export function isAddress(value: unknown): value is string {
  return typeof value === "string" && /^[^@\s]+@[^@\s]+$/.test(value);
}

/**
 * Returns a phone number in E.164, the format in which Clerk stores it.
 *
 * @param value A number, which may contain spaces, hyphens, dots and parentheses.
 * @param param The parameter's name, for the error.
 * @returns `+` and digits.
 * @throws {ClerkError} 422 if it is not a phone number.
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
