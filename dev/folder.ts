/**
 * The folder of `--persist`.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** Another stack keeps its state there. */
export class FolderTakenError extends Error {
  override name = "FolderTakenError";
}

/** How long to wait for a stack that is ending, in milliseconds. */
const PATIENCE_MS = 3_000;

/**
 * Makes the folder this process's own, for as long as the process lives.
 *
 * @param folder The folder.
 * @throws {FolderTakenError} Where another process has it.
 */
export async function claimFolder(folder: URL): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const file = await Deno.open(new URL("lock", folder), { create: true, write: true });
  let timer;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new FolderTakenError(`Cannot use ${fileURLToPath(folder)}: another stack keeps its state there`)),
      PATIENCE_MS,
    );
  });
  await Promise.race([file.lock(true), patience]);
  clearTimeout(timer);
}
