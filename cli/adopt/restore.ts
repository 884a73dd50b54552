/**
 * `add --restore`: what it writes again, and what tells people to use it.
 *
 * @module
 */
import { findGatewayFault } from "../../project/adopted/verify_jwt.ts";
import { isBlock } from "../../project/adopted/folder.ts";
import { readProject } from "../../project/project.ts";
import { ProjectError } from "../../project/errors.ts";

/**
 * Whether a file of the bundle holds settings without which its functions do not start or are not reached: its lines in
 * files of the adopter's, an import map, and a function's `deno.json`.
 *
 * @param path The path of a file or block of the bundle.
 * @returns Whether it does.
 */
export function isSettings(path: string): boolean {
  return isBlock(path) || /^supabase\/functions\/[^/]+\/(?:deno|import_map)\.json$/.test(path);
}

/**
 * Warns if the platform refuses the callers of the bundle's functions.
 *
 * @param root The project.
 * @param functions The functions of the bundle that it has.
 * @returns Lines; none if nothing is wrong.
 */
export async function describeGateway(root: URL, functions: readonly string[]): Promise<string[]> {
  try {
    const found = findGatewayFault(await readProject(root), functions, true);
    return found ? ["", `WARNING: ${found.fault}`, `→ ${found.fix}`] : [];
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error;
    // The other lines quote the file.
    return ["", `WARNING: ${error.message.split("\n")[0]}`];
  }
}
