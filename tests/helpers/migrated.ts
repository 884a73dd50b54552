/**
 * Creates a migrated database for tests that pass on any PostgreSQL: a copy on the server that `deno task test` starts,
 * or an embedded one if PostgreSQL is not installed. Copying takes a tenth of the CPU time of unpacking, and PostgreSQL
 * runs each statement faster than WebAssembly.
 *
 * @module
 */
import type { Database, DatabaseOptions } from "../../project/database/connection.ts";
import { openPostgres } from "../../project/database/postgres.ts";
import { migratedFiles, openEmbedded } from "./database/embedded.ts";
import { createMigratedDatabase, hasServer } from "./database/postgres.ts";

/** A database with one connection, so that a test can begin a transaction in one statement and end it in another. */
export type MigratedDatabase = Pick<Database, "query" | "script" | "close">;

/** Opens a database with the platform and the migrations. */
export async function openMigrated(): Promise<MigratedDatabase> {
  if (!hasServer()) return await openEmbedded();
  const { url, drop } = await createMigratedDatabase();
  const { query, script, close } = openPostgres(url, { connections: 1 });
  return {
    ...{ query, script },
    close: async () => {
      await close();
      await drop();
    },
  };
}

/** The address or files that a stack opens, and a function that drops the database after the stack has stopped. */
export interface StackDatabase extends Pick<DatabaseOptions, "url" | "from"> {
  drop: () => Promise<void>;
}

/**
 * Creates a database with the platform and the migrations for a stack.
 *
 * @param options.embedded Whether it must be an embedded one, as in `deno task dev`.
 */
export async function createStackDatabase({ embedded }: { embedded: boolean }): Promise<StackDatabase> {
  if (hasServer() && !embedded) return await createMigratedDatabase();
  return { from: await migratedFiles(), drop: () => Promise.resolve() };
}
