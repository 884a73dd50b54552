/**
 * Keeps the process alive for work whose caller has closed the connection.
 *
 * @module
 */

/** Keeps this process alive until the work is done. */
export type KeepAlive = (work: Promise<unknown>) => void;

/** The global of the Edge Runtime that is used here. */
interface EdgeGlobals {
  EdgeRuntime?: { waitUntil: KeepAlive };
}

/**
 * Asks the Edge Runtime to finish the work. In any other runtime, the process keeps running anyway.
 *
 * @param work The work. The caller must handle its failure.
 */
export const keepAlive: KeepAlive = (work) => {
  (globalThis as EdgeGlobals).EdgeRuntime?.waitUntil(work.catch(() => {}));
};
