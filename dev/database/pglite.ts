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
  const use = createQueue();
  return {
    connection,
    use,
    script: (sql) => use(() => connection.driver.exec(sql)),
    query: (sql, parameters = []) =>
      use(async () => (await connection.driver.query<Record<string, unknown>>(sql, [...parameters])).rows),
    close: () => connection.close(),
  };
}

/**
 * There is one connection, and `@supabase/lite` begins a transaction for each request on it: two at a time would
 * run in one transaction, under one role.
 */
function createQueue(): Database["use"] {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const turn = last.then(run);
    last = turn.catch(() => {});
    return turn;
  };
}
