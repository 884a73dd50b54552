/**
 * What a handshake has for an app's server: cookies, which the server asks for by a nonce.
 *
 * @module
 */

/** A server asks at once. */
const LIFETIME_MS = 60_000;
const MAX_WAITING = 1_000;

/** Cookies on their way to an app's server. */
export interface Handshakes {
  /** Keeps directives, which are values of `Set-Cookie`, and returns their nonce. */
  put: (directives: readonly string[]) => string;
  /** Returns the directives, once; undefined for a nonce that is unknown, used or too old. */
  take: (nonce: string) => readonly string[] | undefined;
}

/**
 * Makes the memory of handshakes.
 *
 * @param now Milliseconds.
 * @returns The memory.
 */
export function createHandshakes(now: () => number = Date.now): Handshakes {
  const waiting = new Map<string, { directives: readonly string[]; expiresAt: number }>();
  return {
    put(directives) {
      // The oldest comes first.
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
