/**
 * Makes a process look to JavaScript like a user worker of the Edge Runtime: APIs that functions lack are gone, ports
 * and signals are ignored, the handler is captured. What this cannot give: limits of CPU, memory and time, and the
 * platform's bundling.
 *
 * @module
 */
// Deno sets up what npm packages need when they are first loaded, and takes it from a whole namespace.
import "node:module";
import { removeGlobals } from "./globals.ts";
import { createNamespace } from "./namespace.ts";

/** A function, whichever way its entry point hands it over. */
export type Fetch = (request: Request) => Promise<Response>;

/** What an entry point may give. */
type Handler = (request: Request, info?: unknown) => unknown;

/** A process that has become a worker. */
export interface EdgeWorker {
  /**
   * Imports an entry point: `Deno.serve(handler)`, or `export default { fetch }`.
   *
   * @throws {TypeError} If it does neither.
   */
  load: (entrypoint: string) => Promise<Fetch>;
  /** Resolves when everything that was given to `EdgeRuntime.waitUntil` is done. */
  settled: () => Promise<void>;
}

/** Behind the platform's gateway, callers' addresses are in `x-forwarded-for` only. */
const INFO = { remoteAddr: { transport: "tcp", hostname: "0.0.0.0", port: 9999 }, completed: Promise.resolve() };

/**
 * Becomes a worker. There is no way back.
 *
 * @returns The worker.
 */
export function becomeEdgeWorker(): EdgeWorker {
  const captured: { handler?: Handler } = {};
  const pending = new Set<Promise<unknown>>();
  const { namespace, loaded } = createNamespace(Deno, captureInto(captured));
  Object.defineProperty(globalThis, "Deno", { value: namespace, configurable: true, enumerable: true });
  removeGlobals();
  Object.defineProperty(globalThis, "EdgeRuntime", {
    value: { waitUntil: keepIn(pending) },
    configurable: true,
    writable: true,
  });
  return {
    load: async (entrypoint) => {
      const module = await import(entrypoint);
      loaded();
      const exported = module.default?.fetch?.bind(module.default) as Handler | undefined;
      if (captured.handler) return serveWith(captured.handler, INFO);
      if (exported) return serveWith(exported);
      throw new TypeError(`Cannot run ${entrypoint}: it neither calls Deno.serve nor exports { fetch }`);
    },
    settled: async () => {
      while (pending.size > 0) await Promise.allSettled(pending);
    },
  };
}

/** `Deno.serve`, of whose arguments only the handler counts. */
function captureInto(captured: { handler?: Handler }) {
  return (...given: unknown[]): Partial<Deno.HttpServer> => {
    const inOptions = given.map((value) => (value as { handler?: unknown } | undefined)?.handler);
    const handler = [...given, ...inOptions].find((value) => typeof value === "function");
    if (handler) captured.handler = handler as Handler;
    return { finished: new Promise(() => {}), shutdown: () => Promise.resolve(), ref() {}, unref() {} };
  };
}

/** Only real promises are waited for. */
function keepIn(pending: Set<Promise<unknown>>) {
  return (work: unknown): void => {
    if (!(work instanceof Promise)) return;
    pending.add(work);
    const done = () => void pending.delete(work);
    work.then(done, done);
  };
}

/** What is no response is the platform's to answer; so is what throws, by Deno itself. */
function serveWith(handler: Handler, ...info: unknown[]): Fetch {
  return async (request) => {
    const response = await handler(request, ...info);
    return response instanceof Response ? response : new Response("Bad Gateway", { status: 502 });
  };
}
