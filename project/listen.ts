/**
 * Listens on ports of this machine. A port answers 503 until its handler is ready.
 *
 * @module
 */

import { ProjectError } from "./errors.ts";

/** A port that this process listens on. */
export interface Listener {
  /** `http://127.0.0.1:port`, or with the name of the address. */
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
  constructor(readonly port: number, hostname: string) {
    super(`Cannot listen on ${hostname}:${port}: the port is in use`);
  }
}

/** An address of this machine. */
export interface Address {
  /** What to listen on, such as `0.0.0.0`. */
  hostname: string;
  /** What URLs have for it. */
  name: string;
}

/** The address that no other machine reaches. */
export const LOOPBACK: Address = { hostname: "127.0.0.1", name: "127.0.0.1" };

/**
 * Listens, and answers 503 until a handler is set.
 *
 * @param port The port, or 0 for any that is free.
 * @param address The address; 127.0.0.1 unless given.
 * @returns The port.
 * @throws {PortTakenError} If another process uses it.
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
      // A request that waits for something which is gone would keep the port's owner from ending.
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
