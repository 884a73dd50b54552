/** The list of `deno task mutate` is up to date, and its reports are read correctly. */
import { assert, assertEquals } from "@std/assert";
import { MUTATIONS } from "../../tools/mutate/list/mod.ts";
import { findListFaults, type Mutation } from "../../tools/mutate/mutation.ts";
import { readEnding } from "../../tools/mutate/run_test.ts";
import { ROOT } from "../../project/root.ts";

Deno.test("every mutation finds its line once, and a document links to its test", async () => {
  assert(MUTATIONS.length >= 40);
  assertEquals(await findListFaults(ROOT, MUTATIONS), []);
});

Deno.test("the check of the list reports a missing line, a test that no document links to, and a repeated id", async () => {
  const [sound] = MUTATIONS as [Mutation];
  const test = { ...sound.test, name: "gone" };
  const faults = await findListFaults(ROOT, [
    sound,
    { ...sound, id: "line", find: "a line that is gone" },
    { ...sound, id: "test", test },
    sound,
  ]);
  assertEquals(faults, [
    `${sound.id}: this id occurs twice`,
    `line: Cannot mutate ${sound.file}: found 0 times, expected once: a line that is gone`,
    `test: no document links to "gone" in ${test.file}`,
  ]);
});

Deno.test("only a failed assertion of the named test itself kills a mutation", () => {
  const read = (attributes: string, body: string) =>
    readEnding(`<testcase name="says &quot;a&quot;" ${attributes}>\n${body}\n</testcase>`, 'says "a"', "output");
  const broken = { kind: "broken" as const, output: "output" };
  const failure = (message: string) => `<failure message="${message}">at a.ts</failure>`;
  assertEquals(read('classname="x" time="0.1"', ""), { kind: "passed" });
  assertEquals(read('classname="x" time="0.1"', failure("Uncaught (in promise) AssertionError: 1 &lt; 2")), {
    kind: "failed",
    message: "Uncaught (in promise) AssertionError: 1 < 2",
  });
  const wrapped = '<failure message="Uncaught Error: a history">at a.ts\nCaused by: AssertionError: 1</failure>';
  assertEquals(read('classname="x" time="0.1"', wrapped), { kind: "failed", message: "Uncaught Error: a history" });
  assertEquals(read('classname="x" time="0.1"', failure("Uncaught TypeError: AssertionError")), broken);
  assertEquals(read('classname="x" time="0.0"', '<error message="Cancelled"/>'), broken);
  assertEquals(read('classname="x"', ""), broken);
  assertEquals(read('classname="x"', "<skipped/>"), broken);
  assertEquals(readEnding("", 'says "a"', "output"), broken);
});
