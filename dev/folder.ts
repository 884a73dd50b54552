/**
 * Locks the folder of `--persist`.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** Another stack uses the folder. */
export class FolderTakenError extends Error {
  override name = "FolderTakenError";
}

/** Milliseconds to wait for a stack that is shutting down. */
const LOCK_WAIT_MS = 3_000;

/**
 * Locks the folder for the lifetime of this process.
 *
 * @param folder The folder.
 * @throws {FolderTakenError} If another process holds the lock.
 */
export async function claimFolder(folder: URL): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const file = await Deno.open(new URL("lock", folder), { create: true, write: true });
  let timer;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new FolderTakenError(`Cannot use ${fileURLToPath(folder)}: another stack is using it`)),
      LOCK_WAIT_MS,
    );
  });
  await Promise.race([file.lock(true), timeout]);
  clearTimeout(timer);
}
