/** docs/adr: each decision says what it is, what else was thought of, and which tests hold it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { testNames } from "../helpers/named_tests.ts";
import { filesBelow, ROOT } from "../helpers/project_files.ts";

const files = (await filesBelow("docs/adr/", ".md")).sort();
const pages = await Promise.all(
  files.map(async (file) => ({ file, text: await Deno.readTextFile(new URL(file, ROOT)) })),
);

Deno.test("the decisions are numbered from 1, in their names and titles", () => {
  assert(pages.length > 5);
  for (const [index, { file, text }] of pages.entries()) {
    assertMatch(file, new RegExp(`/${String(index + 1).padStart(4, "0")}-[a-z0-9-]+\\.md$`));
    assertMatch(text, new RegExp(`^# ${index + 1}\\. \\S`));
  }
});

Deno.test("each decision has a status, its question, what was decided, what else was thought of, and what follows", () => {
  for (const { file, text } of pages) {
    assertMatch(text, /^(Accepted|Superseded by .+), \w+ \d{4}\.$/m, file);
    for (const part of ["Question", "Decision", "What else was thought of", "Consequences"]) {
      assert(text.includes(`\n## ${part}\n`), `${file} lacks ${part}`);
    }
    assert(text.split("\n").length < 70, `${file} is longer than a page`);
  }
});

Deno.test("each decision is held by tests that are there", async () => {
  for (const { file, text } of pages) {
    const named = [...text.matchAll(/^- \[([^\]]+)\]\(\.\.\/\.\.\/(tests\/[^)]+_test\.ts)\)$/gm)];
    assert(named.length > 0, `${file} names no test`);
    for (const [, name, test] of named) {
      const source = await Deno.readTextFile(new URL(test!, ROOT));
      assertEquals(testNames(source).has(name!), true, `${file}: ${test} has no test ${name}`);
    }
  }
});
