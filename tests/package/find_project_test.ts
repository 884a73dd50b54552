/** Which project a command works on, and with which packages a function of it runs. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { pathToFileURL } from "node:url";
import { CommandError, ProjectError, UsageError } from "../../project/errors.ts";
import { findProject, isRepository, makeStateFolder, stateFolder } from "../../project/find_project.ts";
import { findImportMap, functionArguments } from "../../project/function_config.ts";
import { readProject } from "../../project/project.ts";
import { ROOT } from "../../project/root.ts";
import { announceStack } from "../../project/running_stack.ts";
import { runCommand } from "../../project/supabase_cli.ts";

/** Writes files into a folder of their own. */
async function withFiles(files: Record<string, string>, run: (folder: string, root: URL) => Promise<void>) {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "project-" }));
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    await run(folder, pathToFileURL(`${folder}/`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const CONFIG = { "supabase/config.toml": "" };
const FUNCTION = (name: string) => `supabase/functions/${name}/index.ts`;

Deno.test("findProject() takes the nearest folder upwards with supabase/config.toml", () =>
  withFiles(
    { ...CONFIG, "apps/inner/supabase/config.toml": "", "apps/inner/src/x": "", "src/x": "" },
    async (folder, root) => {
      for (const from of [folder, `${folder}/src`, `${folder}/supabase`, `${folder}/apps`]) {
        assertEquals(await findProject(undefined, from), root);
      }
      assertEquals(await findProject(undefined, `${folder}/apps/inner/src`), new URL("apps/inner/", root));
    },
  ));

Deno.test("findProject() takes the folder that is given, relative to the current one, and no other", () =>
  withFiles({ ...CONFIG, "src/x": "" }, async (folder, root) => {
    assertEquals(await findProject("..", `${folder}/src`), root);
    const inside = await assertRejects(() => findProject("supabase", folder), UsageError);
    assertEquals(
      inside.message,
      "Cannot find a project in supabase: there is no supabase/config.toml; did you mean .?",
    );
    const none = await assertRejects(() => findProject("src", folder), UsageError);
    assertEquals(
      none.message,
      "Cannot find a project in src: there is no supabase/config.toml; supabase init makes one",
    );
    await assertRejects(() => findProject("", folder), UsageError);
  }));

Deno.test("findProject() says what to do if no folder upwards is a project", async () => {
  const { message } = await assertRejects(() => findProject(undefined, "/"), CommandError);
  assertStringIncludes(message, "name it with --project, or make one with supabase init");
});

Deno.test("commands keep what they make in .cache/ of this repository, and below supabase/.temp/ of other projects", () =>
  withFiles(CONFIG, (_, root) => {
    assertEquals([isRepository(ROOT), stateFolder(ROOT)], [true, new URL(".cache/", ROOT)]);
    assertEquals([isRepository(root), stateFolder(root)], [false, new URL("supabase/.temp/clerk-supabase/", root)]);
    return Promise.resolve();
  }));

/** Links that a downloaded project could have, from where they are to where they lead. */
const LINKS: Record<string, string> = {
  "supabase/.temp": "outside",
  "supabase/.temp/clerk-supabase": "outside",
  "supabase/.temp/clerk-supabase/.gitignore": "outside/file",
  "supabase/.temp/clerk-supabase/local-stack.json": "outside/file",
  "supabase/.temp/clerk-supabase/functions": "outside",
  "supabase/.temp/clerk-supabase/functions/one.json": "outside/file",
  "supabase/.temp/clerk-supabase/functions/one.lock": "outside/missing",
  "supabase/.temp/clerk-supabase/deploy": "outside",
  "supabase/.temp/clerk-supabase/dev/database/base": "outside",
};

for (const [link, target] of Object.entries(LINKS)) {
  Deno.test(`dev and deploy write nothing through a symbolic link at ${link}`, () =>
    withFiles({ ...CONFIG, [FUNCTION("one")]: "", "outside/file": "untouched" }, async (folder, root) => {
      await Deno.mkdir(`${folder}/${link}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.symlink(`${folder}/${target}`, `${folder}/${link}`);
      const project = await readProject(root);
      for (
        const write of [
          () => makeStateFolder(root),
          () => functionArguments(project.functions.get("one")!, project),
          () => announceStack(root, { SUPABASE_URL: "http://127.0.0.1:1" }),
        ]
      ) {
        const { message } = await assertRejects(write, Error);
        assertStringIncludes(message, `Cannot use ${link}: it is a symbolic link`);
      }
      assertEquals(await Deno.readTextFile(`${folder}/outside/file`), "untouched");
      assertEquals((await Array.fromAsync(Deno.readDir(`${folder}/outside`))).length, 1);
    }));
}

Deno.test("the project's folder itself may be reached through a symbolic link", () =>
  withFiles({ "real/supabase/config.toml": "" }, async (folder) => {
    await Deno.symlink(`${folder}/real`, `${folder}/link`);
    await makeStateFolder(pathToFileURL(`${folder}/link/`));
    assertEquals(await Deno.readTextFile(`${folder}/real/supabase/.temp/clerk-supabase/.gitignore`), "*\n");
  }));

Deno.test("a new project has no functions and no migrations", () =>
  withFiles(CONFIG, async (_, root) => {
    assertEquals((await readProject(root)).functions.size, 0);
  }));

Deno.test("a function's import map is the one of config.toml, its deno.json, its own import map, or the common one", () =>
  withFiles({
    "supabase/config.toml": '[functions.configured]\nimport_map = "../maps/own.json"\n',
    ...Object.fromEntries(["configured", "json", "jsonc", "legacy", "plain"].map((name) => [FUNCTION(name), ""])),
    "supabase/functions/configured/deno.json": "{}",
    "supabase/functions/json/deno.json": "{}",
    "supabase/functions/jsonc/deno.jsonc": "{}",
    "supabase/functions/legacy/import_map.json": "{}",
    "supabase/functions/import_map.json": "{}",
  }, async (_, root) => {
    const { functions } = await readProject(root);
    const found = await Promise.all([...functions.values()].map((one) => findImportMap(one, root)));
    assertEquals(found.map((url) => url?.href.slice(root.href.length)), [
      "maps/own.json",
      "supabase/functions/json/deno.json",
      "supabase/functions/jsonc/deno.jsonc",
      "supabase/functions/legacy/import_map.json",
      "supabase/functions/import_map.json",
    ]);
  }));

Deno.test("a function runs with its own import map, whose addresses count from that file, and with its lock file", () =>
  withFiles({
    ...CONFIG,
    [FUNCTION("one")]: "",
    "supabase/functions/one/deno.json":
      '{ "importMap": "../../../maps/map.json", "compilerOptions": { "jsx": "react" } }',
    "maps/map.json":
      '{\n  // Ours.\n  "imports": { "@/": "./src/", "jose": "npm:jose@6.2.17" }, /* and */ "scopes": { "./src/": { "a": "/b.ts" } },\n}',
    "maps/deno.lock": '{ "version": "5" }',
  }, async (folder, root) => {
    const project = await readProject(root);
    const state = `${folder}/supabase/.temp/clerk-supabase`;
    const args = await functionArguments(project.functions.get("one")!, project);
    assertEquals(args, ["--config", `${state}/functions/one.json`, "--lock", `${state}/functions/one.lock`]);
    const { links: _, ...config } = JSON.parse(await Deno.readTextFile(args[1]!));
    const src = new URL("maps/src/", root).href;
    assertEquals(config, {
      imports: { "@/": src, jose: "npm:jose@6.2.17" },
      scopes: { [src]: { a: "file:///b.ts" } },
      compilerOptions: { jsx: "react" },
      nodeModulesDir: "none",
    });
    const { workspace: { dependencies }, version } = JSON.parse(await Deno.readTextFile(args[3]!));
    assertEquals([version, dependencies], ["5", ["npm:jose@6.2.17"]]);
    // Git ignores it, whatever the project's own .gitignore says.
    assertEquals(await Deno.readTextFile(`${state}/.gitignore`), "*\n");
  }));

Deno.test("a function whose import map cannot be read is named", () =>
  withFiles({ ...CONFIG, [FUNCTION("one")]: "", "supabase/functions/one/deno.json": "{" }, async (folder, root) => {
    const project = await readProject(root);
    const { message } = await assertRejects(
      () => functionArguments(project.functions.get("one")!, project),
      ProjectError,
    );
    const file = "supabase/functions/one/deno.json";
    assertEquals(message, `Cannot run one with ${file}: Cannot read ${folder}/${file}: it is not a JSON object`);
  }));

Deno.test("an added function runs with the packages of the bundle's deno.lock, or not at all", () =>
  withFiles({
    ...CONFIG,
    [FUNCTION("one")]: 'import "jose";\n',
    "supabase/functions/one/deno.json": '{ "importMap": "../_clerk-supabase/import_map.json" }',
    "supabase/functions/_clerk-supabase/import_map.json": '{ "imports": { "jose": "npm:jose@6.2.17" } }',
  }, async (folder, root) => {
    const project = await readProject(root);
    const args = await functionArguments(project.functions.get("one")!, project);
    const lock = JSON.parse(await Deno.readTextFile(args[3]!));
    lock.npm["jose@6.2.17"].integrity = `sha512-${"A".repeat(86)}==`;
    await Deno.writeTextFile(args[3]!, JSON.stringify(lock));
    // An empty cache, as on a new machine.
    const env = { DENO_DIR: `${folder}/cache`, NO_COLOR: "1" };
    const { code, stderr } = await runCommand(Deno.execPath(), { folder, env }, ["cache", ...args, FUNCTION("one")]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Tarball checksum did not match");
  }));
