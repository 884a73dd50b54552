/**
 * JSON whose integers keep their digits. JavaScript rounds an integer beyond 2^53; in a user's metadata it may be an id.
 *
 * V8 hands a number's text to a reviver of `JSON.parse`, but then visits every value of the document: a page of users
 * takes a second more for the sake of one number, of the two that a function has. So such numbers are marked in the text
 * before it is parsed, which costs less than parsing it.
 *
 * @module
 */
import { type Json, parseJson } from "./json.ts";

/** A quick test of the whole text, strings included: most documents have no such number. */
const LONG_INTEGER = /[\s:,[]-?[1-9]\d{15,}/;
/** An integer as JSON writes it. More digits than this no PostgreSQL number is sure to hold. */
const INTEGER = /(?<![\w.+-])-?[1-9]\d{15,299}(?![\w.+-])/g;
/** The shortest text outside of strings that can hold one. */
const SHORTEST = 16;

/** `JSON.rawJSON`, which TypeScript does not declare. */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => Json };

/**
 * Begins a list of two items, which stands for an integer. Nobody can write it into a document, because it differs in
 * each process. A list, because readers look for objects: none of them reads the integer as one without fields.
 */
const mark = `integer ${crypto.randomUUID()}`;

/**
 * Parses JSON and keeps the digits of integers beyond 2^53.
 *
 * @param text Any text.
 * @returns The value, or undefined if the text is not JSON. An integer that a number cannot hold is marked in it:
 * {@linkcode digitsOf} reads it and {@linkcode exactInteger} writes it.
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
 * Counts what {@linkcode parseExactJson} would mark, for those who must know the cost before. It takes a quarter of the
 * time of parsing.
 *
 * @param text Any text.
 * @returns At least as many as there are: digits in strings count too. 0 if `JSON.parse` reads the text as exactly.
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
 * @returns The integer's digits; undefined for anything else.
 */
export function digitsOf(value: unknown): string | undefined {
  return Array.isArray(value) && value[0] === mark ? value[1] : undefined;
}

/**
 * Makes a value that `JSON.stringify` writes as these digits.
 *
 * @param digits What {@linkcode digitsOf} returned.
 * @returns The value. It is not a number, so use it for writing only.
 */
export function exactInteger(digits: string): Json {
  return rawJSON(digits);
}

/** Only what is outside of strings is a number. */
function markIntegers(text: string): string {
  const pieces: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    if (end - at >= SHORTEST) {
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

/** After the closing quote, which is the first one with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}
