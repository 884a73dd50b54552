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

/** Which files to list. */
interface TrackedOptions {
  /** Whether files are listed that git would track; true by default. */
  isNewIncluded?: boolean;
  /** The repository; this one by default. */
  root?: URL;
}

/** Returns the files that git tracks, or would track. */
export async function trackedFiles({ isNewIncluded = true, root = ROOT }: TrackedOptions = {}): Promise<string[]> {
  const others = isNewIncluded ? ["--others", "--exclude-standard"] : [];
  const list = await git(["ls-files", "-z", "--cached", ...others], { root });
  const files = list.split("\0").filter((file) => file !== "");
  const there = await Promise.all(files.map(async (file) => await isThere(new URL(file, root)) ? [file] : []));
  return there.flat();
}

/** Returns the given paths that git ignores, such as generated files. */
export async function ignoredFiles(paths: readonly string[]): Promise<string[]> {
  return paths.length === 0 ? [] : (await git(["check-ignore", "--", ...paths], { expected: [0, 1] })).split("\n");
}

async function git(args: string[], { expected = [0], root = ROOT } = {}): Promise<string> {
  const { code, stdout } = await new Deno.Command("git", { args, cwd: root }).output();
  if (!expected.includes(code)) throw new Error(`Cannot list the project's files: git ${args[0]} failed`);
  return new TextDecoder().decode(stdout);
}

/** Filters out deleted files, which git tracks until the deletion is committed. */
async function isThere(file: URL): Promise<boolean> {
  try {
    await Deno.lstat(file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
