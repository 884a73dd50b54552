/**
 * Lends connections to PostgreSQL, each to one request at a time.
 *
 * The driver's own pool, of postgres 3.4.9, breaks if the server ends a connection during a transaction: the following
 * rollback is never answered, and its unwritten bytes precede the next start-up message, which ruins the connection. A
 * request that is waiting for a connection at that time gets the closed one, and never ends. So each lent connection
 * has its own client, which is discarded when the connection closes.
 *
 * @module
 */
import type postgres from "postgres";

/** The methods of a reserved connection that `@supabase/lite` uses. */
export type Reserved = Pick<postgres.ReservedSql, "release"> & {
  unsafe: (text: string, parameters?: unknown[]) => Promise<unknown>;
};

/** Lends connections. */
export interface Lender {
  /** Lends a connection; waits while all are lent. */
  reserve: () => Promise<Reserved>;
  /** Closes every connection; running queries have `timeout` seconds to finish. */
  end: (options: { timeout: number }) => Promise<void>;
}

/** A client with one connection. */
interface Client {
  sql: postgres.Sql;
  /** Rejects when the connection closes. */
  closed: Promise<never>;
  isClosed: () => boolean;
}

/** The default size of the driver's own pool. */
const MAX_CLIENTS = 10;

/**
 * Creates a lender, which opens a connection when no idle one is left.
 *
 * @param open Creates a client with one connection, which calls `onclose` when the connection closes.
 * @returns The lender.
 */
export function createLender(open: (onclose: () => void) => postgres.Sql): Lender {
  const clients = new Set<Client>();
  const idle: Client[] = [];
  const waiting: Array<() => void> = [];

  async function find(): Promise<Client> {
    while (idle.length === 0 && clients.size >= MAX_CLIENTS) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    return idle.pop() ?? add();
  }

  function add(): Client {
    const { promise: closed, reject } = Promise.withResolvers<never>();
    // Every connection closes eventually, mostly while no request waits for it.
    closed.catch(() => {});
    let isClosed = false;
    const sql = open(() => {
      isClosed = true;
      reject(new Error("The connection to PostgreSQL was closed"));
      forget(client);
    });
    const client = { sql, closed, isClosed: () => isClosed };
    clients.add(client);
    return client;
  }

  /** Prevents the driver from reconnecting with state of the old connection. */
  function forget(client: Client): void {
    clients.delete(client);
    if (idle.includes(client)) idle.splice(idle.indexOf(client), 1);
    client.sql.end({ timeout: 0 }).catch(() => {});
    waiting.shift()?.();
  }

  return {
    reserve: async () => {
      const client = await find();
      const lent = await client.sql.reserve().catch((error: unknown) => {
        forget(client);
        throw error;
      });
      return {
        // After the connection has closed, the driver does not answer.
        unsafe: (text, parameters = []) =>
          // deno-lint-ignore no-explicit-any -- the driver's own type of a parameter
          client.isClosed() ? client.closed : Promise.race([lent.unsafe(text, parameters as any[]), client.closed]),
        release: () => {
          if (client.isClosed()) return;
          lent.release();
          idle.push(client);
          waiting.shift()?.();
        },
      };
    },
    end: async (options) => {
      await Promise.all([...clients].map(({ sql }) => sql.end(options)));
    },
  };
}
