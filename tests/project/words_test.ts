/** What users read keeps to the word list in CONTRIBUTING.md: pages, messages and output. It does not judge grammar. */
import { assert, assertEquals } from "@std/assert";
import { filesBelow, trackedFiles } from "../../project/repository_files.ts";
import { ROOT } from "../../project/root.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const LIST = /\n## Words\n[\s\S]*?(?=\n## |$)/;

/** The words of the list's first column, such as `anew`. */
async function listedWords(): Promise<string[]> {
  const [section = ""] = LIST.exec(await read("CONTRIBUTING.md")) ?? [];
  return section.split("\n").filter((line) => line.startsWith("| `")).map((line) => line.split("`")[1]!);
}

/** Finds a listed word; "there is no" and "is no longer" are ordinary English. */
function createPattern(words: readonly string[]): RegExp {
  return new RegExp(`(?<!\\bthere )\\b(?:${words.join("|")})\\b(?! longer| more than)`, "gi");
}

/** Texts in quotes of a source, without its comments. */
function quotedTexts(source: string): string {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
  return [...code.matchAll(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g)].map(([text]) => text).join("\n");
}

async function readPages(): Promise<Map<string, string>> {
  const paths = (await trackedFiles()).filter((path) => path.endsWith(".md") && path !== "CHANGELOG.md");
  const pages = await Promise.all(paths.map(async (path) => [path, await read(path)] as const));
  return new Map(pages.map(([path, text]) => [path, path === "CONTRIBUTING.md" ? text.replace(LIST, "") : text]));
}

async function readMessages(): Promise<Map<string, string>> {
  const folders = ["cli/", "dev/", "project/", "supabase/functions/", "web/"];
  const paths = await Promise.all(folders.flatMap((folder) => [filesBelow(folder, ".ts"), filesBelow(folder, ".js")]));
  return new Map(
    await Promise.all(paths.flat().map(async (path) => [path, quotedTexts(await read(path))] as const)),
  );
}

Deno.test("pages and messages use no word that CONTRIBUTING.md lists", async () => {
  const words = await listedWords();
  assert(words.length > 5);
  const pattern = createPattern(words);
  const found = [...await readPages(), ...await readMessages()].flatMap(([path, text]) =>
    text.split("\n").filter((line) => line.search(pattern) >= 0).map((line) => `${path}: ${line.trim()}`)
  );
  assertEquals(found, []);
});

Deno.test("the check of words reads messages and not comments, and knows ordinary English", () => {
  const pattern = createPattern(["anew", "is no"]);
  const count = (text: string) => [...text.matchAll(pattern)].length;
  assertEquals(count("Start anew. This is no key. There is no key, and it is no longer there."), 2);
  assertEquals(quotedTexts('/** anew */ f("a"); // "b"\ng(`c ${d}`);'), '"a"\n`c ${d}`');
});
