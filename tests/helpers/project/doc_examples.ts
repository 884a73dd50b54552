/**
 * Removes the examples in doc comments from a copy of the project.
 *
 * @module
 */

/** Code in a doc comment, which `deno test --doc` runs. */
const EXAMPLE = /^ *\* ```ts\n( *\*.*\n)*? *\* ```\n/gm;

/**
 * Removes the examples from the shared code of a copy whose fast tests run, because they run on the project itself.
 *
 * @param folder The folder of the copy.
 * @param files The files of the copy, by their paths in it.
 */
export async function removeDocExamples(folder: string, files: readonly string[]): Promise<void> {
  for (const file of files.filter((path) => /^supabase\/functions\/_clerk-supabase\/.*\.ts$/.test(path))) {
    const path = `${folder}/${file}`;
    await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replaceAll(EXAMPLE, ""));
  }
}
