/** .githooks/pre-commit, as Git runs it: a commit with a fault is none, and what is staged is what counts. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { checkOut } from "../helpers/checkout.ts";
import { testsOf } from "../helpers/shared_test.ts";

const HANDLER = "supabase/functions/hello/handler.ts";
const TEST = "tests/unit/hello/handler_test.ts";

/** A machine that has Node and no deno: a PATH with an npx that knows `npx -y deno@…` and nothing else. */
async function pathWithNpx(folder: string): Promise<string> {
  const script = `#!/bin/sh\ncase "$1 $2" in "-y deno@"*) shift 2; exec "${Deno.execPath()}" "$@";; esac\nexit 9\n`;
  await Deno.writeTextFile(`${folder}/npx`, script, { mode: 0o755 });
  return `${folder}:/usr/bin:/bin`;
}

/** A repository with the hook switched on, as CONTRIBUTING.md says, and few tests. */
async function createRepository() {
  const folder = await checkOut();
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
  for await (const { name } of Deno.readDir(`${folder}/tests`)) {
    if (!["fixtures", "helpers", "project", "unit"].includes(name)) {
      await Deno.remove(`${folder}/tests/${name}`, { recursive: true });
    }
  }
  await keepOnly(`${folder}/tests/unit`, "hello");
  await keepOnly(`${folder}/tests/project`, "platform_test.ts");
  await git("init", "--quiet");
  const [, switchOn = ""] =
    /^(git config core\.hooksPath .*)$/m.exec(await Deno.readTextFile(`${folder}/CONTRIBUTING.md`)) ?? [];
  assert(
    (await git(...switchOn.split(" ").slice(1))).success,
    "CONTRIBUTING.md does not say how to switch the hook on",
  );
  return { folder, git };
}

async function keepOnly(folder: string, kept: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name !== kept) await Deno.remove(`${folder}/${name}`, { recursive: true });
  }
}

testsOf("")("the pre-commit hook lets a good commit pass, and none with a fault in what is staged", async () => {
  const { folder, git } = await createRepository();
  try {
    await git("add", "--all");
    const good = await git("commit", "--quiet", "--message", "Begin");
    assert(good.success, good.output);
    const faults: Array<[file: string, edit: (text: string) => string, said: string]> = [
      [HANDLER, (text) => text.replace("GET: async", "GET:   async"), "not formatted"],
      [HANDLER, (text) => `${text}\nconsole.log("noise");\n`, "no-console"],
      [HANDLER, (text) => `${text}\nexport const wrong: number = "text";\n`, "TS2322"],
      [TEST, (text) => text.replace("Hello, Ada!", "Hullo, Ada!"), "hello greets the user by first name"],
    ];
    for (const [file, edit, said] of faults) {
      const text = await Deno.readTextFile(`${folder}/${file}`);
      assert(edit(text) !== text, said);
      await Deno.writeTextFile(`${folder}/${file}`, edit(text));
      await git("add", file);
      // Mended in the folder only: that is not what would be committed.
      await Deno.writeTextFile(`${folder}/${file}`, text);
      const refused = await git("commit", "--message", "Break");
      assertEquals(refused.success, false, said);
      assertStringIncludes(refused.output, said);
      await git("add", file);
    }
    assertEquals((await git("rev-list", "--count", "HEAD")).output.trim(), "1");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
