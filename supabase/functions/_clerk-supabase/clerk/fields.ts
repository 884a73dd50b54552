/**
 * Reads single fields of Clerk's objects, as `apply_clerk_changes` takes them.
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
 * @returns The id, or undefined if it is not a text.
 */
export function readId(value: unknown): string | undefined {
  return typeof value === "string" ? storableText(value) : undefined;
}

/**
 * Reads a text.
 *
 * @param value The field.
 * @returns The text; a number is written out; null for any other value.
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

/** March 1973 and November 2286. Between the two, milliseconds would be days of early 1970. */
const [FIRST_SECONDS, END_OF_SECONDS] = [1e8, 1e10];

/**
 * Reads a time of an object. Clerk's are milliseconds; payloads that people make by hand have seconds.
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
 * Reads an event's own timestamp. It is in seconds in Clerk's examples and in older documents: those lie below 1e12.
 *
 * @param value The field `timestamp`.
 * @returns Milliseconds.
 */
export function readEventTime(value: unknown): Time {
  const given = readNumber(value);
  return typeof given === "number" && given < 1e12 ? readNumber(given * 1000) : given;
}

/** JSON has no infinity: one from a number too large would turn into null. */
function readNumber(value: unknown): Time {
  if (value === undefined || value === null) return undefined;
  const given = digitsOf(value) === undefined ? value : Number(digitsOf(value));
  return typeof given === "number" && Number.isFinite(given) ? given : "invalid";
}
