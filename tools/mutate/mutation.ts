/**
 * Mutations, and checks of their list.
 *
 * @module
 */

/** A replacement of one text in one file. */
export interface Edit {
  /**
   * The path from the root. A folder, with a slash at its end, stands for the only file in it that contains the text.
   */
  file: string;
  /** The exact text, which must occur once. */
  find: string;
  replace: string;
}

/** A test that a document links to. */
export interface NamedTest {
  file: string;
  name: string;
}

/** A change that removes or weakens a guarantee, and the test that a document names for it. */
export interface Mutation extends Edit {
  id: string;
  test: NamedTest;
  /** Another edit, which removes a second defence that would hide the mutation. */
  also?: Edit;
}

/**
 * Returns a mutation's edits.
 *
 * @param mutation The mutation.
 */
export function editsOf({ file, find, replace, also }: Mutation): Edit[] {
  return [{ file, find, replace }, ...also ? [also] : []];
}

/**
 * Finds the file that an edit changes.
 *
 * @param root The project.
 * @param edit The edit.
 * @returns The file's path from the root, and its text.
 * @throws {Error} If the text does not occur exactly once.
 */
export async function locate(root: URL, { file, find }: Edit): Promise<{ path: string; text: string }> {
  const paths = file.endsWith("/") ? await filesIn(root, file) : [file];
  const read = async (path: string) => ({ path, text: await Deno.readTextFile(new URL(path, root)) });
  const found = (await Promise.all(paths.map(read))).flatMap((candidate) =>
    Array<typeof candidate>(candidate.text.split(find).length - 1).fill(candidate)
  );
  if (found.length === 1) return found[0]!;
  throw new Error(`Cannot mutate ${file}: found ${found.length} times, expected once: ${find}`);
}

async function filesIn(root: URL, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isFile } of Deno.readDir(new URL(folder, root))) if (isFile) paths.push(folder + name);
  return paths;
}

/**
 * Returns the faults of a list.
 *
 * @param root The project.
 * @param mutations The list.
 * @returns A line for each repeated id, each text that does not occur once, and each test that no document links to.
 */
export async function findListFaults(root: URL, mutations: readonly Mutation[]): Promise<string[]> {
  const pages = await readDocuments(root);
  const ids = mutations.map(({ id }) => id);
  const faults = ids.filter((id, index) => ids.indexOf(id) < index).map((id) => `${id}: this id occurs twice`);
  for (const mutation of mutations) {
    for (const edit of editsOf(mutation)) {
      await locate(root, edit).catch((error) => faults.push(`${mutation.id}: ${error.message}`));
    }
    if (!isLinked(pages, mutation.test)) {
      faults.push(`${mutation.id}: no document links to "${mutation.test.name}" in ${mutation.test.file}`);
    }
  }
  return faults;
}

/** Returns README.md, SECURITY.md and the pages of `docs/`, each as one line. */
async function readDocuments(root: URL): Promise<string[]> {
  const paths = ["README.md", "SECURITY.md"];
  for (const folder of ["docs/", "docs/adr/", "docs/recipes/"]) {
    paths.push(...(await filesIn(root, folder)).filter((path) => path.endsWith(".md")));
  }
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(new URL(path, root))));
  return texts.map((text) => text.replaceAll(/\s+/g, " "));
}

/** Returns whether a page has a link to the test, with its name as text or title. */
function isLinked(pages: readonly string[], { file, name }: NamedTest): boolean {
  return pages.some((page) =>
    ["", "../", "../../"].some((up) =>
      page.includes(`[${name}](${up}${file})`) || page.includes(`(${up}${file} "${name}")`)
    )
  );
}
