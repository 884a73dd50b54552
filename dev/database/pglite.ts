/**
 * PostgreSQL in this process.
 *
 * @module
 */
import { createPgliteConnection } from "@supabase/lite/pglite";
import type { Database } from "./database.ts";

/**
 * Opens PGlite.
 *
 * @param folder Where it keeps its files; in memory if undefined.
 * @returns The database, bare.
 */
export async function openPglite(folder: string | undefined): Promise<Database> {
  const connection = await createPgliteConnection(folder ? { url: folder } : {});
  return {
    connection,
    script: (sql) => connection.driver.exec(sql),
    query: async (sql, parameters = []) =>
      (await connection.driver.query<Record<string, unknown>>(sql, [...parameters])).rows,
    close: () => connection.close(),
  };
}
