/**
 * Reads the migrations of a project.
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
 * Reads the migrations in the order of their versions.
 *
 * @param root The project's folder; the default is the repository.
 * @returns Every `<version>_<name>.sql`; none if the folder of migrations does not exist.
 */
export async function readMigrations(root: URL = ROOT): Promise<Migration[]> {
  const folder = new URL("supabase/migrations/", root);
  const migrations: Migration[] = [];
  for (const file of await namesIn(folder)) {
    const [, version, name] = /^(\d+)_(.+)\.sql$/.exec(file) ?? [];
    if (version && name) migrations.push({ version, name, sql: await Deno.readTextFile(new URL(file, folder)) });
  }
  return migrations.sort((a, b) => a.version < b.version ? -1 : 1);
}

async function namesIn(folder: URL): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
