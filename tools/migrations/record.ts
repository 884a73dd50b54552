/**
 * `deno task migrations`: records the hashes of the migrations. It refuses to record a changed migration of a
 * released version, which is one of a git tag.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ROOT } from "../../project/root.ts";
import { findForbidden, HASHES, hashMigrations, readHashes } from "./hashes.ts";

/** This version could not be installed, so its migrations were rewritten once, for 0.2.0. */
const NEVER_PUBLISHED = "v0.1.0";

async function git(...args: string[]): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command("git", { args, cwd: fileURLToPath(ROOT) }).output();
  if (!success) throw new Error(`Cannot run git ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

async function releasedMigrations(): Promise<Set<string>> {
  const tags = (await git("tag", "--list", "v*")).filter((tag) => tag !== NEVER_PUBLISHED);
  const files = await Promise.all(tags.map((tag) => git("ls-tree", "-r", "--name-only", tag, "supabase/migrations")));
  return new Set(files.flat().map((path) => path.replace("supabase/migrations/", "")));
}

async function record(): Promise<number> {
  const current = await hashMigrations();
  const forbidden = findForbidden(await readHashes(), current, await releasedMigrations());
  if (forbidden.length > 0) {
    // deno-lint-ignore no-console -- a command-line tool
    console.error(
      `Cannot record: a released migration must not change. Add a new migration instead.\n${forbidden.join("\n")}`,
    );
    return 1;
  }
  await Deno.writeTextFile(HASHES, `${JSON.stringify(current, null, 2)}\n`);
  return 0;
}

Deno.exit(await record());
