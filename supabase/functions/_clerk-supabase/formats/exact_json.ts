/**
 * Parses JSON without losing digits of integers. JavaScript rounds integers beyond 2^53, which may be ids in a user's
 * metadata.
 *
 * V8 passes a number's text to a reviver of `JSON.parse`, but calls the reviver for every value of the document. That
 * takes one more second for a page of users, of the two that a function has. Marking such numbers in the text before
 * parsing costs less than the parsing itself.
 *
 * @module
 */
import { type Json, parseJson } from "./json.ts";

/** A quick test of the whole text, including strings. Most documents have no such number. */
const LONG_INTEGER = /[\s:,[]-?[1-9]\d{15,}/;
/** An integer in JSON. PostgreSQL may not be able to store more digits than this. */
const INTEGER = /(?<![\w.+-])-?[1-9]\d{15,299}(?![\w.+-])/g;
/** The least length of text outside of strings that can contain such an integer. */
const MIN_LENGTH = 16;

/** `JSON.rawJSON`, which TypeScript does not declare. */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => Json };

/**
 * The first item of a list of two items that represents an integer. No document can contain it, because it differs in
 * each process. The integer is a list because other code looks for objects, and must not take it for an empty one.
 */
const mark = `integer ${crypto.randomUUID()}`;

/**
 * Parses JSON and keeps the digits of integers beyond 2^53.
 *
 * @param text Any text.
 * @returns The value, or undefined if the text is not JSON. Integers that a number cannot hold are marked:
 * {@linkcode digitsOf} reads them and {@linkcode exactInteger} writes them.
 *
 * @example
 * ```ts
 * import { digitsOf, exactInteger, parseExactJson } from "./exact_json.ts";
 *
 * const body = parseExactJson('{"id":12345678901234567890,"count":7}') as { id: unknown; count: unknown };
 * if (digitsOf(body.id) !== "12345678901234567890" || body.count !== 7) throw new Error();
 * if (JSON.stringify([exactInteger(digitsOf(body.id)!)]) !== "[12345678901234567890]") throw new Error();
 * ```
 */
export function parseExactJson(text: string): unknown {
  return parseJson(LONG_INTEGER.test(text) ? markIntegers(text) : text);
}

/**
 * Estimates how many integers {@linkcode parseExactJson} would mark, so that a caller knows the cost first. It takes a
 * quarter of the time of parsing.
 *
 * @param text Any text.
 * @returns An upper bound, because digits in strings count too. 0 if `JSON.parse` loses no digits.
 */
export function countLongIntegers(text: string): number {
  const pattern = new RegExp(LONG_INTEGER, "g");
  let found = 0;
  while (pattern.test(text)) found++;
  return found;
}

/**
 * Reads a marked integer.
 *
 * @param value Any value of {@linkcode parseExactJson}.
 * @returns The integer's digits; undefined for any other value.
 */
export function digitsOf(value: unknown): string | undefined {
  return Array.isArray(value) && value[0] === mark ? value[1] : undefined;
}

/**
 * Returns a value that `JSON.stringify` writes as these digits.
 *
 * @param digits The result of {@linkcode digitsOf}.
 * @returns The value. It is not a number, so use it only for writing.
 */
export function exactInteger(digits: string): Json {
  return rawJSON(digits);
}

/** Marks integers in the text outside of strings. */
function markIntegers(text: string): string {
  const pieces: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    if (end - at >= MIN_LENGTH) {
      pieces.push(text.slice(copied, at), text.slice(at, end).replace(INTEGER, markInteger));
      copied = end;
    }
    at = endOfString(text, end);
  }
  return pieces.join("") + text.slice(copied);
}

function markInteger(digits: string): string {
  return Number.isSafeInteger(Number(digits)) ? digits : `["${mark}","${digits}"]`;
}

/** Returns the position after the closing quote: the first one after an even number of backslashes. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}
