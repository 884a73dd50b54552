/**
 * Clerk's signing keys (JWKS): fetched once, kept, and fetched again when there is a reason to. Loads no package, so that
 * a function which only asks for their ids does not pay for jose; `key_finder.ts` finds the key of a token.
 *
 * jose's own remote set is not used because it forgets its keys when a refresh fails: an outage at Clerk would
 * then sign every user out.
 *
 * @module
 */
import type { JWK_RSA_Public } from "jose";
import { ApiError } from "../errors.ts";
import { decodeBase64 } from "../formats/base64.ts";
import { isObject } from "../formats/json.ts";
import { boundedFetch, type Fetch, fetchJson } from "../http/bounded_fetch.ts";

/** Keys younger than this are used as they are. */
const FRESH = 10 * 60_000;
/** Keys older than this are not used before one attempt to refresh them. */
const STALE = 60 * 60_000;
/** At most one fetch in this time for keys that are unknown, or signatures that do not fit. */
const COOL_DOWN = 30_000;
/** At most one fetch in this time while there are no keys at all. */
const COLD_COOL_DOWN = 1_000;
const BOUNDS = { timeout: 3_000, limit: 64 * 1024 };
/** Bytes of the shortest safe modulus, one of 2,048 bits. */
const SHORTEST_MODULUS = 256;

/** The keys of one issuer. */
export interface KeyStore {
  /** Returns the keys, fetched again first if they are stale. Throws `JWKS_UNAVAILABLE` if there are none. */
  current: () => Promise<Keys>;
  /** Fetches the keys again, unless that was done a moment ago; true where it was done and went well. */
  refresh: () => Promise<boolean>;
  /** Returns the error of the last fetch; undefined if it went well. */
  failure: () => ApiError | undefined;
  /** The `kid` of every key; empty where there are none. */
  ids: () => Promise<string[]>;
}

/** The keys as they were last fetched. Each fetch that goes well makes another object. */
export interface Keys {
  readonly keys: readonly SigningKey[];
  readonly fetchedAt: number;
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
  const bounded = boundedFetch(fetch, BOUNDS);
  let keys: Keys | undefined;
  let pending: Promise<void> | undefined;
  let attemptedAt = -Infinity;
  let failure: ApiError | undefined;

  function fetchOnce(): Promise<void> {
    return pending ??= fetchKeys(url, bounded, now()).then(
      (fetched) => {
        keys = fetched;
        failure = undefined;
      },
      (error) => {
        failure = unavailable(error);
      },
    ).finally(() => {
      attemptedAt = now();
      pending = undefined;
    });
  }

  async function refresh(): Promise<boolean> {
    if (pending === undefined && now() - attemptedAt < (keys ? COOL_DOWN : COLD_COOL_DOWN)) return false;
    await fetchOnce();
    return failure === undefined;
  }

  async function current(): Promise<Keys> {
    const age = keys ? now() - keys.fetchedAt : Infinity;
    if (age > STALE) await refresh();
    else if (age > FRESH) refresh();
    if (!keys) throw failure ?? unavailable(undefined);
    return keys;
  }

  const ids = () => current().then((held) => held.keys.map((key) => key.kid), () => []);

  return { current, refresh, failure: () => failure, ids };
}

async function fetchKeys(url: string, fetch: Fetch, fetchedAt: number): Promise<Keys> {
  const { status, body } = await fetchJson(fetch, url);
  const keys = status === 200 ? signingKeys(body) : [];
  // A set without a key that can sign a token is an outage: every token would be refused.
  if (keys.length === 0) throw new KeysMissing(status);
  return { keys, fetchedAt };
}

/** A key that can sign tokens. */
export type SigningKey = JWK_RSA_Public & { kid: string };

/**
 * Picks the keys that can sign a token.
 *
 * @param jwks A JWKS, as it was answered.
 * @returns Its usable keys; empty for what is no JWKS.
 */
export function signingKeys(jwks: unknown): SigningKey[] {
  return isObject(jwks) && Array.isArray(jwks.keys) ? jwks.keys.filter(isUsable) : [];
}

/** A public RSA key for signatures, of a length that is safe. Whatever else is in the set cannot sign a token. */
function isUsable(key: unknown): key is SigningKey {
  return isObject(key) && key.kty === "RSA" && typeof key.kid === "string" && key.kid !== "" &&
    typeof key.n === "string" && isLongModulus(key.n) && typeof key.e === "string" &&
    key.d === undefined && (key.use ?? "sig") === "sig" && (key.alg ?? "RS256") === "RS256";
}

/** Zeros in front make a modulus no longer. jose throws for a key that is too short, so none may reach it. */
function isLongModulus(encoded: string): boolean {
  const bytes = decodeBase64(encoded.replaceAll("-", "+").replaceAll("_", "/"));
  const first = bytes?.findIndex((byte) => byte !== 0) ?? -1;
  if (bytes === undefined || first === -1) return false;
  const length = bytes.length - first;
  return length > SHORTEST_MODULUS || (length === SHORTEST_MODULUS && bytes[first]! >= 0x80);
}

/** An answer without signing keys. */
class KeysMissing extends Error {
  readonly code: string;
  constructor(readonly status: number) {
    super("Cannot use the answer: no signing key in it");
    this.code = `HTTP ${status}`;
  }
}

/**
 * Tells a key server that fails from an address that is wrong: only the latter is worth comparing variables for.
 *
 * @param status The HTTP status of its answer; undefined if there was none.
 * @returns True if the server is at fault, so that the same request may work later.
 */
export function isUpstreamFault(status: number | undefined): boolean {
  return status === undefined || status === 408 || status === 429 || status >= 500;
}

function unavailable(cause: unknown): ApiError {
  const detail = cause instanceof KeysMissing && !isUpstreamFault(cause.status)
    ? `the address of Clerk's signing keys answers ${cause.status} without any. Check CLERK_PUBLISHABLE_KEY, ` +
      "CLERK_ISSUER and CLERK_JWKS_URL"
    : "Clerk does not answer with its signing keys at the moment";
  return new ApiError("JWKS_UNAVAILABLE", `Cannot verify token: ${detail}`, { headers: { "retry-after": "5" }, cause });
}
