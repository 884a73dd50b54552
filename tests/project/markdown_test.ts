/** Documentation that names what is not there misleads whoever follows it: links, anchors, paths, the layout. */
import { assert, assertEquals } from "@std/assert";
import { type Page, parsePage, readPages } from "../helpers/markdown.ts";
import { ignoredFiles, trackedFiles } from "../helpers/project_files.ts";

/** Files and folders, the folders with a slash at the end. */
function withFolders(files: readonly string[]): Set<string> {
  const all = new Set(files);
  for (const file of files) {
    for (let end = file.indexOf("/"); end !== -1; end = file.indexOf("/", end + 1)) all.add(file.slice(0, end + 1));
  }
  return all;
}

const pages = await readPages();
const paths = withFolders(await trackedFiles());

/** Links that lead nowhere. Other hosts are theirs to keep. */
function brokenLinks(among: readonly Page[], { path, links }: Page): string[] {
  return links.flatMap(({ href }) => {
    if (/^[a-z]+:/.test(href)) return [];
    const [file = "", anchor] = href.split("#");
    const target = file === "" ? path : new URL(file, `file:///${path}`).pathname.slice(1);
    const page = among.find((other) => other.path === target);
    if (!page && !paths.has(target) && !paths.has(`${target}/`)) return [`${path}: ${href}: no such file`];
    if (anchor === undefined || page?.anchors.has(anchor)) return [];
    return [`${path}: ${href}: no such heading`];
  });
}

const ENDINGS = new Set([...paths].map((path) => /\.\w+$/.exec(path)?.[0]).filter((ending) => ending !== undefined));
const TOP = new Set([...paths].filter((path) => /^[^/]+\/$/.test(path)));

/**
 * Whether a text in backticks is a path of the repository: below one of its folders, or with an ending that its files
 * have, or with a slash at the end. What begins with a slash is a URL's path, with an @ an npm package's.
 */
function isPath(text: string): boolean {
  if (!/^(\.?[\w<*-][\w.<>*-]*\/)*(\.?[\w<*-][\w.<>*-]*)?$/.test(text)) return false;
  const [ending = ""] = /\.\w+$/.exec(text) ?? [];
  return isBelow(text) || text.endsWith("/") || (ENDINGS.has(ending) && text !== ending);
}

const isBelow = (path: string) => TOP.has(path.replace(/\/.*$/, "/"));

/** `<name>` and `*` stand for anything; a path may begin anywhere, but not one that begins with a folder of the root. */
function isThere(path: string): boolean {
  if (paths.has(path) || paths.has(`${path}/`)) return true;
  const escaped = path.replaceAll(/[.+]/g, "\\$&").replaceAll(/<[^>]*>|\*/g, "[^/]+");
  const pattern = new RegExp(`${isBelow(path) ? "^" : "(^|/)"}${escaped}/?$`);
  return [...paths].some((one) => pattern.test(one));
}

/** Paths in backticks that neither git nor any command has. */
async function missingPaths({ path, spans }: Page): Promise<string[]> {
  const absent = spans.filter(isPath).filter((text) => !isThere(text));
  const made = new Set(await ignoredFiles(absent.map((text) => text.replaceAll(/<[^>]*>/g, "x"))));
  return absent.filter((text) => !made.has(text.replaceAll(/<[^>]*>/g, "x"))).map((text) => `${path}: ${text}`);
}

/** The paths of a tree: two spaces for each level, then names, and behind two spaces more what they are. */
function treePaths(tree: string): string[] {
  const parents: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const [, indent, names] = /^( *)(\S+(?: \S+)*?)(?: {2,}.*)?$/.exec(line)!;
    const depth = indent!.length / 2;
    const found = names!.split(" ").map((name) => parents.slice(0, depth).join("") + name);
    parents.splice(depth, parents.length, names!.split(" ")[0]!);
    return found;
  });
}

