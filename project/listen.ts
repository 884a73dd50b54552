/**
 * Listens on ports of this machine, which answer 503 until their handlers are ready.
 *
 * @module
 */

import { ProjectError } from "./errors.ts";

/** A port that this process listens on. */
export interface Listener {
  /** `http://127.0.0.1:<port>`, or with the address's name as its host. */
  url: string;
  /** Sets the handler. */
  serve: (handler: (request: Request) => Promise<Response>) => void;
  close: () => Promise<void>;
}

/** The time for open requests to finish after the port is closed. */
const GRACE_MS = 1_000;

/** The error for a port that another process uses. */
export class PortTakenError extends Error {
  override name = "PortTakenError";
  constructor(readonly port: number, hostname: string) {
    super(`Cannot listen on ${hostname}:${port}: the port is in use`);
  }
}

/** An address of this machine. */
export interface Address {
  /** The address to listen on, such as `0.0.0.0`. */
  hostname: string;
  /** The host in URLs. */
  name: string;
}

/** The address that other machines cannot reach. */
export const LOOPBACK: Address = { hostname: "127.0.0.1", name: "127.0.0.1" };

/**
 * Listens on a port, and answers 503 until a handler is set.
 *
 * @param port The port, or 0 for any free one.
 * @param address The address; the default is 127.0.0.1.
 * @returns The port.
 * @throws {PortTakenError} If another process uses the port.
 */
export function listen(port: number, { hostname, name }: Address = LOOPBACK): Listener {
  let handler: (request: Request) => Response | Promise<Response> = () => new Response("Starting", { status: 503 });
  const server = serveOn(port, hostname, (request) => handler(request));
  return {
    url: `http://${name}:${server.addr.port}`,
    serve: (given) => {
      handler = given;
    },
    close: async () => {
      // A request that never ends must not keep this process running.
      let timer;
      const patience = new Promise<void>((resolve) => timer = setTimeout(resolve, GRACE_MS));
      await Promise.race([server.shutdown(), patience]);
      clearTimeout(timer);
    },
  };
}

function serveOn(port: number, hostname: string, handler: Deno.ServeHandler): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname, port, onListen: () => {} }, handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw new PortTakenError(port, hostname);
    if (error instanceof Deno.errors.AddrNotAvailable) {
      throw new ProjectError(`Cannot listen on ${hostname}: this machine has no such address`);
    }
    throw error;
  }
}
