/**
 * Who needs files that are about to be deleted.
 *
 * @module
 */
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Finds files of a project's functions that name one of some files by its relative path, in an import or as an import
 * map.
 *
 * @param root The project.
 * @param files Paths from there.
 * @param isTheirs Whether a file is one to look at.
 * @returns The paths of the files that name one.
 */
export async function findImporters(
  root: URL,
  files: ReadonlySet<string>,
  isTheirs: (path: string) => boolean,
): Promise<string[]> {
  // Not as URLs: people's files may have any name.
  const base = fileURLToPath(root);
  const found: string[] = [];
  for (const path of await sourcesBelow(base, "supabase/functions/")) {
    if (!isTheirs(path)) continue;
    const text = await Deno.readTextFile(join(base, path));
    const specifiers = [...text.matchAll(/["'](\.\.?\/[^"'\n]+)["']/g)].map(([, specifier]) => specifier!);
    if (specifiers.some((one) => files.has(posix.join(posix.dirname(path), one)))) found.push(path);
  }
  return found.sort();
}

async function sourcesBelow(base: string, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(base, folder))) {
    if (isDirectory && name !== "node_modules") paths.push(...await sourcesBelow(base, `${folder}${name}/`));
    else if (/\.(ts|tsx|js|jsx|mjs|json|jsonc)$/.test(name)) paths.push(folder + name);
  }
  return paths;
}
