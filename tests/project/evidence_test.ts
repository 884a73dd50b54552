/** Each promise in docs/guarantees.md, SECURITY.md and docs/adr names a test, and the test exists. */
import { assert, assertEquals } from "@std/assert";
import { type Page, parsePage, readPages } from "../helpers/project/markdown.ts";
import { testNames } from "../helpers/project/named_tests.ts";
import { ROOT } from "../../project/root.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const pages = await readPages();

/** A test that a page names in a link to its file: the title, or else the text of the link. */
interface Evidence {
  name: string;
  file: string;
}

/** Returns the tests that a page links to, except this file. */
function evidence({ path, links }: Page): Evidence[] {
  return links.filter(({ href }) => href.endsWith("_test.ts"))
    .map(({ href, text, title }) => ({
      name: title || text,
      file: new URL(href, `file:///${path}`).pathname.slice(1),
    }))
    .filter(({ file }) => file !== "tests/project/evidence_test.ts");
}

const evidenceIn = (markdown: string) => evidence(parsePage("a.md", markdown));

/** Returns the named tests that do not exist. */
async function missing(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const { name, file } of evidence(page)) {
    const source = await read(file).catch(() => "");
    if (!testNames(source).has(name)) found.push(`${file}: ${name}`);
  }
  return found;
}

/** Returns the rows of tables with the column `shown by`, and the items of lists of guarantees. */
function claimsOf(markdown: string): string[] {
  const rows = markdown.split(/\n{2,}/).filter((block) => /^\|.*\| shown by +\|$/m.test(block))
    .flatMap((table) => table.trimEnd().split("\n").slice(2));
  const points = markdown.match(/^- \*\*.*(?:\n {2}.*)*/gm) ?? [];
  return [...rows, ...points];
}

/** Returns the claims of a page's section, or of the whole page. */
async function claimsIn(path: string, heading?: string): Promise<string[]> {
  const markdown = await read(path);
  if (heading === undefined) return claimsOf(markdown);
  return claimsOf(markdown.split(/^## /m).find((section) => section.startsWith(`${heading}\n`)) ?? "");
}

Deno.test("every test that the documentation names is in the file that it links to", async () => {
  assert(pages.flatMap(evidence).length > 60);
  assertEquals((await Promise.all(pages.map(missing))).flat(), []);
});

Deno.test("every guarantee, every claim of SECURITY.md and every decision names a test", async () => {
  const places: Array<[path: string, heading: string | undefined, least: number]> = [
    ["docs/guarantees.md", undefined, 30],
    ["SECURITY.md", "Threats, and what stops them", 30],
    ["SECURITY.md", "Who can reach what", 5],
    ["SECURITY.md", "What is protected", 4],
  ];
  for (const [path, heading, least] of places) {
    const claims = await claimsIn(path, heading);
    assert(claims.length > least, `${path} has ${claims.length} claims below ${heading ?? "its title"}`);
    assertEquals(claims.filter((claim) => evidenceIn(claim).length === 0), []);
  }
  const decisions = pages.filter(({ path }) => path.startsWith("docs/adr/"));
  assert(decisions.length > 5);
  assertEquals(decisions.filter((page) => evidence(page).length === 0).map(({ path }) => path), []);
});

Deno.test("the check of evidence finds a claim without a test, and a test that does not exist", async () => {
  const name = "every function verifies its callers itself";
  const [file, other] = ["tests/project/conventions_test.ts", "tests/e2e/profile_test.ts"];
  const claims = claimsOf(
    `| a | shown by |\n| - | -------- |\n| b | [x](${file} "${name}") |\n| c |  |\n\n- **D**: [${name}](${other})\n  e\n- f\n`,
  );
  assertEquals(claims.map((claim) => evidenceIn(claim).length), [1, 0, 1]);
  assertEquals(await missing(parsePage("a.md", claims.join("\n\n"))), [`${other}: ${name}`]);
});
