/**
 * The interface of an open database of either kind.
 *
 * @module
 */
import type { Connection } from "@supabase/lite";

/** An open database. */
export interface Database {
  /** The connection that the Data API uses. */
  connection: Connection;
  /** Runs a function that uses the connection; one at a time if there is only one connection. */
  use: <T>(run: () => Promise<T>) => Promise<T>;
  /** Runs a query as the owner. */
  query: (sql: string, parameters?: readonly unknown[]) => Promise<Array<Record<string, unknown>>>;
  /** Runs a query as the owner, in a transaction that cannot write. */
  read: (sql: string, parameters?: readonly unknown[]) => Promise<Array<Record<string, unknown>>>;
  /** Runs several statements as the owner. */
  script: (sql: string) => Promise<unknown>;
  close: () => Promise<void>;
}

/** The database to open. */
export interface DatabaseOptions {
  /** The project whose migrations are applied; the repository unless given. */
  root?: URL | undefined;
  /** The URL of a PostgreSQL server, `postgresql://…`. */
  url?: string | undefined;
  /** The folder for PGlite's files; in memory if undefined. */
  folder?: string | undefined;
  /** Packed files from `pack()` for a PGlite in memory; a new database if undefined. */
  from?: Blob | undefined;
}
