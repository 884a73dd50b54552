/**
 * Where a running stack can be found by the commands of `cli/`: a file with its URL and keys, for this user alone.
 *
 * @module
 */
import { makeStateFolder, stateFolder } from "./find_project.ts";
import { readIfThere } from "./read_if_there.ts";

const fileOf = (project: URL) => new URL("local-stack.json", stateFolder(project));

/**
 * Tells the commands of the stack.
 *
 * @param project The project's folder.
 * @param variables What the stack gives its functions, keys included.
 */
export async function announceStack(project: URL, variables: Record<string, string>): Promise<void> {
  await makeStateFolder(project);
  // A file that is there already would keep its mode.
  await remove(project);
  await Deno.writeTextFile(fileOf(project), JSON.stringify(variables), { mode: 0o600, createNew: true });
}

/**
 * Takes that back, unless another stack was started since.
 *
 * @param project The project's folder.
 * @param variables What was announced.
 */
export async function withdrawStack(project: URL, variables: Record<string, string>): Promise<void> {
  if ((await readRunningStack(project))?.SUPABASE_URL === variables.SUPABASE_URL) await remove(project);
}

async function remove(project: URL): Promise<void> {
  try {
    await Deno.remove(fileOf(project));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Finds the stack of a project that was started last.
 *
 * @param project The project's folder.
 * @returns Its variables, or undefined if none runs.
 */
export async function readRunningStack(project: URL): Promise<Record<string, string> | undefined> {
  const text = await readIfThere(fileOf(project));
  return text === undefined ? undefined : JSON.parse(text);
}
