/**
 * Files that may be absent.
 *
 * @module
 */

/**
 * Reads a text file.
 *
 * @param file The file.
 * @returns Its text; undefined where there is none. Whatever else goes wrong is thrown.
 */
export async function readIfThere(file: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
