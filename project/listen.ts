/**
 * Ports on this machine, taken before there is anything to answer with.
 *
 * @module
 */

/** A port that is ours. */
export interface Listener {
  /** `http://127.0.0.1:port` */
  url: string;
  /** Begins to answer. */
  serve: (handler: (request: Request) => Promise<Response>) => void;
  close: () => Promise<void>;
}

/** What requests may take when the port is given back, in milliseconds. */
const GRACE = 1_000;

/** The port is somebody else's. */
export class PortTakenError extends Error {
  override name = "PortTakenError";
  constructor(readonly port: number) {
    super(`Cannot listen on 127.0.0.1:${port}: the port is in use`);
  }
}

/**
 * Takes a port of 127.0.0.1 by answering 503 on it until there is more to say.
 *
 * @param port The port, or 0 for any that is free.
 * @returns The port.
 * @throws {PortTakenError} Where it is in use.
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
      const patience = new Promise<void>((resolve) => timer = setTimeout(resolve, GRACE));
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
