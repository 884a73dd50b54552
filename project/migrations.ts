/**
 * The migrations of a project.
 *
 * @module
 */
import { ROOT } from "./root.ts";

/** A migration file. */
export interface Migration {
  version: string;
  name: string;
  sql: string;
}

/**
 * Reads the migrations in the order in which they apply.
 *
 * @param root The repository.
 * @returns Every `<version>_<name>.sql`.
 */
export async function readMigrations(root: URL = ROOT): Promise<Migration[]> {
  const folder = new URL("supabase/migrations/", root);
  const migrations: Migration[] = [];
  for await (const file of Deno.readDir(folder)) {
    const [, version, name] = /^(\d+)_(.+)\.sql$/.exec(file.name) ?? [];
    if (version && name) migrations.push({ version, name, sql: await Deno.readTextFile(new URL(file.name, folder)) });
  }
  return migrations.sort((a, b) => a.version < b.version ? -1 : 1);
}
