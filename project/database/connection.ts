/**
 * What an open database offers, whichever kind it is.
 *
 * @module
 */
import type { Connection } from "@supabase/lite";

/** A database that is open. */
export interface Database {
  /** The connection of the Data API. */
  connection: Connection;
  /** Runs a function that uses the connection; one at a time if everyone shares one connection. */
  use: <T>(run: () => Promise<T>) => Promise<T>;
  /** Runs a query as the owner. */
  query: (sql: string, parameters?: readonly unknown[]) => Promise<Array<Record<string, unknown>>>;
  /** Runs a query as the owner, in a transaction that cannot write. */
  read: (sql: string, parameters?: readonly unknown[]) => Promise<Array<Record<string, unknown>>>;
  /** Runs several statements as the owner. */
  script: (sql: string) => Promise<unknown>;
  close: () => Promise<void>;
}

/** Which database to open. */
export interface DatabaseOptions {
  /** The project whose migrations are applied; the repository unless given. */
  root?: URL | undefined;
  /** A PostgreSQL to use, `postgresql://…`. */
  url?: string | undefined;
  /** Where PGlite keeps its files; in memory if undefined. */
  folder?: string | undefined;
  /** The packed files that a PGlite in memory starts from, made by `pack()`; a new database if undefined. */
  from?: Blob | undefined;
}
