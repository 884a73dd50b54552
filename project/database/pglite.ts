/**
 * PostgreSQL in this process.
 *
 * @module
 */
import { createPgliteConnection } from "@supabase/lite/pglite";
import type { Database, DatabaseOptions } from "./connection.ts";
import { TIME_PARSERS } from "./times.ts";

/** The package that embeds PostgreSQL, with its version: packed files are only for the version that packed them. */
export const PGLITE_PACKAGE = import.meta.resolve("@supabase/lite/pglite");

/** An embedded database. */
export interface EmbeddedDatabase extends Database {
  /** Packs the files of the database, for `openPglite({ from })`. */
  pack: () => Promise<Blob>;
  /** Answers a message of PostgreSQL's wire protocol. Whoever calls it has the database for itself, by `use`. */
  exchange: (message: Uint8Array) => Promise<Uint8Array>;
}

/**
 * Opens PGlite.
 *
 * @param options Where PGlite keeps its files, and the packed files that it starts from.
 * @returns The database, without the platform and the migrations unless the packed files have them.
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
 * Returns a function that runs one function after the other. PGlite has one connection, and `@supabase/lite` begins a
 * transaction on it for each request: two at a time would run in one transaction, under one role.
 */
function createQueue(): Database["use"] {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const turn = last.then(run);
    last = turn.catch(() => {});
    return turn;
  };
}
