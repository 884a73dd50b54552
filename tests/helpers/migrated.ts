/**
 * A migrated database for tests that hold on any PostgreSQL: a copy on the server that `deno task test` starts, or, where
 * PostgreSQL is not installed, an embedded one. To copy takes a tenth of the processor time that it takes to unpack, and
 * PostgreSQL runs each statement faster than WebAssembly does.
 *
 * @module
 */
import type { Database, DatabaseOptions } from "../../dev/database/database.ts";
import { openPostgres } from "../../dev/database/postgres.ts";
import { migratedFiles, openEmbedded } from "./embedded.ts";
import { createMigratedDatabase, hasServer } from "./postgres.ts";

/** A database with one connection, so that a test may begin a transaction with one statement and end it with another. */
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

/** What a stack opens, and how it is removed after the stack has stopped. */
export interface StackDatabase extends Pick<DatabaseOptions, "url" | "from"> {
  drop: () => Promise<void>;
}

/**
 * Makes a database with the platform and the migrations for a stack.
 *
 * @param options.embedded Whether it has to be an embedded one, as `deno task dev` has.
 */
export async function createStackDatabase({ embedded }: { embedded: boolean }): Promise<StackDatabase> {
  if (hasServer() && !embedded) return await createMigratedDatabase();
  return { from: await migratedFiles(), drop: () => Promise.resolve() };
}
