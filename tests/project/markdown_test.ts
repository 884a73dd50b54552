/** Links, headings, paths and the layout that the documentation names exist. */
import { assert, assertEquals } from "@std/assert";
import { type Page, parsePage, readPages } from "../helpers/project/markdown.ts";
import { ignoredFiles, trackedFiles } from "../../project/repository_files.ts";

/** Files and their folders; a folder ends with a slash. */
function withFolders(files: readonly string[]): Set<string> {
  const all = new Set(files);
  for (const file of files) {
    for (let end = file.indexOf("/"); end !== -1; end = file.indexOf("/", end + 1)) all.add(file.slice(0, end + 1));
  }
  return all;
}

const pages = await readPages();
const paths = withFolders(await trackedFiles());

/** Returns the links to missing files and headings; links to other hosts are not checked. */
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
 * Returns whether a text in backticks is a path of the repository: it is below a top-level folder, has a file
 * extension, or ends with a slash. A text that begins with a slash is the path of a URL; with an @, it is an npm
 * package.
 */
function isPath(text: string): boolean {
  if (!/^(\.?[\w<*-][\w.<>*-]*\/)*(\.?[\w<*-][\w.<>*-]*)?$/.test(text)) return false;
  const [ending = ""] = /\.\w+$/.exec(text) ?? [];
  return isBelow(text) || text.endsWith("/") || (ENDINGS.has(ending) && text !== ending);
}

const isBelow = (path: string) => TOP.has(path.replace(/\/.*$/, "/"));

/**
 * Whether a path exists, where `<name>` and `*` match anything. Unless it begins at a top-level folder, it may begin in
 * any folder.
 */
function exists(path: string): boolean {
  if (paths.has(path) || paths.has(`${path}/`)) return true;
  const escaped = path.replaceAll(/[.+]/g, "\\$&").replaceAll(/<[^>]*>|\*/g, "[^/]+");
  const pattern = new RegExp(`${isBelow(path) ? "^" : "(^|/)"}${escaped}/?$`);
  return [...paths].some((one) => pattern.test(one));
}

/** Files that readers, or `add` and `remove`, create in other projects. */
const OTHER_PROJECTS = new RegExp(
  `^(${
    [
      "\\.github/workflows/deploy\\.yml",
      "supabase/(functions/\\.env\\.example|clerk-supabase\\.json|schemas/\\*\\.sql)",
      "supabase/migrations/(20261122|20261201|<time>).*",
    ].join("|")
  })$`,
);

/** Returns the paths in backticks that git does not track and that no command creates. */
async function missingPaths({ path, spans }: Page): Promise<string[]> {
  const absent = spans.filter(isPath).filter((text) => !exists(text) && !OTHER_PROJECTS.test(text));
  const made = new Set(await ignoredFiles(absent.map((text) => text.replaceAll(/<[^>]*>/g, "x"))));
  return absent.filter((text) => !made.has(text.replaceAll(/<[^>]*>/g, "x"))).map((text) => `${path}: ${text}`);
}

/** Returns the paths of a tree: a line has two spaces for each level, names, at least two spaces, and a description. */
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

Deno.test("every link in the documentation leads to an existing file and heading", () => {
  assert(pages.reduce((sum, { links }) => sum + links.length, 0) > 100);
  assertEquals(pages.flatMap((page) => brokenLinks(pages, page)), []);
});

Deno.test("every path in backticks in the documentation exists", async () => {
  assert(pages.flatMap(({ spans }) => spans).filter(isPath).length > 50);
  assertEquals((await Promise.all(pages.map(missingPaths))).flat(), []);
});

Deno.test("the layout in CONTRIBUTING.md names existing paths, and each folder at the top and in tests", () => {
  const { blocks } = pages.find(({ path }) => path === "CONTRIBUTING.md")!;
  const layout = new Set(treePaths(blocks.find(({ language }) => language === "")!.code));
  assertEquals([...layout].filter((path) => !exists(path)), []);
  const folders = [...paths].filter((path) => /^(tests\/)?[^/]+\/$/.test(path) && path !== ".ci/");
  assertEquals(folders.filter((path) => !layout.has(path)), []);
});

Deno.test("the checks of links and paths find a file, a heading and a path that do not exist", async () => {
  const good = "# One `two`\n\n## Twice\n\n## Twice\n\n[a](#one-two) [b](#twice-1) [c](images)\n";
  const links = '[a](#one) [b](../README.md#gone) ![c](images/gone.png)\n\n<img src="gone.svg">\n';
  const page = parsePage("docs/new.md", good + links);
  assertEquals(brokenLinks([...pages, page], page), [
    "docs/new.md: #one: no such heading",
    "docs/new.md: ../README.md#gone: no such heading",
    "docs/new.md: images/gone.png: no such file",
    "docs/new.md: gone.svg: no such file",
  ]);
  const right = ["text/html", "users.email", "/dev/token", "supabase/functions/.env", "<name>/handler.ts", "config.ts"];
  const wrong = ["docs/gone.md", "gone.ts", "gone/", "<name>/gone.ts", "tests/handler.ts"];
  const spans = parsePage("a.md", [...right, ...wrong].map((text) => `\`${text}\``).join(" "));
  assertEquals(await missingPaths(spans), wrong.map((path) => `a.md: ${path}`));
});
