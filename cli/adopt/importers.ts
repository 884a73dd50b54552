/**
 * Finds the files that import files which are about to be deleted.
 *
 * @module
 */
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Finds files of a project's functions that refer to any of the given files, by a relative path or through an import
 * map.
 *
 * @param root The project.
 * @param files Paths from the project's folder.
 * @param isTheirs Returns whether to search a file.
 * @returns The paths of the files that refer to one of them, sorted.
 */
export async function findImporters(
  root: URL,
  files: ReadonlySet<string>,
  isTheirs: (path: string) => boolean,
): Promise<string[]> {
  // Paths instead of URLs, because file names may contain any character.
  const base = fileURLToPath(root);
  const sources = new Map<string, string>();
  for (const path of await sourcesBelow(base, "supabase/functions/")) {
    if (isTheirs(path)) sources.set(path, await Deno.readTextFile(join(base, path)));
  }
  const prefixes = [...sources].flatMap(([path, text]) => prefixesOf(path, text));
  const names = (path: string, specifier: string) =>
    /^\.\.?\//.test(specifier)
      ? files.has(posix.join(posix.dirname(path), specifier))
      : prefixes.some(([prefix, folder]) =>
        specifier.startsWith(prefix) && files.has(specifier.replace(prefix, folder))
      );
  return [...sources].filter(([path, text]) => text.split(/["'\n]/).some((one) => names(path, one)))
    .map(([path]) => path).sort();
}

/** The folders that an import map gives to prefixes. The map itself imports nothing; only the files that use it do. */
function prefixesOf(path: string, text: string): Array<[prefix: string, folder: string]> {
  if (!/\.jsonc?$/.test(path)) return [];
  const entries = text.matchAll(/"([^"\n]+\/)"\s*:\s*"(\.\.?\/(?:[^"\n]*\/)?)"/g);
  return [...entries].map(([, prefix, folder]) => [prefix!, posix.join(posix.dirname(path), folder!)]);
}

async function sourcesBelow(base: string, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(base, folder))) {
    if (isDirectory && name !== "node_modules") paths.push(...await sourcesBelow(base, `${folder}${name}/`));
    else if (/\.([mc]?[jt]s|[jt]sx|jsonc?)$/.test(name)) paths.push(folder + name);
  }
  return paths;
}
