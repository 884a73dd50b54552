/**
 * Parses JSON from other systems.
 *
 * @module
 */

/** A value that JSON can hold, as supabase-js's types describe it. */
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

/**
 * Parses JSON.
 *
 * @param text Any text.
 * @returns The value, or undefined if the text is not JSON.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Returns whether a value is a JSON object.
 *
 * @param value Anything.
 * @returns True for an object that is not an array.
 *
 * @example
 * ```ts
 * import { isObject, parseJson } from "./json.ts";
 *
 * const body = parseJson('{"title":"First"}');
 * if (!isObject(body) || body.title !== "First") throw new Error();
 * if (isObject(parseJson("[]")) || isObject(parseJson("not JSON"))) throw new Error();
 * ```
 */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
