/** The stand-in of `@std/assert` fails as it should. Checked by Node's own functions, which it may be built on. */
import { match, throws } from "node:assert";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../../project/jsr/assert/mod.ts";

Deno.test("the stand-in's assertions fail with their message, and accept what holds", () => {
  const failures: Array<[() => void, RegExp[]]> = [
    [() => assert(0), [/Expected a truthy value/]],
    [() => assert(false, "a note"), [/a note/]],
    [() => assertEquals({ a: [1] }, { a: [2] }), [/\+\s+1\n/, /-\s+2\n/]],
    [() => assertEquals({ a: [1] }, { a: [2] }, "a note"), [/a note/, /\+\s+1\n/, /-\s+2\n/]],
    [() => assertStringIncludes("abc", "d"), [/"abc" to include "d"/]],
    [() => assertStringIncludes("abc", "d", "a note"), [/a note/]],
    [() => assertMatch("abc", /d/), [/"abc" to match \/d\//]],
    [() => assertMatch("abc", /d/, "a note"), [/a note/]],
  ];
  for (const [run, parts] of failures) {
    throws(run, (error: Error) => {
      for (const part of parts) match(error.message, part);
      return error.name === "AssertionError";
    });
  }
  assert(1, "a note");
  assertEquals({ a: [1] }, { a: [1] }, "a note");
  assertStringIncludes("abc", "b", "a note");
  assertMatch("abc", /b/, "a note");
});
