/**
 * Applies a mutation to a copy of the project.
 *
 * @module
 */
import { editsOf, locate, type Mutation } from "./mutation.ts";

/**
 * Applies a mutation, runs a function, and restores the project.
 *
 * @param root The copy of the project.
 * @param mutation The mutation.
 * @param run The function to run.
 * @returns The result of `run`.
 */
export async function withMutation<T>(root: URL, mutation: Mutation, run: () => Promise<T>): Promise<T> {
  const originals = new Map<string, string>();
  try {
    for (const edit of editsOf(mutation)) {
      const { path, text } = await locate(root, edit);
      if (!originals.has(path)) originals.set(path, text);
      await Deno.writeTextFile(new URL(path, root), text.replace(edit.find, () => edit.replace));
    }
    return await run();
  } finally {
    for (const [path, text] of originals) await Deno.writeTextFile(new URL(path, root), text);
  }
}
