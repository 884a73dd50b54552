/** Every package and tool is pinned, is used, and has its version in docs/dependencies.md. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ROOT } from "../../project/root.ts";
import { filesBelow } from "../../project/repository_files.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

interface ImportMap {
  imports: Record<string, string>;
  scopes: Record<string, Record<string, string>>;
}

const map: ImportMap = JSON.parse(await read("import_map.json"));

/** The page's name for the packages that every folder may import. */
const EVERYTHING = "everything";
const places: Array<[place: string, packages: Record<string, string>]> = [[EVERYTHING, map.imports]];
for (const [scope, packages] of Object.entries(map.scopes)) {
  places.push([scope.replace(/^\.\//, "").replace(/\/$/, ""), packages]);
}
const FOLDERS = ["bench/", "cli/", "dev/", "project/", "supabase/functions/", "tests/", "tools/"];

/** The packages of the import map by name: their versions, and the folders that may import them. */
const pinned = new Map<string, { versions: Set<string>; places: Set<string> }>();
for (const [place, packages] of places) {
  for (const target of Object.values(packages)) {
    const [, name, version] = /^(?:npm|jsr):(@?[^@]+)@([^/]+)/.exec(target)!;
    const { versions, places } = pinned.get(name!) ?? { versions: new Set(), places: new Set() };
    pinned.set(name!, { versions: versions.add(version!), places: places.add(place) });
  }
}

/** Returns the rows of a table of the page. */
async function rowsOf(section: string): Promise<string[][]> {
  const page = await read("docs/dependencies.md");
  const [, text = ""] = new RegExp(`^## ${section}$(.*?)(?:^## |$(?![^]))`, "ms").exec(page) ?? [];
  return [...text.matchAll(/^\| (.*) \|$/gm)].slice(2).map(([, row]) => row!.split(" | ").map((cell) => cell.trim()));
}

Deno.test("docs/dependencies.md has every package, in the version and for the places that import_map.json has", async () => {
  const expected = [...pinned].map(([name, { versions, places }]) => [
    `\`${name}\``,
    [...versions].join(),
    [...places].sort().join(", "),
  ]);
  const rows = await rowsOf("Packages");
  assertEquals(rows.map((row) => row.slice(0, 3)).sort(), expected.sort());
  for (const row of rows) assert(row.length === 4 && row[3] !== "", row.join(" | "));
});

Deno.test("docs/dependencies.md has the version of every tool, and the hook and the package have CI's Deno", async () => {
  const tools = (await rowsOf("Tools")).map(([, version, file]) => [file!.replaceAll("`", ""), version!] as const);
  const [, ci] = tools.find(([file]) => file === ".ci/run")!;
  const { dependencies } = JSON.parse(await read("bin/npm-package.json"));
  assertEquals(dependencies, { deno: ci });
  for (const [file, version] of [...tools, [".githooks/pre-commit", ci] as const, [".ci/package", ci] as const]) {
    assertEquals((await read(file)).match(/(?<=deno@|_VERSION = ")\d+\.\d+\.\d+/g), [version], file);
  }
});

Deno.test("deno.lock has every package of JSR in import_map.json, by its hash", async () => {
  const lock = JSON.parse(await read("deno.lock")) as {
    specifiers: Record<string, string>;
    jsr: Record<string, { integrity: string }>;
  };
  const targets = Object.values(map.imports).filter((target) => target.startsWith("jsr:"));
  assert(targets.length > 0);
  for (const target of targets) {
    const [, specifier, name, version] = /^(jsr:(@[^/]+\/[^/@]+@([^/]+)))/.exec(target)!;
    assertEquals(lock.specifiers[specifier!], version, specifier);
    assertMatch(lock.jsr[name!]?.integrity ?? "", /^[0-9a-f]{64}$/, name);
  }
});

Deno.test("import_map.json has one exact version of each package, and deno.lock the same npm packages", async () => {
  const targets = places.flatMap(([, packages]) => Object.values(packages));
  for (const target of targets) assertMatch(target, /^(npm|jsr):@?[\w./-]+@\d+\.\d+\.\d+(\/[\w./-]+)?$/);
  for (const [name, { versions }] of pinned) assertEquals(versions.size, 1, name);
  const npm = targets.flatMap((target) => /^npm:@?[^@]+@[^/]+/.exec(target)?.[0] ?? []);
  const lock = JSON.parse(await read("deno.lock")) as { specifiers: Record<string, string> };
  const locked = Object.keys(lock.specifiers).filter((specifier) => specifier.startsWith("npm:"));
  assertEquals(locked.sort(), [...new Set(npm)].sort());
});

Deno.test("every task that runs code holds packages to deno.lock", async () => {
  const { tasks } = JSON.parse(await read("deno.json")) as { tasks: Record<string, string> };
  const commands = Object.values(tasks).flatMap((task) => task.split(" && "));
  const running = commands.filter((command) => !/^deno (task|fmt|lint) ?/.test(command));
  assert(running.length > 10);
  const locked = (command: string) => /^deno run -A (project\/jsr\/run\.ts|--lock=deno\.lock) /.test(command);
  assertEquals(running.filter((command) => !locked(command)), []);
});

Deno.test("every version of a package in a source or a page is the one in import_map.json", async () => {
  const files = (await Promise.all(FOLDERS.map((folder) => filesBelow(folder, ".ts")))).flat();
  const pattern = new RegExp(
    `(?<![\\w-]|\\w/)(${[...pinned.keys()].join("|")})[ @/](\\d+\\.\\d+\\.\\d+)(?!\\.\\d)`,
    "g",
  );
  const named: Array<[file: string, name: string, version: string]> = [];
  for (const file of [...files, ...await filesBelow("docs/", ".md"), "README.md", "CONTRIBUTING.md"]) {
    const text = (await read(file)).replaceAll(/[\\`]/g, "");
    for (const [, name, version] of text.matchAll(pattern)) named.push([file, name!, version!]);
  }
  assert(named.length > 2);
  assertEquals(named.filter(([, name, version]) => !pinned.get(name)!.versions.has(version)), []);
});
