/**
 * Keeps the cookies of a handshake until an app's server fetches them by a nonce.
 *
 * @module
 */

/** A server fetches the cookies immediately, so a minute is enough. */
const LIFETIME_MS = 60_000;
const MAX_WAITING = 1_000;

/** Pending handshakes. */
export interface Handshakes {
  /** Stores directives (values of `Set-Cookie`) and returns their nonce. */
  put: (directives: readonly string[]) => string;
  /** Returns the directives of a nonce once; undefined if the nonce is unknown, used or expired. */
  take: (nonce: string) => readonly string[] | undefined;
}

/**
 * Creates the in-memory store of handshakes.
 *
 * @param now The time in milliseconds.
 * @returns The store.
 */
export function createHandshakes(now: () => number = Date.now): Handshakes {
  const waiting = new Map<string, { directives: readonly string[]; expiresAt: number }>();
  return {
    put(directives) {
      // Maps keep insertion order, so the first handshake is the oldest.
      for (const [nonce, { expiresAt }] of waiting) {
        if (expiresAt > now() && waiting.size < MAX_WAITING) break;
        waiting.delete(nonce);
      }
      const nonce = crypto.randomUUID();
      waiting.set(nonce, { directives, expiresAt: now() + LIFETIME_MS });
      return nonce;
    },
    take(nonce) {
      const found = waiting.get(nonce);
      waiting.delete(nonce);
      return found && found.expiresAt > now() ? found.directives : undefined;
    },
  };
}
