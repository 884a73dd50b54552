/**
 * An embedded PostgreSQL, PGlite, in this process.
 *
 * @module
 */
import { createPgliteConnection } from "@supabase/lite/pglite";
import type { Database, DatabaseOptions } from "./connection.ts";
import { TIME_PARSERS } from "./times.ts";

/** The package of PGlite with its version. Packed files work only with the version that packed them. */
export const PGLITE_PACKAGE = import.meta.resolve("@supabase/lite/pglite");

/** An embedded database. */
export interface EmbeddedDatabase extends Database {
  /** Packs the files of the database, for `openPglite({ from })`. */
  pack: () => Promise<Blob>;
  /** Answers a message of PostgreSQL's wire protocol. Callers must hold the database with `use`. */
  exchange: (message: Uint8Array) => Promise<Uint8Array>;
}

/**
 * Opens PGlite.
 *
 * @param options The folder of PGlite's files, or the packed files to start from.
 * @returns The database. The platform's part and the migrations are missing unless the packed files contain them.
 */
export async function openPglite(
  { folder, from }: Pick<DatabaseOptions, "folder" | "from"> = {},
): Promise<EmbeddedDatabase> {
  const connection = await createPgliteConnection({
    ...(folder && { url: folder }),
    pgliteOptions: { parsers: TIME_PARSERS, ...(from && { loadDataDir: from }) },
  });
  const use = createQueue();
  return {
    connection,
    use,
    script: (sql) => use(() => connection.driver.exec(sql)),
    query: (sql, parameters = []) =>
      use(async () => (await connection.driver.query<Record<string, unknown>>(sql, [...parameters])).rows),
    read: (sql, parameters = []) =>
      use(() =>
        connection.driver.transaction(async (transaction) => {
          await transaction.exec("set transaction read only");
          return (await transaction.query<Record<string, unknown>>(sql, [...parameters])).rows;
        })
      ),
    close: () => connection.close(),
    pack: () => use(() => connection.driver.dumpDataDir("gzip")),
    exchange: (message) => connection.driver.execProtocolRaw(message, { syncToFs: false }),
  };
}

/**
 * Returns a queue that runs one function at a time. PGlite has one connection, and `@supabase/lite` begins a
 * transaction on it for each request: two concurrent requests would share one transaction and one role.
 */
function createQueue(): Database["use"] {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const turn = last.then(run);
    last = turn.catch(() => {});
    return turn;
  };
}
