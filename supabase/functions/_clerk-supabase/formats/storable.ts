/**
 * Makes values storable. PostgreSQL rejects NUL and lone surrogates in text and jsonb; Clerk's metadata may contain
 * both.
 *
 * @module
 */
import type { Json } from "./json.ts";
import { digitsOf, exactInteger } from "./exact_json.ts";

/** Values that nest deeper become null, because PostgreSQL's parser and our stack have limits. */
export const STORABLE_DEPTH = 100;

/**
 * Makes text storable: NUL is removed, a lone surrogate becomes U+FFFD.
 *
 * @param text Any string.
 * @returns A string that PostgreSQL can store.
 *
 * @example
 * ```ts
 * import { storableText } from "./storable.ts";
 *
 * if (storableText("A\u0000da\uD800") !== "Ada\uFFFD") throw new Error();
 * ```
 */
export function storableText(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}

/**
 * Makes a JSON value storable, keys included.
 *
 * @param value Any result of `parseExactJson`.
 * @param depth How many levels the value may nest.
 * @returns The value with every string made storable.
 */
export function storableValue(value: unknown, depth: number = STORABLE_DEPTH): Json {
  if (typeof value === "string") return storableText(value);
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value !== "object" || value === null) return null;
  const digits = digitsOf(value);
  if (digits !== undefined) return exactInteger(digits);
  if (depth === 0) return null;
  if (Array.isArray(value)) return value.map((item) => storableValue(item, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      storableText(key),
      // Only an adopter's object can contain undefined, and JSON.stringify leaves such a field out.
      item === undefined ? undefined : storableValue(item, depth - 1),
    ]),
  );
}
