/** The apps in examples/ stay small, pinned and as the documentation shows them. */
import { assert, assertEquals } from "@std/assert";
import { readPages } from "../helpers/project/markdown.ts";
import { trackedFiles } from "../../project/repository_files.ts";
import { ROOT } from "../../project/root.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const files = (await trackedFiles()).filter((path) => path.startsWith("examples/"));
const APPS = [...new Set(files.flatMap((path) => /^examples\/(\w+)\//.exec(path)?.[1] ?? []))];

const MAX_LINES = 150;
const MAX_README_LINES = 45;

const countLines = async (path: string) => (await read(path)).trimEnd().split("\n").length;

Deno.test("each example has fewer than 150 lines of code of its own, and a README of one screen", async () => {
  assertEquals(APPS.toSorted(), ["hono", "nextjs", "react"]);
  for (const app of APPS) {
    const own = files.filter((path) =>
      path.startsWith(`examples/${app}/`) && /\.(tsx?|css|html)$/.test(path) && !path.endsWith("database.types.ts")
    );
    const counts = await Promise.all(own.map(countLines));
    const lines = counts.reduce((sum, count) => sum + count, 0);
    assert(lines > 50 && lines < MAX_LINES, `examples/${app} has ${lines} lines`);
    assert(await countLines(`examples/${app}/README.md`) <= MAX_README_LINES, app);
  }
});

Deno.test("each example pins what it depends on, and its package-lock.json names no registry", async () => {
  for (const app of APPS) {
    const { dependencies } = JSON.parse(await read(`examples/${app}/package.json`));
    for (const [name, version] of Object.entries(dependencies)) {
      assert(/^\d+\.\d+\.\d+$/.test(version as string), `${app}: ${name} is not pinned`);
    }
    const lock = await read(`examples/${app}/package-lock.json`);
    assertEquals([lock.includes('"integrity"'), lock.includes('"resolved"')], [true, false], app);
  }
});

Deno.test("code that the documentation shows of an example is in the example's file", async () => {
  const shown = (await readPages()).flatMap(({ path, blocks }) =>
    blocks.flatMap(({ code }) => {
      const [, file, rest] = /^\/\/ (examples\/\S+)\n([\s\S]*)$/.exec(code) ?? [];
      return file === undefined ? [] : [{ path, file, rest: rest! }];
    })
  );
  assert(shown.length >= 8, `the documentation shows ${shown.length} files`);
  for (const { path, file, rest } of shown) {
    assert((await read(file)).includes(rest.trimEnd()), `${path} does not show ${file} as it is`);
  }
});

Deno.test("docs/local-stack.md names the versions of Clerk's SDKs that the examples and tests have", async () => {
  const page = await read("docs/local-stack.md");
  const packages = await Promise.all(APPS.map((app) => read(`examples/${app}/package.json`)));
  const pinned = Object.entries(Object.assign({}, ...packages.map((text) => JSON.parse(text).dependencies)));
  const sdks = pinned.filter(([name]) => name.startsWith("@clerk/") || name === "next");
  assert(sdks.length === 4);
  for (const [name, version] of sdks) assert(page.includes(`\`${name}\` ${version}`), `${name} ${version}`);
});
