/** `deno task mutate` on a project with one source file and one test. */
import { assertEquals } from "@std/assert";
import { judge, type Verdict } from "../../tools/mutate/judge.ts";
import type { Mutation } from "../../tools/mutate/mutation.ts";

const SOURCE = "export const limit = 10;\nexport const unit = 'ms';\n";
const TEST = `
import { limit } from "./source.ts";
class AssertionError extends Error {
  override name = "AssertionError";
}
Deno.test("the limit is 10", () => {
  if (limit !== 10) throw new AssertionError(String(limit));
});
Deno.test("the limit is 10 ms", () => {
  throw new AssertionError("another test");
});
`;

async function judgeMutations(name: string, edits: Array<[find: string, replace: string]>) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/source.ts`, SOURCE);
    await Deno.writeTextFile(`${folder}/source_test.ts`, TEST);
    const test = { file: "source_test.ts", name };
    const mutations = edits.map(([find, replace]): Mutation => ({
      id: replace,
      file: "source.ts",
      find,
      replace,
      test,
    }));
    const verdicts: Verdict[] = [];
    const stop = new AbortController().signal;
    const run = { root: new URL(`file://${folder}/`), config: ["--no-config"], env: {}, stop };
    await judge(test, mutations, run, (verdict) => verdicts.push(verdict));
    assertEquals(await Deno.readTextFile(`${folder}/source.ts`), SOURCE);
    return verdicts.map(({ kind }) => kind);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a mutation is killed by its test, survives it or breaks the file, and the source is restored", async () => {
  const edits: Array<[string, string]> = [["= 10;", "= 11;"], ["'ms'", "'s'"], ["= 10;", "= ;"]];
  assertEquals(await judgeMutations("the limit is 10", edits), ["killed", "survived", "broken"]);
});

Deno.test("a test that fails without a mutation does not kill one", async () => {
  assertEquals(await judgeMutations("the limit is 10 ms", [["= 10;", "= 11;"]]), ["broken"]);
});
