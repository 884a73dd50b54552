/**
 * `add --restore`: which files it restores, and the warning that suggests it.
 *
 * @module
 */
import { findGatewayFault } from "../../project/adopted/verify_jwt.ts";
import { isBlock } from "../../project/adopted/folder.ts";
import { readProject } from "../../project/project.ts";
import { ProjectError } from "../../project/errors.ts";

/**
 * Returns whether a file holds settings without which the bundle's functions do not start or are not reached: its
 * blocks in the adopter's files, an import map, or a function's `deno.json`.
 *
 * @param path The path of a file or block of the bundle.
 * @returns Whether it holds such settings.
 */
export function isSettings(path: string): boolean {
  return isBlock(path) || /^supabase\/functions\/[^/]+\/(?:deno|import_map)\.json$/.test(path);
}

/**
 * Returns a warning if the platform refuses the callers of the bundle's functions.
 *
 * @param root The project.
 * @param functions The bundle's functions in this project.
 * @returns Lines; none if there is no fault.
 */
export async function describeGateway(root: URL, functions: readonly string[]): Promise<string[]> {
  try {
    const found = findGatewayFault(await readProject(root), functions, true);
    return found ? ["", `WARNING: ${found.fault}`, `→ ${found.fix}`] : [];
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error;
    return ["", `WARNING: ${error.message}`];
  }
}
