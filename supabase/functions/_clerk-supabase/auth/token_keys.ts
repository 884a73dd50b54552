/**
 * The keys that verify session tokens: the issuer's published keys, or the one of `CLERK_JWT_KEY`.
 *
 * @module
 */
import { importSPKI } from "jose/key/import";
import type { JWTVerifyGetKey } from "jose";
import { jwksUrlOf, type TokenConfig } from "../config.ts";
import { ApiError } from "../errors.ts";
import type { Fetch } from "../http/bounded_fetch.ts";
import { createKeyStore, type KeyStore } from "./jwks.ts";
import { createKeyFinder } from "./key_finder.ts";

/** The keys of one issuer. */
export interface TokenKeys extends Pick<KeyStore, "held" | "refresh"> {
  /** Finds the key that a token's header names. After another fetch, the same key is a different object. */
  find: JWTVerifyGetKey;
}

/**
 * Creates the keys of every issuer. Each issuer has its own store, so that its keys cannot sign for another issuer.
 *
 * @param config Issuers and keys.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @returns A function that returns the keys of an issuer. It creates the issuer's store at the first call.
 */
export function createTokenKeys(
  config: Pick<TokenConfig, "jwksUrl" | "jwtKey">,
  fetch: Fetch,
  now: () => number,
): (issuer: string) => TokenKeys {
  if (config.jwtKey !== undefined) {
    const pinned = pinnedKey(config.jwtKey);
    return () => pinned;
  }
  const keysByUrl = new Map<string, TokenKeys>();
  return (issuer) => {
    const url = jwksUrlOf(issuer, config);
    const keys = keysByUrl.get(url) ?? fetchedKeys(createKeyStore(url, fetch, now));
    keysByUrl.set(url, keys);
    return keys;
  };
}

function fetchedKeys(store: KeyStore): TokenKeys {
  return { find: createKeyFinder(store), held: store.held, refresh: store.refresh };
}

/** `CLERK_JWT_KEY`: one key, no network. */
function pinnedKey(pem: string): TokenKeys {
  let key: ReturnType<typeof importSPKI> | undefined;
  const find: JWTVerifyGetKey = () => key ??= importKey(pem);
  return { find, held: () => undefined, refresh: () => Promise.resolve(false) };
}

async function importKey(pem: string): ReturnType<typeof importSPKI> {
  const key = await importSPKI(pem, "RS256").catch(() => undefined);
  if (key && (key.algorithm as RsaHashedKeyAlgorithm).modulusLength >= 2048) return key;
  throw new ApiError("CONFIG_INVALID", "Cannot start: CLERK_JWT_KEY is malformed, expected an RSA key of 2,048 bits");
}
