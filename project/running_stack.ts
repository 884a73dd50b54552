/**
 * Announces a running stack to the commands of `cli/`: in a file with its URL and keys that only this user can read.
 *
 * @module
 */
import { isIP } from "node:net";
import { isLoopback } from "../supabase/functions/_clerk-supabase/config.ts";
import { makeStateFolder, stateFolder } from "./find_project.ts";
import { readIfThere } from "./read_if_there.ts";

const fileOf = (project: URL) => new URL("local-stack.json", stateFolder(project));

/**
 * Announces a stack.
 *
 * @param project The project's folder.
 * @param variables The variables of its functions, including keys.
 */
export async function announceStack(project: URL, variables: Record<string, string>): Promise<void> {
  await makeStateFolder(project);
  // An existing file would keep its mode.
  await remove(project);
  await Deno.writeTextFile(fileOf(project), JSON.stringify(variables), { mode: 0o600, createNew: true });
}

/**
 * Removes the announcement, unless another stack was started since.
 *
 * @param project The project's folder.
 * @param variables The announced variables.
 */
export async function withdrawStack(project: URL, variables: Record<string, string>): Promise<void> {
  if ((await read(project))?.SUPABASE_URL === variables.SUPABASE_URL) await remove(project);
}

async function remove(project: URL): Promise<void> {
  try {
    await Deno.remove(fileOf(project));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Finds the running stack of a project, the last one if there are several.
 *
 * @param project The project's folder.
 * @returns Its variables; undefined if none is running. A file that names another machine is ignored: `dev` did not
 * write it, and commands would send keys there.
 */
export async function readRunningStack(project: URL): Promise<Record<string, string> | undefined> {
  const variables = await read(project);
  return isOnThisMachine(variables?.SUPABASE_URL ?? "") ? variables : undefined;
}

async function read(project: URL): Promise<Record<string, string> | undefined> {
  const text = await readIfThere(fileOf(project));
  return text === undefined ? undefined : JSON.parse(text);
}

/** Whether the URL's host is an address of this machine: `dev --host` may use one that is not the loopback. */
function isOnThisMachine(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? "";
  if (isLoopback(host)) return true;
  const hostname = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(hostname) === 0) return false;
  try {
    // The system lets a program listen on the machine's own addresses only.
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}
