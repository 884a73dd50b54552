/**
 * Reads files that may not exist.
 *
 * @module
 */

/**
 * Reads a text file, if it exists.
 *
 * @param file The file.
 * @returns Its text; undefined if the file does not exist.
 * @throws {Error} If the file exists but cannot be read.
 */
export async function readIfThere(file: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
