/**
 * Lists the files of this repository.
 *
 * @module
 */
import { ROOT } from "./root.ts";

/** Returns the paths of the files below a folder, relative to the root. */
export async function filesBelow(folder: string, ending: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (isDirectory) files.push(...await filesBelow(`${folder}${name}/`, ending));
    else if (name.endsWith(ending)) files.push(folder + name);
  }
  return files;
}

/** Returns the files that git tracks, or would track. */
export async function trackedFiles(): Promise<string[]> {
  const list = await git(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  const files = list.split("\0").filter((file) => file !== "");
  const there = await Promise.all(files.map(async (file) => await isThere(file) ? [file] : []));
  return there.flat();
}

/** Returns the given paths that git ignores, such as generated files. */
export async function ignoredFiles(paths: readonly string[]): Promise<string[]> {
  return paths.length === 0 ? [] : (await git(["check-ignore", "--", ...paths], [0, 1])).split("\n");
}

async function git(args: string[], expected = [0]): Promise<string> {
  const { code, stdout } = await new Deno.Command("git", { args, cwd: ROOT }).output();
  if (!expected.includes(code)) throw new Error(`Cannot list the project's files: git ${args[0]} failed`);
  return new TextDecoder().decode(stdout);
}

/** Filters out deleted files, which git tracks until the deletion is committed. */
async function isThere(file: string): Promise<boolean> {
  try {
    await Deno.lstat(new URL(file, ROOT));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
