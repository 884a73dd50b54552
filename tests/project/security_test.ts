/** SECURITY.md names tests as evidence: they have to be there. */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

/**
 * The names of the tests in a source: of Deno.test(), of test() with the prefix that testsOf() gives, and of lists of
 * objects with a name whose tests are made in a loop.
 */
function testNames(source: string): Set<string> {
  const prefix = /^const test = testsOf\((["`])(.*?)\1/m.exec(source)?.[2] ?? "";
  const names = new Set<string>();
  for (const [, call, , name] of source.matchAll(/^\s*(Deno\.test|lintTest|test)\((["`])(.*?)\2,/gm)) {
    names.add(call === "test" ? prefix + name : name!);
  }
  if (/^\s*test\(check\.name,/m.test(source)) {
    for (const [, name] of source.matchAll(/^ {4}name: "(.*)",$/gm)) names.add(prefix + name);
  }
  return names;
}

/** Every link to a file of tests, as [text, file], but the one to this file. */
function evidence(markdown: string): Array<[name: string, file: string]> {
  return [...markdown.matchAll(/\[([^\]]+)\]\((tests\/[^)]+_test\.ts)\)/g)]
    .map(([, name, file]): [string, string] => [name!, file!])
    .filter(([, file]) => file !== "tests/project/security_test.ts");
}

/** What is named and is not there. */
async function missing(markdown: string): Promise<string[]> {
  const found: string[] = [];
  for (const [name, file] of evidence(markdown)) {
    const source = await read(file).catch(() => "");
    if (!testNames(source).has(name)) found.push(`${file}: ${name}`);
  }
  return found;
}

Deno.test("every test that SECURITY.md names is in the file that it links to", async () => {
  const markdown = await read("SECURITY.md");
  assert(evidence(markdown).length > 30);
  assertEquals(await missing(markdown), []);
});

Deno.test("every threat in SECURITY.md names a test", async () => {
  const [, threats = ""] = /^## Threats,.*?$(.*?)^## /ms.exec(await read("SECURITY.md")) ?? [];
  const rows = threats.split("\n").filter((line) => line.startsWith("| ") && !/^\| (threat|-+) /.test(line));
  assert(rows.length > 30);
  for (const row of rows) assertEquals(evidence(row).length, 1, row);
});

Deno.test("a test that is not there, or in another file, is found missing", async () => {
  const there = "every function checks for itself who calls it";
  const [file, other] = ["tests/project/conventions_test.ts", "tests/e2e/profile_test.ts"];
  const markdown = `[${there}](${file}) [${there}](${other}) [gone](${file}) [gone](tests/gone_test.ts)`;
  assertEquals(await missing(markdown), [`${other}: ${there}`, `${file}: gone`, "tests/gone_test.ts: gone"]);
});