const trees = ({ blocks }: Page) => blocks.filter(({ language }) => language === "").map(({ code }) => code);

Deno.test("every link of the documentation leads to a file, and to a heading of it", () => {
  assert(pages.reduce((sum, { links }) => sum + links.length, 0) > 100);
  assertEquals(pages.flatMap((page) => brokenLinks(pages, page)), []);
});

Deno.test("every page can be reached from README.md", () => {
  const reached = new Set(["README.md"]);
  for (const path of reached) {
    for (const { href } of pages.find((page) => page.path === path)?.links ?? []) {
      if (!/^[a-z]+:/.test(href)) reached.add(new URL(href, `file:///${path}`).pathname.slice(1));
    }
  }
  assertEquals(pages.map(({ path }) => path).filter((path) => !reached.has(path)), []);
});

Deno.test("every path that the documentation has in backticks is there", async () => {
  assert(pages.flatMap(({ spans }) => spans).filter(isPath).length > 50);
  assertEquals((await Promise.all(pages.map(missingPaths))).flat(), []);
});

Deno.test("the layout names what is there, and every folder of the top level and of tests", () => {
  const layout = new Set(trees(pages.find(({ path }) => path === "CONTRIBUTING.md")!).flatMap(treePaths));
  assertEquals([...layout].filter((path) => !isThere(path)), []);
  const folders = [...paths].filter((path) => /^(tests\/)?[^/]+\/$/.test(path) && path !== ".ci/");
  assertEquals(folders.filter((path) => !layout.has(path)), []);
});

Deno.test("only the layout has no language", () => {
  assertEquals(pages.filter((page) => trees(page).length > 0).map(({ path }) => path), ["CONTRIBUTING.md"]);
});

Deno.test("a link to a file or a heading that is not there is found", () => {
  const text =
    "# One `two`\n\n## Twice\n\n## Twice\n\n[a](#one-two) [b](#twice-1) [c](../README.md#more) [d](images)\n";
  const good = parsePage("docs/new.md", text);
  assertEquals(brokenLinks([...pages, good], good), []);
  const bad = parsePage(
    "docs/new.md",
    '[a](#one) [b](../README.md#gone) [c](gone.md "x") ![d](images/gone.png) [e](/README.md#gone)\n\n<img src="gone.svg">\n',
  );
  assertEquals(brokenLinks([...pages, bad], bad).map((fault) => fault.split(": ").slice(1)), [
    ["#one", "no such heading"],
    ["../README.md#gone", "no such heading"],
    ["gone.md", "no such file"],
    ["images/gone.png", "no such file"],
    ["/README.md#gone", "no such heading"],
    ["gone.svg", "no such file"],
  ]);
});

Deno.test("a path that is not there is found, and a word that is no path is left alone", async () => {
  const words = [
    "text/html",
    "/dev/token",
    "@clerk/backend/errors.ts",
    "users.email",
    ".env",
    "user.created",
    "a.ts b",
  ];
  assertEquals(words.filter(isPath), []);
  const good = [
    "`supabase/functions/.env`",
    "`.dev/`",
    "`config.ts`",
    "`<name>/handler.ts`",
    "`docs/adr`",
    "`*_test.ts`",
  ];
  assertEquals(await missingPaths(parsePage("a.md", good.join(" "))), []);
  const bad = ["docs/gone.md", "gone.ts", "tests/gone/", "gone/", "<name>/gone.ts", "tests/handler.ts"];
  const page = parsePage("a.md", bad.map((path) => `\`${path}\``).join(" "));
  assertEquals(await missingPaths(page), bad.map((path) => `a.md: ${path}`));
});

Deno.test("a tree's paths are read by level", () => {
  assertEquals(treePaths("a/      what it is\n  b/ c/  two\n    d.ts  three\ne/"), [
    "a/",
    "a/b/",
    "a/c/",
    "a/b/d.ts",
    "e/",
  ]);
});
