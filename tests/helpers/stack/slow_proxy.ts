/**
 * A proxy of the Data API that delays requests.
 *
 * @module
 */

/** A running proxy. */
export interface SlowProxy {
  url: string;
  /** The address that it forwards to. */
  target: (url: string) => void;
  /** Holds later requests; resolves when one has arrived. */
  hold: () => Promise<void>;
  /** Forwards the held requests. */
  release: () => void;
  close: () => Promise<void>;
}

/** Starts a proxy, which holds nothing at first. */
export function startSlowProxy(): SlowProxy {
  let to = "";
  let came = Promise.withResolvers<void>();
  let gate = Promise.withResolvers<void>();
  gate.resolve();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    const body = await request.text();
    came.resolve();
    await gate.promise;
    return await fetch(to + pathname + search, { method, headers, body });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    target: (url) => {
      to = url;
    },
    hold: () => {
      came = Promise.withResolvers();
      gate = Promise.withResolvers();
      return came.promise;
    },
    release: () => gate.resolve(),
    close: () => server.shutdown(),
  };
}
