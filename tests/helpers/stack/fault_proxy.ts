/**
 * A TCP proxy of the Data API that fails on demand.
 *
 * @module
 */

/** The proxy's treatment of a connection. */
export type Fault =
  | "none"
  /** Closes it before reading a byte. */
  | "reset"
  /** Reads the request and never responds. */
  | "hang"
  /** Forwards the request and drops the response. */
  | "lose answer"
  /** Responds itself, with this status. */
  | number;

/** A running proxy. */
export interface FaultProxy {
  url: string;
  /** Sets the fault of later connections. Closes open connections, so that none is reused. */
  set: (fault: Fault) => void;
  /** The address that it forwards to. */
  target: (url: string) => void;
  close: () => void;
}

/** Starts a proxy. */
export function startFaultProxy(): FaultProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let fault: Fault = "none";
  let target: URL;

  async function accept(): Promise<void> {
    for await (const client of listener) serve(client).catch(() => {}).finally(() => close(client));
  }

  async function serve(client: Deno.Conn): Promise<void> {
    open.add(client);
    if (fault === "reset") return;
    if (typeof fault === "number") return await answer(client, fault);
    if (fault === "hang") return await client.readable.pipeTo(new WritableStream());
    const server = await Deno.connect({ hostname: target.hostname, port: Number(target.port) });
    open.add(server);
    const forward = client.readable.pipeTo(server.writable);
    if (fault === "lose answer") {
      await server.readable.getReader().read();
      forward.catch(() => {});
      return;
    }
    await Promise.race([forward, server.readable.pipeTo(client.writable)]);
  }

  function close(connection: Deno.Conn): void {
    open.delete(connection);
    try {
      connection.close();
    } catch {
      // Its streams have already closed it.
    }
  }

  accept();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    set: (next) => {
      fault = next;
      for (const connection of open) close(connection);
    },
    target: (url) => {
      target = new URL(url);
    },
    close: () => {
      listener.close();
      for (const connection of open) close(connection);
    },
  };
}

/** The response of PostgREST while it has no connection to the database. */
async function answer(client: Deno.Conn, status: number): Promise<void> {
  await client.read(new Uint8Array(64 * 1024));
  const body = JSON.stringify({
    code: "PGRST002",
    message: "Could not query the database for the schema cache. Retrying.",
  });
  const head =
    `HTTP/1.1 ${status} Error\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`;
  await client.write(new TextEncoder().encode(head + body));
}
