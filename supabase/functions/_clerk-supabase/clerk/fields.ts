/**
 * Reads single fields of Clerk's objects into the form that `apply_clerk_changes` expects.
 *
 * @module
 */
import type { Time } from "../database/change.ts";
import type { Json } from "../formats/json.ts";
import { digitsOf } from "../formats/exact_json.ts";
import { storableText, storableValue } from "../formats/storable.ts";

/**
 * Reads one of Clerk's ids.
 *
 * @param value The field.
 * @returns The id, or undefined if it is not a string.
 */
export function readId(value: unknown): string | undefined {
  return typeof value === "string" ? storableText(value) : undefined;
}

/**
 * Reads a string.
 *
 * @param value The field.
 * @returns The string; the digits of a number; null for any other value.
 */
export function readString(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? storableText(value) : digitsOf(value) ?? null;
}

/**
 * Reads public metadata.
 *
 * @param value The field `public_metadata`.
 * @returns The storable value, or undefined if Clerk sent none.
 */
export function readMetadata(value: unknown): Json | undefined {
  return value === undefined ? undefined : storableValue(value);
}

/** March 1973 and November 2286, in seconds. As milliseconds, these numbers would mean days in early 1970. */
const [FIRST_SECONDS, END_OF_SECONDS] = [1e8, 1e10];

/**
 * Reads a time of an object. Clerk sends milliseconds; payloads written by hand often have seconds.
 *
 * @param value The field.
 * @returns Milliseconds.
 */
export function readTime(value: unknown): Time {
  const given = readNumber(value);
  const isSeconds = typeof given === "number" && given >= FIRST_SECONDS && given < END_OF_SECONDS;
  return isSeconds ? Math.round(given * 1000) : given;
}

/**
 * Reads an event's own timestamp. Clerk's examples and older documents have seconds, which are below 1e12.
 *
 * @param value The field `timestamp`.
 * @returns Milliseconds.
 */
export function readEventTime(value: unknown): Time {
  const given = readNumber(value);
  return typeof given === "number" && given < 1e12 ? readNumber(given * 1000) : given;
}

/** A number that is too large becomes infinity, which JSON cannot hold, so it is reported as invalid. */
function readNumber(value: unknown): Time {
  if (value === undefined || value === null) return undefined;
  const given = digitsOf(value) === undefined ? value : Number(digitsOf(value));
  return typeof given === "number" && Number.isFinite(given) ? given : "invalid";
}
