/**
 * The files of the project.
 *
 * @module
 */

/** The root of the repository. */
export const ROOT = new URL("../../", import.meta.url);

/** The paths of the files below a folder, from the root. */
export async function filesBelow(folder: string, ending: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (isDirectory) files.push(...await filesBelow(`${folder}${name}/`, ending));
    else if (name.endsWith(ending)) files.push(folder + name);
  }
  return files;
}
