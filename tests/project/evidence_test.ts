/** README.md and SECURITY.md name tests as evidence for what they say: they have to be there. */
import { assert, assertEquals } from "@std/assert";
import { type Page, parsePage, readPages } from "../helpers/markdown.ts";
import { testNames } from "../helpers/named_tests.ts";
import { ROOT } from "../helpers/project_files.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const pages = await readPages();

/** A test that a page names: the title of a link to its file, or else the link's text. */
interface Evidence {
  name: string;
  file: string;
}

/** Every link to a file of tests, but the one to this file. */
function evidence({ path, links }: Page): Evidence[] {
  return links.filter(({ href }) => href.endsWith("_test.ts"))
    .map(({ href, text, title }) => ({
      name: title || text,
      file: new URL(href, `file:///${path}`).pathname.slice(1),
    }))
    .filter(({ file }) => file !== "tests/project/evidence_test.ts");
}

const evidenceIn = (markdown: string) => evidence(parsePage("a.md", markdown));

/** What is named and is not there. */
async function missing(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const { name, file } of evidence(page)) {
    const source = await read(file).catch(() => "");
    if (!testNames(source).has(name)) found.push(`${file}: ${name}`);
  }
  return found;
}

/** The rows of the tables that have a column for evidence, and each point of the lists of guarantees. */
function claimsOf(markdown: string): string[] {
  const rows = markdown.split(/\n{2,}/).filter((block) => /^\|.*\| shown by +\|$/m.test(block))
    .flatMap((table) => table.trimEnd().split("\n").slice(2));
  const points = markdown.match(/^- \*\*.*(?:\n {2}.*)*/gm) ?? [];
  return [...rows, ...points];
}

/** Parts of a page, by their headings of the second level; what stands before them is nameless. */
const sections = (markdown: string) =>
  new Map(markdown.split(/^## /m).map((text, index) => [index === 0 ? "" : text.split("\n")[0]!, text]));

Deno.test("every test that the documentation names is in the file that it links to", async () => {
  assert(pages.flatMap(evidence).length > 60);
  assertEquals((await Promise.all(pages.map(missing))).flat(), []);
});

Deno.test("every threat in SECURITY.md names a test, and so does whoever can reach something", async () => {
  const parts = sections(await read("SECURITY.md"));
  for (const [name, least] of [["Threats, and what stops them", 30], ["Who can reach what", 5]] as const) {
    const rows = claimsOf(parts.get(name)!);
    assert(rows.length > least);
    for (const row of rows) assertEquals(evidenceIn(row).length, 1, row);
  }
  const protectedThings = claimsOf(parts.get("What is protected")!);
  assert(protectedThings.length > 4);
  assertEquals(protectedThings.filter((point) => evidenceIn(point).length === 0), []);
});

Deno.test("every guarantee, function, event and outcome in README.md names a test", async () => {
  const markdown = await read("README.md");
  const claims = claimsOf(markdown);
  assert(claims.length > 20);
  assertEquals(claims.filter((claim) => evidenceIn(claim).length === 0), []);
});

Deno.test("README.md is short enough to be read", async () => {
  assert((await read("README.md")).split("\n").length < 300);
});

Deno.test("a test that is not there, or in another file, is found missing", async () => {
  const there = "every function checks for itself who calls it";
  const [file, other] = ["tests/project/conventions_test.ts", "tests/e2e/profile_test.ts"];
  const markdown =
    `[${there}](${file}) [test](${file} "${there}") [${there}](${other}) [gone](${file}) [test](tests/gone_test.ts "gone")`;
  const expected = [`${other}: ${there}`, `${file}: gone`, "tests/gone_test.ts: gone"];
  assertEquals(await missing(parsePage("a.md", markdown)), expected);
  assertEquals(await missing(parsePage("docs/a.md", markdown.replaceAll("(tests/", "(../tests/"))), expected);
});

Deno.test("a claim without a test is found", () => {
  const table = "| what | shown by |\n| ---- | -------- |\n| a    | [b](c_test.ts) |\n| d    |          |\n";
  const claims = claimsOf(`${table}\n| no | claims |\n| -- | ------ |\n| e  | f      |\n\n- **G**: h\n  i\n- j\n`);
  assertEquals(claims, ["| a    | [b](c_test.ts) |", "| d    |          |", "- **G**: h\n  i"]);
  assertEquals(claims.map((claim) => evidenceIn(claim).length), [1, 0, 0]);
});
