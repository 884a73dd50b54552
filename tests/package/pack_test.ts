/** Which files of the repository the npm package contains. */
import { assertEquals, assertRejects } from "@std/assert";
import { pathToFileURL } from "node:url";
import { runCommand } from "../../project/supabase_cli.ts";
import { filesToPack } from "../../tools/package/pack.ts";

/** Creates a repository with tracked, new and ignored files. */
async function withRepository(run: (folder: string, root: URL) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "pack-" });
  const git = async (...args: string[]) => assertEquals((await runCommand("git", { folder }, args)).code, 0);
  try {
    await Deno.mkdir(`${folder}/cli`);
    await git("init", "--quiet");
    for (const [path, text] of [["cli/main.ts", ""], ["other.ts", ""], [".gitignore", "*.log\n"]] as const) {
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    await git("add", ".");
    for (const path of ["cli/notes.txt", "cli/secret.log"]) await Deno.writeTextFile(`${folder}/${path}`, "private");
    await run(folder, pathToFileURL(`${folder}/`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the npm package contains no file that git does not track", () =>
  withRepository(async (_, root) => {
    assertEquals(await filesToPack(["cli"], root), ["cli/main.ts"]);
  }));

Deno.test("the npm package contains no file that a symbolic link leads to", () =>
  withRepository(async (folder, root) => {
    await Deno.remove(`${folder}/cli/main.ts`);
    await Deno.symlink(`${folder}/cli/secret.log`, `${folder}/cli/main.ts`);
    await assertRejects(() => filesToPack(["cli"], root), Error, "Cannot pack cli/main.ts: it is a symbolic link");
  }));
