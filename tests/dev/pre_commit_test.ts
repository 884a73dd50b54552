/** Runs .githooks/pre-commit through Git: it checks the staged files and rejects a commit with a fault. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { configArguments } from "../../project/jsr/config.ts";
import { checkOut } from "../../project/checkout.ts";
import { ROOT } from "../../project/root.ts";
import { removeDocExamples } from "../helpers/project/doc_examples.ts";
import { testsOf } from "../helpers/shared_test.ts";

const HANDLER = "supabase/functions/hello/handler.ts";
const TEST = "tests/unit/hello/handler_test.ts";

/** Returns the PATH of a machine with Node but without deno, whose npx supports only `npx -y deno@…`. */
async function pathWithNpx(folder: string): Promise<string> {
  const script = `#!/bin/sh\ncase "$1 $2" in "-y deno@"*) shift 2; exec "${Deno.execPath()}" "$@";; esac\nexit 9\n`;
  await Deno.writeTextFile(`${folder}/npx`, script, { mode: 0o755 });
  return `${folder}:/usr/bin:/bin`;
}

/** Returns the project's files that a module imports, including itself. */
async function modulesOf(file: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", ...await configArguments(), "--json", file],
    cwd: ROOT,
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: Array<{ specifier: string }> };
  const inside = modules.filter(({ specifier }) => specifier.startsWith(ROOT.href));
  return inside.map(({ specifier }) => specifier.slice(ROOT.href.length));
}

/** Creates a small project with one function and its test, which has all files that `deno task fast` checks. */
async function createProject(): Promise<string> {
  const modules = (await Promise.all(["supabase/functions/hello/index.ts", TEST, "tools/test/main.ts"].map(modulesOf)))
    .flat();
  const settings = ["deno.json", "deno.lock", "import_map.json", ".gitignore", ".githooks", "CONTRIBUTING.md"];
  const folder = await checkOut([
    ...modules,
    ...settings,
    "supabase/functions/hello",
    "project/jsr",
    "tools/test",
    "tools/fast.ts",
  ]);
  await removeDocExamples(folder, modules);
  for (const name of ["bench", "cli", "dev"]) {
    await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${name}/empty.ts`, "export {};\n");
  }
  await Deno.mkdir(`${folder}/tests/project`, { recursive: true });
  await Deno.writeTextFile(`${folder}/tests/project/one_test.ts`, 'Deno.test("one", () => {});\n');
  return folder;
}

/** Creates a repository with the hook enabled as CONTRIBUTING.md describes. */
async function createRepository() {
  const folder = await createProject();
  await Deno.mkdir(`${folder}/.cache`);
  const env = {
    PATH: await pathWithNpx(await Deno.makeTempDir({ dir: `${folder}/.cache` })),
    GIT_CONFIG_GLOBAL: "/dev/null",
    ...{ GIT_AUTHOR_NAME: "Ada", GIT_AUTHOR_EMAIL: "ada@example.com" },
    ...{ GIT_COMMITTER_NAME: "Ada", GIT_COMMITTER_EMAIL: "ada@example.com" },
    NO_COLOR: "1",
  };
  const git = async (...args: string[]) => {
    const { success, stdout, stderr } = await new Deno.Command("git", { args, cwd: folder, env }).output();
    return { success, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  };
  await git("init", "--quiet");
  const [, switchOn = ""] =
    /^(git config core\.hooksPath .*)$/m.exec(await Deno.readTextFile(`${folder}/CONTRIBUTING.md`)) ?? [];
  assert(
    (await git(...switchOn.split(" ").slice(1))).success,
    "CONTRIBUTING.md must say how to enable the hook",
  );
  return { folder, git };
}

/** Faults in one commit, each with a part of the message that reports it. */
const FAULTS: Array<[file: string, edit: (text: string) => string, said: string]> = [
  [HANDLER, (text) => text.replace("GET: async", "GET:   async"), "not formatted"],
  [HANDLER, (text) => `${text}\nconsole.log("noise");\n`, "no-console"],
  [HANDLER, (text) => `${text}\nexport const wrong: number = "text";\n`, "TS2322"],
  [TEST, (text) => text.replace("Hello, Ada!", "Hullo, Ada!"), "hello greets the user by first name"],
];

testsOf("")("the pre-commit hook accepts a good commit and rejects one with faults in staged files", async () => {
  const { folder, git } = await createRepository();
  try {
    await git("add", "--all");
    const good = await git("commit", "--quiet", "--message", "Begin");
    assert(good.success, good.output);
    const originals = new Map<string, string>();
    for (const [file, edit, said] of FAULTS) {
      const text = await Deno.readTextFile(`${folder}/${file}`);
      if (!originals.has(file)) originals.set(file, text);
      assert(edit(text) !== text, said);
      await Deno.writeTextFile(`${folder}/${file}`, edit(text));
    }
    await git("add", "--all");
    // The faults are fixed in the working tree only, not in the staged files.
    for (const [file, text] of originals) await Deno.writeTextFile(`${folder}/${file}`, text);
    const rejected = await git("commit", "--message", "Break");
    assertEquals(rejected.success, false);
    for (const [, , said] of FAULTS) assertStringIncludes(rejected.output, said);
    for (const step of ["fmt --check", "lint", "task check", "task test:fast"]) {
      assertStringIncludes(rejected.output, `deno ${step}: failed`);
    }
    assertEquals((await git("rev-list", "--count", "HEAD")).output.trim(), "1");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
