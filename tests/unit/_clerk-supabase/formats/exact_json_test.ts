import { assertEquals } from "@std/assert";
import {
  countLongIntegers,
  digitsOf,
  exactInteger,
  parseExactJson,
} from "../../../../supabase/functions/_clerk-supabase/formats/exact_json.ts";
import { isObject, parseJson } from "../../../../supabase/functions/_clerk-supabase/formats/json.ts";

/** The text after a parse and a stringify. */
function again(text: string): string {
  const write = (value: unknown): unknown => {
    const digits = digitsOf(value);
    if (digits !== undefined) return exactInteger(digits);
    if (Array.isArray(value)) return value.map(write);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, write(item)]));
  };
  return JSON.stringify(write(parseExactJson(text)));
}

Deno.test("parseExactJson() keeps the digits of integers beyond 2^53, and leaves every other value as it is", () => {
  const texts = [
    "[9007199254740993,-9007199254740993,9007199254740991]",
    '{"a":{"b":[12345678901234567890]},"c":"12345678901234567890"}',
    '["a\\"12345678901234567890,12345678901234567890",12345678901234567890]',
    '["\\\\",12345678901234567890,"\\\\\\"",12345678901234567890]',
    '{"a\\"b":12345678901234567890}',
    `[${"9".repeat(300)}]`,
    '[1,2.5,-3,true,false,null,"",{},[]]',
  ];
  for (const text of texts) assertEquals(again(text), text);
  assertEquals(again('[ 12345678901234567890 ,\n\t"x" : ]'.replace(" : ", "")), '[12345678901234567890,"x"]');
});

Deno.test("parseExactJson() reads numbers that are safe, fractional or too long as JSON.parse does", () => {
  const texts = [
    "[1234567890123456]",
    "[1744276393608]",
    "[1234567890123456789.5,12345678901234567890e2,1e22,0.12345678901234567]",
    `[${"9".repeat(301)}]`,
    '["no number: 12345678901234567890"]',
  ];
  for (const text of texts) assertEquals(parseExactJson(text), JSON.parse(text));
});

Deno.test("parseExactJson() refuses exactly what JSON.parse refuses", () => {
  const pieces = ["12345678901234567890", "0", "-", ".", "e", "+", " ", ",", ":", '"', "\\", "[", "]", "{", "}", "x"];
  let seed = 7;
  const next = (most: number) => (seed = (seed * 48271) % 2147483647) % most;
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: 1 + next(7) }, () => pieces[next(pieces.length)]).join("");
    assertEquals(parseExactJson(text) === undefined, parseJson(text) === undefined, text);
  }
  for (const text of ["[0012345678901234567890]", "[--12345678901234567890]", "{12345678901234567890:1}"]) {
    assertEquals(parseExactJson(text), undefined, text);
  }
});

Deno.test("parseExactJson() reads half a million levels of nesting", () => {
  const deep = "[".repeat(500_000) + "12345678901234567890" + "]".repeat(500_000);
  assertEquals(Array.isArray(parseExactJson(deep)), true);
});

Deno.test("digitsOf() is undefined for anything but a marked integer", () => {
  for (const value of [undefined, null, 7, "12345678901234567890", [], {}, { integer: "12345678901234567890" }]) {
    assertEquals(digitsOf(value), undefined);
  }
});

Deno.test("parseExactJson() marks an integer by a list that no document can imitate", () => {
  const [marked] = parseExactJson("[12345678901234567890]") as unknown[];
  assertEquals([isObject(marked), digitsOf(marked)], [false, "12345678901234567890"]);
  const imitations = parseExactJson('[["integer","7"],["integer 0","7"],{"integer":"7"},12345678901234567890]');
  assertEquals((imitations as unknown[]).map(digitsOf), [undefined, undefined, undefined, "12345678901234567890"]);
});

Deno.test("countLongIntegers() counts no fewer integers than are marked, and none in ordinary documents", () => {
  const texts = ["[9007199254740993,-9007199254740993]", '{"a": 12345678901234567890}', "[\n12345678901234567890]"];
  assertEquals(texts.map(countLongIntegers), [2, 1, 1]);
  assertEquals(countLongIntegers('{"created_at":1744276393608,"id":"user_12345678901234567890"}'), 0);
});
