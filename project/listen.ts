/**
 * Listens on ports of this machine. A port answers 503 until its handler is ready.
 *
 * @module
 */

/** A port that this process listens on. */
export interface Listener {
  /** `http://127.0.0.1:port` */
  url: string;
  /** Sets the handler. */
  serve: (handler: (request: Request) => Promise<Response>) => void;
  close: () => Promise<void>;
}

/** The time that open requests have to finish when the port is closed, in milliseconds. */
const GRACE_MS = 1_000;

/** Another process uses the port. */
export class PortTakenError extends Error {
  override name = "PortTakenError";
  constructor(readonly port: number) {
    super(`Cannot listen on 127.0.0.1:${port}: the port is in use`);
  }
}

/**
 * Listens on 127.0.0.1 and answers 503 until a handler is set.
 *
 * @param port The port, or 0 for any that is free.
 * @returns The port.
 * @throws {PortTakenError} If another process uses it.
 */
export function listen(port: number): Listener {
  let handler: (request: Request) => Response | Promise<Response> = () => new Response("Starting", { status: 503 });
  const server = serveOn(port, (request) => handler(request));
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    serve: (given) => {
      handler = given;
    },
    close: async () => {
      // A request that waits for something which is gone would keep the port's owner from ending.
      let timer;
      const patience = new Promise<void>((resolve) => timer = setTimeout(resolve, GRACE_MS));
      await Promise.race([server.shutdown(), patience]);
      clearTimeout(timer);
    },
  };
}

function serveOn(port: number, handler: Deno.ServeHandler): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw new PortTakenError(port);
    throw error;
  }
}
