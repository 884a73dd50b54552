/**
 * Clerk's signing keys (JWKS): fetched once, kept, and fetched again when there is a reason to.
 *
 * jose's own remote set is not used because it forgets its keys when a refresh fails: an outage at Clerk would
 * then sign every user out.
 *
 * @module
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { ApiError } from "../errors.ts";
import { isObject } from "../clerk/event.ts";
import { type Fetch, fetchJson } from "../http/fetch_json.ts";

/** Keys younger than this are used as they are. */
const FRESH = 10 * 60_000;
/** Keys older than this are not used before one attempt to refresh them. */
const STALE = 60 * 60_000;
/** At most one fetch in this time for keys that are unknown, or signatures that do not fit. */
const COOL_DOWN = 30_000;
/** At most one fetch in this time while there are no keys at all. */
const COLD_COOL_DOWN = 1_000;
const TIMEOUT = 3_000;
const LIMIT = 64 * 1024;

/** The keys of one issuer. */
export interface KeyStore {
  /** Finds the key that a token's header names, for `jwtVerify`. Throws `JWKS_UNAVAILABLE` or jose's errors. */
  find: JWTVerifyGetKey;
  /** Fetches the keys again, unless that was done a moment ago; true where it was done and went well. */
  refresh: () => Promise<boolean>;
  /** The `kid` of every key; empty where there are none. */
  ids: () => Promise<string[]>;
}

/** The keys as they were last fetched. */
interface Keys {
  set: ReturnType<typeof createLocalJWKSet>;
  ids: string[];
  fetchedAt: number;
}

/**
 * Makes the store of one issuer's keys. Keep one per issuer: a store looks keys up by `kid` alone.
 *
 * @param url Where the JWKS is.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @returns The store. Nothing is fetched before it is needed, and concurrent needs share one fetch.
 */
export function createKeyStore(url: string, fetch: Fetch, now: () => number): KeyStore {
  let keys: Keys | undefined;
  let pending: Promise<void> | undefined;
  let attemptedAt = -Infinity;
  let failed = false;

  function fetchOnce(): Promise<void> {
    return pending ??= fetchKeys(url, fetch, now()).then(
      (fetched) => {
        keys = fetched;
        failed = false;
      },
      () => {
        failed = true;
      },
    ).finally(() => {
      attemptedAt = now();
      pending = undefined;
    });
  }

  async function refresh(): Promise<boolean> {
    if (pending === undefined && now() - attemptedAt < (keys ? COOL_DOWN : COLD_COOL_DOWN)) return false;
    await fetchOnce();
    return !failed;
  }

  async function current(): Promise<Keys> {
    const age = keys ? now() - keys.fetchedAt : Infinity;
    if (age > STALE) await refresh();
    else if (age > FRESH) refresh();
    if (!keys) throw unavailable();
    return keys;
  }

  const find: JWTVerifyGetKey = async (header, token) => {
    try {
      return await (await current()).set(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (await refresh()) return await (await current()).set(header, token);
      // Where Clerk cannot be reached, the key may be a new one: not the caller's fault.
      throw failed ? unavailable() : error;
    }
  };

  const ids = () => current().then((held) => held.ids, () => []);

  return { find, refresh, ids };
}

async function fetchKeys(url: string, fetch: Fetch, fetchedAt: number): Promise<Keys> {
  const answer = await fetchJson(fetch, url, { timeout: TIMEOUT, limit: LIMIT });
  if (answer.status !== 200 || !isJwks(answer.body)) throw new TypeError("Cannot use answer: not a JWKS");
  return {
    set: createLocalJWKSet(answer.body),
    ids: answer.body.keys.flatMap((key) => key.kid ?? []),
    fetchedAt,
  };
}

/** A set without a key is an outage: every token would be refused. */
function isJwks(body: unknown): body is JSONWebKeySet {
  return isObject(body) && Array.isArray(body.keys) && body.keys.length > 0 && body.keys.every(isObject);
}

function unavailable(): ApiError {
  return new ApiError("JWKS_UNAVAILABLE", "Cannot verify token: Clerk's signing keys cannot be fetched", {
    headers: { "retry-after": "5" },
  });
}
