import { assertEquals } from "@std/assert";
import { storableValue } from "../../../../supabase/functions/_clerk-supabase/formats/storable.ts";

Deno.test("storableValue() does not change ordinary values", () => {
  const value = { a: [1, "two", null, true, { b: "ü😀" }], "": 0.5 };
  assertEquals(storableValue(value), value);
});

Deno.test("storableValue() cleans strings and keys at every depth", () => {
  assertEquals(storableValue({ "a\0": [{ "b\uD800": "\0\uDC00" }] }), { a: [{ "b\uFFFD": "\uFFFD" }] });
});

Deno.test("storableValue() cuts values off at the nesting limit", () => {
  let value: unknown = "deep";
  for (let depth = 0; depth < 50_000; depth++) value = [value];
  const text = JSON.stringify(storableValue(value));
  assertEquals(text, "[".repeat(100) + "null" + "]".repeat(100));
});

Deno.test("storableValue() keeps a key named __proto__", () => {
  const cleaned = storableValue(JSON.parse('{"__proto__":{"admin":true}}')) as Record<string, unknown>;
  assertEquals(JSON.stringify(cleaned), '{"__proto__":{"admin":true}}');
  assertEquals(cleaned.admin, undefined);
});
