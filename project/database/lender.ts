/**
 * Connections to PostgreSQL that are lent to one request at a time.
 *
 * The driver's own pool, of postgres 3.4.9, does not survive a server that ends a connection in mid-transaction: the
 * rollback that follows is never answered and spoils the connection for good, because what was not written stays ahead
 * of the next start-up message; and a request that waits for a connection just then is handed to the closed one, and
 * forgotten. So each lent connection has a client of its own here, which is thrown away when its connection closes.
 *
 * @module
 */
import type postgres from "postgres";

/** What `@supabase/lite` needs of a connection that it reserves. */
export type Reserved = Pick<postgres.ReservedSql, "release"> & {
  unsafe: (text: string, parameters?: unknown[]) => Promise<unknown>;
};

/** Lends connections. */
export interface Lender {
  /** Lends one; waits while all are lent. */
  reserve: () => Promise<Reserved>;
  /** Closes every connection; a query that runs has `timeout` seconds. */
  end: (options: { timeout: number }) => Promise<void>;
}

/** A client with one connection. */
interface Client {
  sql: postgres.Sql;
  /** Rejects when the connection closes. */
  closed: Promise<never>;
  isClosed: () => boolean;
}

/** As many as the driver's pool has unless told otherwise. */
const MAX_CLIENTS = 10;

/**
 * Lends connections, each to one borrower at a time.
 *
 * @param open Makes a client of one connection, which calls `onclose` when the connection closes.
 * @returns The lender, which opens a connection when it has none to spare.
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
    // It closes in the end, and mostly while nobody waits for it.
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

  /** Its driver would connect again, with what is left of the old connection. */
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
        // After the end of the connection, the driver answers nothing.
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
