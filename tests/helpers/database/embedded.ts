/**
 * Embedded databases that start from packed files: creating and migrating one takes seven seconds of CPU time,
 * unpacking one takes less than two. The packed files are in `.cache`, created once for all test processes.
 *
 * @module
 */
import type { Database } from "../../../project/database/connection.ts";
import { openDatabase, prepare } from "../../../project/database/database.ts";
import { openPglite, PGLITE_PACKAGE } from "../../../project/database/pglite.ts";
import { ROOT } from "../../../project/root.ts";
import { hashDatabaseFiles } from "./database_files.ts";

/** Opens an embedded database with the platform and the migrations. */
export async function openEmbedded(): Promise<Database> {
  return await openDatabase({ from: await migratedFiles() });
}

/** Returns the packed files of a database with the platform and the migrations, for `openDatabase({ from })`. */
export function migratedFiles(): Promise<Blob> {
  return packedOnce({ name: "migrated", madeBy: [PGLITE_PACKAGE] }, async () => {
    const database = await openPglite();
    try {
      await prepare(database);
      return await database.pack();
    } finally {
      await database.close();
    }
  });
}

/** The identity of packed files. */
export interface Packed {
  /** Distinguishes them from other packed files. */
  name: string;
  /** The packages that created them, with their versions. */
  madeBy: readonly string[];
}

/**
 * Returns packed files from `.cache`, and creates them first if they are missing or their SQL has changed.
 *
 * @param packed Their name, and the packages that they depend on.
 * @param pack Creates them.
 * @param folder The folder that keeps them.
 * @returns The packed files.
 */
export async function packedOnce(
  { name, madeBy }: Packed,
  pack: () => Promise<Blob>,
  folder: URL = new URL(".cache/databases/", ROOT),
): Promise<Blob> {
  const file = `${name}-${await hashDatabaseFiles(...madeBy)}.tar.gz`;
  const path = new URL(file, folder);
  return await readPacked(path) ?? await alone(new URL(`${name}.lock`, folder), async () => {
    // Another process may have created them while this one waited.
    const made = await readPacked(path);
    if (made) return made;
    await removeOlder(folder, name);
    const packed = await pack();
    // Another process must never see half a file.
    const draft = new URL(`${file}.draft`, folder);
    await Deno.writeFile(draft, packed.stream());
    await Deno.rename(draft, path);
    return packed;
  });
}

async function readPacked(path: URL): Promise<Blob | undefined> {
  try {
    return new Blob([await Deno.readFile(path)], { type: "application/x-gzip" });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Runs a function while no other process holds the lock; the system releases the lock of a process that ends. */
async function alone<T>(lock: URL, run: () => Promise<T>): Promise<T> {
  await Deno.mkdir(new URL(".", lock), { recursive: true });
  using file = await Deno.open(lock, { create: true, write: true });
  await file.lock(true);
  return await run();
}

/** Removes the files of earlier versions of the SQL, and the draft of a process that was killed. */
async function removeOlder(folder: URL, name: string): Promise<void> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.startsWith(`${name}-`)) await Deno.remove(new URL(entry.name, folder));
  }
}
