/**
 * The database of the local stack: PGlite, embedded, or the PostgreSQL that an address names.
 *
 * @module
 */
import type { Connection } from "@supabase/lite";
import { type Migration, ProjectError, readMigrations } from "../project.ts";

/** A database that is open. */
export interface Database {
  /** What the Data API runs on. */
  connection: Connection;
  /** Runs what uses the connection; alone, where all the world shares the one connection. */
  use: <T>(run: () => Promise<T>) => Promise<T>;
  /** Runs a query as the owner. */
  query: (sql: string, parameters?: readonly unknown[]) => Promise<Array<Record<string, unknown>>>;
  /** Runs several statements as the owner. */
  script: (sql: string) => Promise<unknown>;
  close: () => Promise<void>;
}

/** Which database to open. */
export interface DatabaseOptions {
  /** A PostgreSQL to use, `postgresql://…`. */
  url?: string | undefined;
  /** Where PGlite keeps its files; in memory if undefined. */
  folder?: string | undefined;
}

/**
 * Opens the database, brings what the platform would bring, and applies the migrations that are not applied yet.
 *
 * @param options Which database.
 * @returns The open database.
 */
export async function openDatabase({ url, folder }: DatabaseOptions = {}): Promise<Database> {
  // Loaded when chosen: either takes its time.
  const database = url
    ? (await import("./postgres.ts")).openPostgres(url)
    : await (await import("./pglite.ts")).openPglite(folder);
  await runFile(database, "platform.sql");
  await runFile(database, "hosted_defaults.sql");
  await migrate(database);
  return database;
}

async function runFile({ script }: Database, name: string): Promise<void> {
  await script(await Deno.readTextFile(new URL(name, import.meta.url)));
}

/**
 * Applies the migrations that are not applied yet.
 *
 * @param database Runs statements and queries as the owner.
 */
export async function migrate({ script, query }: Pick<Database, "script" | "query">): Promise<void> {
  // The Supabase CLI's own table, so that each knows what the other applied.
  await script(`
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
  `);
  const rows = await query("select version from supabase_migrations.schema_migrations");
  const applied = new Set(rows.map(({ version }) => version));
  for (const migration of await readMigrations()) {
    if (!applied.has(migration.version)) await apply(script, migration);
  }
}

/** Several statements in one string are one transaction: a migration applies whole or not at all. */
async function apply(script: Database["script"], { version, name, sql }: Migration): Promise<void> {
  try {
    await script(`${sql};
      insert into supabase_migrations.schema_migrations (version, name) values ('${version}', '${name}');`);
  } catch (error) {
    throw new ProjectError(`Cannot apply supabase/migrations/${version}_${name}.sql: ${(error as Error).message}`);
  }
}
