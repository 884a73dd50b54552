/**
 * Imports TypeScript from the documentation unchanged.
 *
 * @module
 */
import { ROOT } from "../../../project/root.ts";

/**
 * Imports fenced TypeScript that needs only packages.
 *
 * @param code The code, from `documentedCode()`.
 * @returns The module.
 */
export async function importCode<T>(code: string): Promise<T> {
  // Written below the root, so that the import map applies.
  await Deno.mkdir(new URL(".cache/", ROOT), { recursive: true });
  const folder = await Deno.makeTempDir({ dir: new URL(".cache/", ROOT).pathname, prefix: "documented-" });
  try {
    await Deno.writeTextFile(`${folder}/module.ts`, code);
    return await import(`file://${folder}/module.ts`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
