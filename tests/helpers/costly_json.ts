/**
 * JSON that is as expensive as its length allows: to parse, to prepare for storage, and to write.
 *
 * @module
 */

/**
 * Fills a list with numbered items, up to a length.
 *
 * @param open The text before the items.
 * @param item Returns the item with a number.
 * @param close The text after the items.
 * @param length The maximum number of characters.
 * @returns JSON.
 */
export function fill(open: string, item: (number: number) => string, close: string, length: number): string {
  const items: string[] = [];
  let left = length - open.length - close.length;
  for (let number = 0;; number++) {
    const next = item(number);
    left -= next.length + 1;
    if (left < 0) return open + items.join(",") + close;
    items.push(next);
  }
}

/** The maximum depth of stored metadata. */
const DEPTH = 97;
const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
const filled = (item: (number: number) => string) => (length: number) => fill('{"a":[', item, "]}", length);

/** Functions by content; each returns an object of a length. These needed the most time or memory of all tried ones. */
export const COSTLY: Record<string, (length: number) => string> = {
  "lists as deep as is stored": filled(() => nested("[", "]", DEPTH)),
  "objects as deep as is stored": filled(() => nested('{"":', "}", DEPTH).replace("}", "0}")),
  "lists deeper than any stack": (length) => `{"a":${nested("[", "]", Math.floor((length - 6) / 2))}}`,
  "objects of different keys": filled((number) => `{"${number.toString(36)}":1}`),
  "empty objects": filled(() => "{}"),
  "one object of many keys": (length) => fill("{", (number) => `"${number.toString(36)}":1`, "}", length),
  "keys with NUL": (length) => fill("{", (number) => `"\\u0000${number.toString(36)}":1`, "}", length),
  "integers beyond 2^53": filled(() => "9007199254740993"),
  "lone surrogates": filled(() => '"\\ud800"'),
};
