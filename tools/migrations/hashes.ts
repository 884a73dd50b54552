/**
 * The hashes of our migrations: an applied migration must never change, so a test compares each with its hash here.
 *
 * @module
 */
import { hashOf } from "../../project/hash.ts";
import { readMigrations } from "../../project/migrations.ts";

/** Where the hashes are. Not in `supabase/`, because adopters do not need them. */
export const HASHES = new URL("./hashes.json", import.meta.url);

/** SHA-256 by the migration's file name. */
export type Hashes = Readonly<Record<string, string>>;

/**
 * Hashes the migrations as they are.
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
 * Compares migrations with what was recorded.
 *
 * @param recorded The recorded hashes.
 * @param current The hashes as they are.
 * @returns A line for each migration that changed, is gone, or is not recorded.
 */
export function compareHashes(recorded: Hashes, current: Hashes): string[] {
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(current)])].sort();
  return names.filter((name) => recorded[name] !== current[name]).map((name) => {
    if (recorded[name] === undefined) return `${name} is not recorded`;
    return current[name] === undefined ? `${name} is gone` : `${name} has changed`;
  });
}

/**
 * Finds what may not be recorded: a migration of a released version has been applied somewhere.
 *
 * @param recorded The recorded hashes.
 * @param current The hashes as they are.
 * @param released The migrations' file names of every released version.
 * @returns A line for each released migration that changed or is gone.
 */
export function findForbidden(recorded: Hashes, current: Hashes, released: ReadonlySet<string>): string[] {
  return compareHashes(recorded, current).filter((line) => released.has(line.split(" ")[0]!));
}
