/**
 * The SQL files of a prepared database.
 *
 * @module
 */
import { hashOf } from "../../../project/hash.ts";
import { readPlatform } from "../../../project/database/database.ts";
import { readMigrations } from "../../../project/migrations.ts";

/**
 * Hashes the platform's files and the migrations, so that a prepared database is kept until one of them changes.
 *
 * @param more Further contents that the prepared database depends on.
 * @returns 16 hexadecimal digits.
 */
export async function hashDatabaseFiles(...more: string[]): Promise<string> {
  const migrations = (await readMigrations()).map(({ version, name, sql }) => [version, name, sql]);
  const parts = [await readPlatform("platform.sql"), await readPlatform("hosted_defaults.sql"), migrations, more];
  return (await hashOf(JSON.stringify(parts))).slice(0, 16);
}
