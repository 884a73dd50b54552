/**
 * Turns a process into a user worker of the Edge Runtime, as far as JavaScript can tell: it removes the APIs that
 * functions lack, ignores ports and signals, and captures the handler. It does not enforce the platform's limits of
 * CPU, memory and time, and it does not bundle.
 *
 * @module
 */
// Deno sets up the globals of npm packages on first use and needs its complete namespace for it.
import "node:module";
import { removeGlobals } from "./globals.ts";
import { createNamespace } from "./namespace.ts";

/** The handler of a function. */
export type Fetch = (request: Request) => Promise<Response>;

/** The exports of an entry point. */
type Handler = (request: Request, info?: unknown) => unknown;

/** A process that has become a worker. */
export interface EdgeWorker {
  /**
   * Imports an entry point: `Deno.serve(handler)`, or `export default { fetch }`.
   *
   * @throws {TypeError} If the entry point does neither.
   */
  load: (entrypoint: string) => Promise<Fetch>;
  /** Resolves when every promise passed to `EdgeRuntime.waitUntil` is settled. */
  settled: () => Promise<void>;
}

/** Behind the platform's gateway, only `x-forwarded-for` has the caller's address. */
const INFO = { remoteAddr: { transport: "tcp", hostname: "0.0.0.0", port: 9999 }, completed: Promise.resolve() };

/**
 * Turns this process into a worker. This cannot be undone.
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

/** Replaces `Deno.serve` and uses only its handler argument. */
function captureInto(captured: { handler?: Handler }) {
  return (...given: unknown[]): Partial<Deno.HttpServer> => {
    const inOptions = given.map((value) => (value as { handler?: unknown } | undefined)?.handler);
    const handler = [...given, ...inOptions].find((value) => typeof value === "function");
    if (handler) captured.handler = handler as Handler;
    return { finished: new Promise(() => {}), shutdown: () => Promise.resolve(), ref() {}, unref() {} };
  };
}

/** Waits for promises only and ignores other values. */
function keepIn(pending: Set<Promise<unknown>>) {
  return (work: unknown): void => {
    if (!(work instanceof Promise)) return;
    pending.add(work);
    const done = () => void pending.delete(work);
    work.then(done, done);
  };
}

/**
 * Answers 502 if the handler returns something other than a response, as the platform does. Deno itself handles errors.
 */
function serveWith(handler: Handler, ...info: unknown[]): Fetch {
  return async (request) => {
    const response = await handler(request, ...info);
    return response instanceof Response ? response : new Response("Bad Gateway", { status: 502 });
  };
}
