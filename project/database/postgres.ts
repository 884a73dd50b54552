/**
 * Connects to a PostgreSQL server.
 *
 * @module
 */
import { createPostgresConnection } from "@supabase/lite/postgres";
// The driver is a peer dependency of @supabase/lite: without this import, Deno does not find it.
import "postgres";
import type postgres from "postgres";
import type { Database } from "./connection.ts";
import { createLender } from "./lender.ts";
import { TIME_TYPES } from "./times.ts";

/**
 * `@supabase/lite` 0.10.0 serializes JSON arguments before it passes them to the driver, which would serialize them
 * again, so that a list would arrive as a string.
 */
const jsonb = {
  to: 3802,
  from: [3802],
  serialize: (value: unknown) => typeof value === "string" ? value : JSON.stringify(value),
  parse: (text: string) => JSON.parse(text),
};

/** The limit for queries of the table view, because others may use the server too. */
const READ_TIMEOUT_MS = 5_000;

/**
 * Connects to PostgreSQL.
 *
 * @param url `postgresql://…`, as the owner of the database.
 * @param options.connections The most connections for `query` and `script`. With one, a transaction may begin in one
 *   call and end in another.
 * @returns The database, unchanged.
 */
export function openPostgres(url: string, { connections = 10 }: { connections?: number } = {}): Database {
  const connect = (options: postgres.Options<Record<string, postgres.PostgresType>> = {}) =>
    createPostgresConnection({
      url,
      postgresOptions: { onnotice: () => {}, types: { jsonb, ...TIME_TYPES }, ...options },
    });
  const connection = connect({ max: connections });
  const { driver } = connection;
  // The Data API reserves a connection for each request.
  const lender = createLender((onclose) => connect({ max: 1, onclose }).driver);
  Object.assign(driver, { reserve: lender.reserve });
  return {
    connection,
    use: (run) => run(),
    script: (sql) => driver.unsafe(sql),
    // deno-lint-ignore no-explicit-any -- the driver's own type of a parameter
    query: async (sql, parameters = []) => [...await driver.unsafe(sql, [...parameters] as any[])],
    read: async (sql, parameters = []) => {
      const rows = await driver.begin("read only", async (transaction) => {
        await transaction.unsafe(`set local statement_timeout = ${READ_TIMEOUT_MS}`);
        // deno-lint-ignore no-explicit-any -- the driver's own type of a parameter
        return await transaction.unsafe(sql, [...parameters] as any[]);
      });
      return [...rows];
    },
    close: async () => {
      // Without a limit, this would wait forever for a query that the server never answers.
      await Promise.all([lender.end({ timeout: 1 }), driver.end({ timeout: 1 })]);
    },
  };
}
