/**
 * Hashes our migrations. An applied migration must never change, so a test compares each with its recorded hash.
 *
 * @module
 */
import { hashOf } from "../../project/hash.ts";
import { readMigrations } from "../../project/migrations.ts";

/** The file of the hashes. It is not in `supabase/`, because adopters do not need it. */
export const HASHES = new URL("./hashes.json", import.meta.url);

/** SHA-256 by the migration's file name. */
export type Hashes = Readonly<Record<string, string>>;

/**
 * Hashes the current migrations.
 *
 * @returns The hashes, in the order of the versions.
 */
export async function hashMigrations(): Promise<Hashes> {
  const migrations = await readMigrations();
  const pairs = migrations.map(async ({ version, name, sql }) =>
    [`${version}_${name}.sql`, await hashOf(sql)] as const
  );
  return Object.fromEntries(await Promise.all(pairs));
}

/**
 * Reads the recorded hashes.
 *
 * @returns The hashes.
 */
export async function readHashes(): Promise<Hashes> {
  return JSON.parse(await Deno.readTextFile(HASHES));
}

/**
 * Compares migrations with the recorded hashes.
 *
 * @param recorded The recorded hashes.
 * @param current The current hashes.
 * @returns A line for each migration that is changed, missing or not recorded.
 */
export function compareHashes(recorded: Hashes, current: Hashes): string[] {
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(current)])].sort();
  return names.filter((name) => recorded[name] !== current[name]).map((name) => {
    if (recorded[name] === undefined) return `${name} is not recorded`;
    return current[name] === undefined ? `${name} is gone` : `${name} has changed`;
  });
}

/**
 * Finds changes that must not be recorded: migrations of released versions have been applied by users.
 *
 * @param recorded The recorded hashes.
 * @param current The current hashes.
 * @param released The migrations' file names of every released version.
 * @returns A line for each released migration that is changed or missing.
 */
export function findForbidden(recorded: Hashes, current: Hashes, released: ReadonlySet<string>): string[] {
  return compareHashes(recorded, current).filter((line) => released.has(line.split(" ")[0]!));
}
