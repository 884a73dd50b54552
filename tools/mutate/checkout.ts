/**
 * A copy of the project in a temporary folder, for one mutation at a time.
 *
 * @module
 */
import { ROOT } from "../../project/project.ts";
import { editsOf, locate, type Mutation } from "./mutation.ts";

/** A copy of the project. */
export interface Checkout {
  root: URL;
  remove: () => Promise<void>;
}

/** Copies what git tracks or would track into a temporary folder, which is a repository too: some tests ask git. */
export async function checkOut(): Promise<Checkout> {
  const folder = await Deno.makeTempDir({ prefix: "mutate-" });
  const root = new URL(`file://${folder}/`);
  const list = await git(["ls-files", "-z", "--cached", "--others", "--exclude-standard"], ROOT);
  for (const file of list.split("\0").filter((path) => path !== "")) {
    const target = new URL(file, root);
    await Deno.mkdir(new URL(".", target), { recursive: true });
    // A file that is deleted but not committed yet is still tracked.
    await Deno.copyFile(new URL(file, ROOT), target).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  await git(["init", "--quiet"], root);
  return { root, remove: () => Deno.remove(folder, { recursive: true }) };
}

async function git(args: string[], cwd: URL): Promise<string> {
  const { success, stdout } = await new Deno.Command("git", { args, cwd }).output();
  if (!success) throw new Error(`Cannot copy the project: git ${args[0]} failed`);
  return new TextDecoder().decode(stdout);
}

/**
 * Runs something on the mutated project, and restores the project afterwards.
 *
 * @param root The copy of the project.
 * @param mutation The mutation.
 * @param run What to run.
 * @returns What `run` returns.
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
