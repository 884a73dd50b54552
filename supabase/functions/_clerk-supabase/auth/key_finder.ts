/**
 * Finds the key that verifies a token, by the token's header.
 *
 * @module
 */
import { JWKSNoMatchingKey } from "jose/errors";
import { createLocalJWKSet } from "jose/jwks/local";
import type { JWTVerifyGetKey } from "jose";
import type { Keys, KeyStore } from "./jwks.ts";

/**
 * Creates a function that finds keys in a store.
 *
 * @param store The keys of one issuer.
 * @returns The function for `jwtVerify`. It refreshes the store for an unknown key, and throws `JWKS_UNAVAILABLE` or
 * jose's errors.
 */
export function createKeyFinder(store: Pick<KeyStore, "current" | "refresh" | "failure">): JWTVerifyGetKey {
  // A set imports each key only once, so it is created once per fetch.
  let made: { from: Keys; set: ReturnType<typeof createLocalJWKSet> } | undefined;
  const setOf = (from: Keys) => {
    if (made?.from !== from) made = { from, set: createLocalJWKSet({ keys: [...from.keys] }) };
    return made.set;
  };
  return async (header, token) => {
    const used = await store.current();
    try {
      return await setOf(used)(header, token);
    } catch (error) {
      if (!(error instanceof JWKSNoMatchingKey)) throw error;
      if (await store.refresh(used)) return await setOf(await store.current())(header, token);
      // While Clerk cannot be reached, the key may be a new one, so the caller is not blamed.
      throw store.failure() ?? error;
    }
  };
}
