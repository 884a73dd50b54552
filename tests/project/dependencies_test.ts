/** Every package and tool is pinned, is used, and stands with its version in docs/dependencies.md. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { filesBelow, ROOT } from "../helpers/project_files.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

interface ImportMap {
  imports: Record<string, string>;
  scopes: Record<string, Record<string, string>>;
}

const map: ImportMap = JSON.parse(await read("import_map.json"));

/** The folders of a scope, as the page calls them. */
const EVERYTHING = "everything";
const places: Array<[place: string, packages: Record<string, string>]> = [[EVERYTHING, map.imports]];
for (const [scope, packages] of Object.entries(map.scopes)) places.push([scope.replaceAll(/[./]/g, ""), packages]);
const FOLDERS = ["bench/", "cli/", "dev/", "supabase/functions/", "tests/", "tools/"];

/** What the import map pins: name, version, and where it may be imported. */
function pinned(): Map<string, { versions: Set<string>; places: Set<string> }> {
  const found = new Map<string, { versions: Set<string>; places: Set<string> }>();
  for (const [place, packages] of places) {
    for (const target of Object.values(packages)) {
      const [, name, version] = /^(?:npm|jsr):(@?[^@]+)@([^/]+)/.exec(target)!;
      const one = found.get(name!) ?? { versions: new Set(), places: new Set() };
      found.set(name!, { versions: one.versions.add(version!), places: one.places.add(place) });
    }
  }
  return found;
}

/** The rows of a table of the page. */
async function rowsOf(section: string): Promise<string[][]> {
  const page = await read("docs/dependencies.md");
  const [, text = ""] = new RegExp(`^## ${section}$(.*?)(?:^## |$(?![^]))`, "ms").exec(page) ?? [];
  return [...text.matchAll(/^\| (.*) \|$/gm)].slice(2).map(([, row]) => row!.split(" | ").map((cell) => cell.trim()));
}

/** What a source imports, or loads as a file of a package. */
async function importsIn(file: string): Promise<string[]> {
  const found = (await read(file)).matchAll(/(?:\bfrom|\bimport\(?|\bpackageName:)\s*"([^"]+)"/g);
  return [...found].map(([, specifier]) => specifier!);
}

Deno.test("docs/dependencies.md has every package, in the version and for the places that import_map.json has", async () => {
  const expected = [...pinned()].map(([name, { versions, places }]) => [
    `\`${name}\``,
    [...versions].join(),
    [...places].sort().join(", "),
  ]);
  const rows = await rowsOf("Packages");
  assertEquals(rows.map((row) => row.slice(0, 3)).sort(), expected.sort());
  for (const row of rows) assert(row.length === 4 && row[3] !== "", row.join(" | "));
});

Deno.test("docs/dependencies.md has every tool, in the version that is pinned where it says", async () => {
  const rows = await rowsOf("Tools");
  assertEquals(rows.map(([name, , where]) => [name, where]), [
    ["Deno", "`.ci/run`"],
    ["Deno", "`tools/runtime_deno.ts`"],
    ["`supabase`", "`tools/supabase_cli.ts`"],
  ]);
  for (const [name, version, where, why] of rows) {
    const found = (await read(where!.replaceAll("`", ""))).match(/(?<=deno@|_VERSION = ")\d+\.\d+\.\d+/g);
    assertEquals(found, [version!], name);
    assert(why !== undefined && why !== "");
  }
});

Deno.test("every package of import_map.json is imported where it may be", async () => {
  const folders = await Promise.all(FOLDERS.map(async (folder) => {
    const files = (await filesBelow(folder, ".ts")).filter((file) => !file.startsWith("tools/jsr/"));
    return [folder, new Set((await Promise.all(files.map(importsIn))).flat())] as const;
  }));
  const unused = places.flatMap(([place, packages]) => {
    const used = folders.filter(([folder]) => place === EVERYTHING || folder === `${place}/`);
    return Object.keys(packages).filter((name) => !used.some(([, imports]) => imports.has(name)))
      .map((name) => `${place}: ${name}`);
  });
  assertEquals(unused, []);
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

Deno.test("deno.lock has every npm package of import_map.json, and asks for no other", async () => {
  const lock = JSON.parse(await read("deno.lock")) as { specifiers: Record<string, string> };
  const npm = places.flatMap(([, packages]) => Object.values(packages)).filter((target) => target.startsWith("npm:"))
    .map((target) => /^npm:@?[^@]+@[^/]+/.exec(target)![0]);
  const locked = Object.keys(lock.specifiers).filter((specifier) => specifier.startsWith("npm:"));
  assertEquals(locked.sort(), [...new Set(npm)].sort());
});

Deno.test("a version that a source or a page names is the one that is pinned", async () => {
  const files = (await Promise.all(FOLDERS.map((folder) => filesBelow(folder, ".ts")))).flat();
  const named: Array<[file: string, name: string, version: string]> = [];
  for (const file of [...files, ...await filesBelow("docs/", ".md"), "README.md", "CONTRIBUTING.md"]) {
    const text = (await read(file)).replaceAll("\\", "").replaceAll("`", "");
    for (const name of pinned().keys()) {
      const pattern = new RegExp(`(?<![\\w-]|\\w/)${name}[ @/](\\d+\\.\\d+\\.\\d+)(?!\\.\\d)`, "g");
      for (const [, version] of text.matchAll(pattern)) named.push([file, name, version!]);
    }
  }
  assert(named.length > 2);
  assertEquals(named.filter(([, name, version]) => !pinned().get(name)!.versions.has(version)), []);
});

Deno.test("import_map.json holds external packages only, in exact versions, and each in one", () => {
  for (const target of places.flatMap(([, packages]) => Object.values(packages))) {
    assertMatch(target, /^(npm|jsr):@?[\w./-]+@\d+\.\d+\.\d+(\/[\w./-]+)?$/);
  }
  for (const [name, { versions }] of pinned()) assertEquals(versions.size, 1, name);
});

Deno.test("the stand-ins of tools/jsr have the names and versions of what they stand in for", async () => {
  const jsr = new Set(Object.values(map.imports).filter((target) => target.startsWith("jsr:")));
  const standIns = await Promise.all(["assert", "http"].map((name) => read(`tools/jsr/${name}/deno.json`)));
  const names = standIns.map((text) => JSON.parse(text)).map(({ name, version }) => `jsr:${name}@${version}`);
  assertEquals(names, [...jsr].map((target) => /^jsr:@[^@]+@[^/]+/.exec(target)![0]));
});
