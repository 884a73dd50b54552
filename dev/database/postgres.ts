/**
 * A PostgreSQL server.
 *
 * @module
 */
import { createPostgresConnection } from "@supabase/lite/postgres";
// The driver, which @supabase/lite leaves to its user: without this line Deno does not find it.
import "postgres";
import type { Database } from "./database.ts";

/**
 * Where the server ends a connection in mid-transaction, postgres 3.4.9 still writes its rollback to it, in a timer
 * that nobody can catch: the query itself has failed as it should, and the stack goes on.
 */
function surviveEndedConnections(): void {
  globalThis.addEventListener("error", (event) => {
    if (/nextWrite \(\S*\/postgres\/3\.4\.9\//.test(event.error?.stack ?? "")) event.preventDefault();
  });
}

/**
 * `@supabase/lite` 0.10.0 writes the JSON arguments of a function out before it hands them to the driver, which
 * would quote them once more: a list would arrive as a string.
 */
const jsonb = {
  to: 3802,
  from: [3802],
  serialize: (value: unknown) => typeof value === "string" ? value : JSON.stringify(value),
  parse: (text: string) => JSON.parse(text),
};

/**
 * Connects to PostgreSQL.
 *
 * @param url `postgresql://…`, as the owner of the database.
 * @returns The database, as it is.
 */
export function openPostgres(url: string): Database {
  surviveEndedConnections();
  const connection = createPostgresConnection({ url, postgresOptions: { onnotice: () => {}, types: { jsonb } } });
  return {
    connection,
    use: (run) => run(),
    script: (sql) => connection.driver.unsafe(sql),
    // deno-lint-ignore no-explicit-any -- the driver's own type of a parameter
    query: async (sql, parameters = []) => [...await connection.driver.unsafe(sql, [...parameters] as any[])],
    // A query that the server left without an answer would be waited for without end.
    close: () => connection.driver.end({ timeout: 1 }),
  };
}
