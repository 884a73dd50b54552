/**
 * Serves an embedded database to other programs of this machine, as a PostgreSQL server would.
 *
 * @module
 */
import type { EmbeddedDatabase } from "./pglite.ts";

/** A port that serves an embedded database. */
export interface WireServer {
  /** `postgresql://…` */
  url: string;
  close: () => void;
}

/** Codes of first messages that request encryption or cancel a query, instead of a protocol version. */
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;

/**
 * Listens on a free port of this machine. Connections wait for each other, because PGlite has only one session.
 *
 * @param database The database.
 * @returns Its address.
 */
export function serveWire(database: Pick<EmbeddedDatabase, "exchange" | "use">): WireServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  (async () => {
    for await (const connection of listener) {
      open.add(connection);
      // The client has disconnected.
      database.use(() => answerAll(connection, database.exchange)).catch(() => {}).finally(() => {
        open.delete(connection);
        try {
          connection.close();
        } catch {
          // The connection is already closed.
        }
      });
    }
  })();
  return {
    url: `postgresql://postgres@127.0.0.1:${listener.addr.port}/postgres`,
    close: () => {
      listener.close();
      for (const connection of open) connection.close();
    },
  };
}

/**
 * Collects Parse, Bind, Describe, Execute and Close until the Sync that ends a query, and passes them to PGlite in one
 * call. Between two calls, PGlite forgets that a step has failed, and would continue with the next one.
 */
const STEPS = "PBDEC";

async function answerAll(connection: Deno.TcpConn, exchange: EmbeddedDatabase["exchange"]): Promise<void> {
  let batch: Uint8Array = new Uint8Array();
  for await (const message of readMessages(connection)) {
    const kind = String.fromCharCode(message[0]!);
    // Terminate ends the session, but would also close PGlite.
    if (kind === "X") return;
    batch = concat(batch, message);
    if (STEPS.includes(kind)) continue;
    await writeAll(connection, await exchange(batch));
    batch = new Uint8Array();
  }
}

async function* readMessages(connection: Deno.TcpConn): AsyncGenerator<Uint8Array> {
  let rest = new Uint8Array();
  let isStarted = false;
  const chunk = new Uint8Array(65_536);
  for (let count = await connection.read(chunk); count !== null; count = await connection.read(chunk)) {
    rest = concat(rest, chunk.subarray(0, count));
    for (let size = sizeOf(rest, isStarted); size <= rest.length; size = sizeOf(rest, isStarted)) {
      const message = rest.slice(0, size);
      rest = rest.slice(size);
      const code = isStarted ? 0 : new DataView(message.buffer).getUint32(4);
      if (code === CANCEL_REQUEST) return;
      if (code === SSL_REQUEST || code === GSS_REQUEST) {
        await writeAll(connection, new TextEncoder().encode("N"));
        continue;
      }
      isStarted = true;
      yield message;
    }
  }
}

/**
 * Returns the length of a message (kind, size, content; the first one has no kind); Infinity before its size arrives.
 */
function sizeOf(bytes: Uint8Array, isStarted: boolean): number {
  const start = isStarted ? 1 : 0;
  if (bytes.length < start + 4) return Infinity;
  return start + new DataView(bytes.buffer, bytes.byteOffset).getUint32(start);
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await connection.write(bytes.subarray(done));
}
