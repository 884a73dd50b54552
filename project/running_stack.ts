/**
 * Where a running stack can be found by the commands of `cli/`: a file with its URL and keys, for this user alone.
 *
 * @module
 */
import { ROOT } from "./root.ts";
import { readIfThere } from "./read_if_there.ts";

const FILE = new URL(".cache/local-stack.json", ROOT);

/**
 * Tells the commands of the stack.
 *
 * @param variables What the stack gives its functions, keys included.
 */
export async function announceStack(variables: Record<string, string>): Promise<void> {
  await Deno.mkdir(new URL(".", FILE), { recursive: true });
  // A file that is there already would keep its mode.
  await remove();
  await Deno.writeTextFile(FILE, JSON.stringify(variables), { mode: 0o600, createNew: true });
}

/**
 * Takes that back, unless another stack was started since.
 *
 * @param variables What was announced.
 */
export async function withdrawStack(variables: Record<string, string>): Promise<void> {
  if ((await readRunningStack())?.SUPABASE_URL === variables.SUPABASE_URL) await remove();
}

async function remove(): Promise<void> {
  try {
    await Deno.remove(FILE);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Finds the stack that was started last.
 *
 * @returns Its variables, or undefined where none runs.
 */
export async function readRunningStack(): Promise<Record<string, string> | undefined> {
  const text = await readIfThere(FILE);
  return text === undefined ? undefined : JSON.parse(text);
}
