/**
 * Parsers of a request body's fields.
 *
 * @module
 */
import { invalidParameter } from "../errors.ts";
import { type IdentificationStatus, isAddress, readPhoneNumber } from "../identifications.ts";

/** Parses a field that is present; throws 422 if its type is wrong. */
export type Read = (name: string, value: unknown) => unknown;

/** Parses a text. Null counts as missing unless the parser is wrapped in {@linkcode readNullable}. */
export function readText(name: string, value: unknown): string | undefined {
  if (value === null) return undefined;
  if (typeof value === "string") return value;
  throw invalidParameter(name, `${name} must be a string`, "form_param_type_invalid");
}

/** Returns a parser that also accepts null. */
export function readNullable(read: Read): Read {
  return (name, value) => value === null ? null : read(name, value);
}

/** Parses a username; an empty one becomes null. */
export function readUsername(name: string, value: unknown): string | null | undefined {
  return value === null || value === "" ? null : readText(name, value);
}

/** Parses a boolean. */
export function readBoolean(name: string, value: unknown): boolean | undefined {
  if (value === null) return undefined;
  if (typeof value === "boolean") return value;
  throw invalidParameter(name, `${name} must be true or false`, "form_param_type_invalid");
}

/** Parses a whole number of at least 0. */
export function readCount(name: string, value: unknown): number {
  if (Number.isInteger(value) && Number(value) >= 0) return Number(value);
  throw invalidParameter(name, `${name} must be a whole number`, "form_param_type_invalid");
}

/** Parses a time: Clerk accepts RFC 3339 and returns milliseconds. */
export function readTime(name: string, value: unknown): number | undefined {
  if (value === null) return undefined;
  const time = typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : NaN;
  if (!Number.isNaN(time)) return time;
  throw invalidParameter(name, `${name} must be a time such as 2012-10-20T07:15:20.902Z`, "form_param_invalid_time");
}

/** Parses an object; null becomes an empty one. */
export function readObject(name: string, value: unknown): Record<string, unknown> {
  if (value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalidParameter(name, `${name} must be an object`);
}

/** Parses a list of e-mail addresses. */
export function readAddresses(name: string, value: unknown): string[] {
  if (Array.isArray(value) && value.every(isAddress)) return value;
  throw invalidParameter(name, `${name} must be a list of addresses`);
}

/** Parses a list of phone numbers. */
export function readNumbers(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.map((number) => readPhoneNumber(number, name));
  throw invalidParameter(name, `${name} must be a list of phone numbers`);
}

/** Parses a list of verification statuses. */
export function readStatuses(name: string, value: unknown): IdentificationStatus[] {
  if (Array.isArray(value) && value.every((status) => status === "verified" || status === "reserved")) return value;
  throw invalidParameter(name, `${name} must be a list of verified and reserved`, "form_param_value_invalid");
}
