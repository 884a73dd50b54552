import { assertEquals } from "@std/assert";
import { parseJsonWithComments } from "../../../project/json_with_comments.ts";

Deno.test("parseJsonWithComments() accepts comments and trailing commas as Deno does", () => {
  const text = '{ // one\n "a": [1, 2, /* three, */ ], "b": { "c": true, },\n}\n// end';
  assertEquals(parseJsonWithComments(text), { a: [1, 2], b: { c: true } });
});

Deno.test("parseJsonWithComments() does not change strings", () => {
  const value = { url: "https://example.com/*not*/", text: 'a \\" // b', list: ",]" };
  assertEquals(parseJsonWithComments(JSON.stringify(value)), value);
});

Deno.test("parseJsonWithComments() returns undefined for anything but an object", () => {
  for (const text of ["", "{", "[]", "1", "null", '{ "a": // }']) assertEquals(parseJsonWithComments(text), undefined);
});
