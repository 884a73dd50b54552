/**
 * The database of the local stack: embedded PGlite, or a PostgreSQL server.
 *
 * @module
 */
import type { Database, DatabaseOptions } from "./connection.ts";
import type { EmbeddedDatabase } from "./pglite.ts";
import { type Migration, readMigrations } from "../migrations.ts";
import { ProjectError } from "../errors.ts";

/** Runs statements and queries as the owner. */
export type Owner = Pick<Database, "script" | "query">;

/** The SQL files that imitate the platform: its whole set-up, or only its default privileges. */
export type PlatformFile = "platform.sql" | "hosted_defaults.sql";

/**
 * Opens the database, sets up the platform's part, and applies the pending migrations.
 *
 * @param options Which database.
 * @returns The open database.
 */
export async function openDatabase({ root, url, folder, from }: DatabaseOptions = {}): Promise<Database> {
  // Imported on demand, because each takes long to load.
  const database = url
    ? (await import("./postgres.ts")).openPostgres(url)
    : await (await import("./pglite.ts")).openPglite({ folder, from });
  await prepare(database, root);
  return database;
}

/**
 * Opens a new embedded database in memory.
 *
 * @param root The project's folder.
 * @returns The database, with the project's migrations.
 */
export async function openMigrated(root: URL): Promise<EmbeddedDatabase> {
  const database = await (await import("./pglite.ts")).openPglite();
  await prepare(database, root);
  return database;
}

/**
 * Sets up the platform's part of a database, and applies the pending migrations.
 *
 * @param database The database, new or prepared before.
 * @param root The project's folder; the repository unless given.
 */
export async function prepare(database: Owner, root?: URL): Promise<void> {
  await database.script(await readPlatform("platform.sql"));
  await database.script(await readPlatform("hosted_defaults.sql"));
  await migrate(database, root);
}

/**
 * Reads one of the SQL files that imitate the platform.
 *
 * @param name The file.
 * @returns The SQL, which can run repeatedly.
 */
export function readPlatform(name: PlatformFile): Promise<string> {
  return Deno.readTextFile(new URL(name, import.meta.url));
}

/**
 * Applies the pending migrations.
 *
 * @param database The database.
 * @param root The project's folder; the repository unless given.
 */
export async function migrate({ script, query }: Owner, root?: URL): Promise<void> {
  // The Supabase CLI's own table, so that the CLI and this function see each other's migrations.
  await script(`
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
  `);
  const rows = await query("select version from supabase_migrations.schema_migrations");
  const applied = new Set(rows.map(({ version }) => version));
  for (const migration of await readMigrations(root)) {
    if (!applied.has(migration.version)) await apply(script, migration);
  }
}

/** Runs a migration as one string, which PostgreSQL treats as one transaction. */
async function apply(script: Database["script"], { version, name, sql }: Migration): Promise<void> {
  try {
    await script(`${sql};
      insert into supabase_migrations.schema_migrations (version, name) values ('${version}', '${name}');`);
  } catch (error) {
    throw new ProjectError(`Cannot apply supabase/migrations/${version}_${name}.sql: ${(error as Error).message}`);
  }
}
