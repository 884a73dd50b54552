/**
 * Work that goes on when its caller has hung up.
 *
 * @module
 */

/** Keeps this process until the work is done. */
export type KeepAlive = (work: Promise<unknown>) => void;

/** What the Edge Runtime adds to the globals. */
interface EdgeGlobals {
  EdgeRuntime?: { waitUntil: KeepAlive };
}

/**
 * Tells the Edge Runtime of work that is to be finished. Anywhere else a process goes on by itself.
 *
 * @param work The work; its failure is its owner's to handle.
 */
export const keepAlive: KeepAlive = (work) => {
  (globalThis as EdgeGlobals).EdgeRuntime?.waitUntil(work.catch(() => {}));
};
