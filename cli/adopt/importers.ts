/**
 * Who needs files that are about to be deleted.
 *
 * @module
 */

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
  const found: string[] = [];
  for (const path of await sourcesBelow(root, "supabase/functions/")) {
    if (!isTheirs(path)) continue;
    const file = new URL(path, root);
    const text = await Deno.readTextFile(file);
    const named = [...text.matchAll(/["'](\.\.?\/[^"'\n]+)["']/g)].map(([, specifier]) =>
      new URL(specifier!, file).href
    );
    if (named.some((href) => href.startsWith(root.href) && files.has(href.slice(root.href.length)))) found.push(path);
  }
  return found.sort();
}

async function sourcesBelow(root: URL, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (isDirectory && name !== "node_modules") paths.push(...await sourcesBelow(root, `${folder}${name}/`));
    else if (/\.(ts|tsx|js|jsx|mjs|json|jsonc)$/.test(name)) paths.push(folder + name);
  }
  return paths;
}
