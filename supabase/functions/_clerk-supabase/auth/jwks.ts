/**
 * Clerk's signing keys (JWKS), kept in memory and fetched again when they are old or a key is unknown. Imports no
 * package, so that functions which need only the key ids do not load jose; `key_finder.ts` finds the key of a token.
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
import { type After, startTimer } from "../http/after.ts";
import { boundedFetch, type Fetch, fetchJson } from "../http/bounded_fetch.ts";

/** Younger keys are used without a fetch. */
const FRESH_MS = 10 * 60_000;
/** Older keys are used only after one attempt to refresh them. */
const STALE_MS = 60 * 60_000;
/** Least time between two fetches for unknown keys or signatures that do not match. */
const COOL_DOWN_MS = 30_000;
/** Least time between two fetches while the store is empty. */
const EMPTY_COOL_DOWN_MS = 1_000;
const KEYS_BOUNDS = { timeoutMs: 3_000, maxBytes: 64 * 1024 };
/** Bytes of the shortest safe modulus, one of 2,048 bits. */
const MIN_MODULUS_BYTES = 256;

/** The keys of one issuer. */
export interface KeyStore {
  /** Returns the keys, fetched again first if they are stale. Throws `JWKS_UNAVAILABLE` if there are none. */
  current: () => Promise<Keys>;
  /** Returns the keys of the last successful fetch, without a fetch. */
  held: () => Keys | undefined;
  /**
   * Fetches the keys again, unless the last fetch was a moment ago. Returns true after a successful fetch, also if
   * another caller's fetch has replaced the given keys.
   */
  refresh: (used?: Keys) => Promise<boolean>;
  /** Returns the error of the last fetch; undefined if it succeeded. */
  failure: () => ApiError | undefined;
  /** Returns the `kid` of every key; empty if there are none. */
  ids: () => Promise<string[]>;
}

/** The keys of the last successful fetch. Every successful fetch creates a new object. */
export interface Keys {
  readonly keys: readonly SigningKey[];
  readonly fetchedAt: number;
}

/**
 * Creates the store of one issuer's keys. Keep one store per issuer, because it looks keys up by `kid` alone.
 *
 * @param url The address of the JWKS.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @param after The timer of each fetch.
 * @returns The store. It fetches keys on first use, and concurrent callers share one fetch.
 */
export function createKeyStore(url: string, fetch: Fetch, now: () => number, after: After = startTimer): KeyStore {
  const bounded = boundedFetch(fetch, KEYS_BOUNDS, after);
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

  async function refresh(used = keys): Promise<boolean> {
    if (used !== keys) return true;
    if (pending === undefined && now() - attemptedAt < (keys ? COOL_DOWN_MS : EMPTY_COOL_DOWN_MS)) return false;
    await fetchOnce();
    return failure === undefined;
  }

  async function current(): Promise<Keys> {
    const age = keys ? now() - keys.fetchedAt : Infinity;
    if (age > STALE_MS) await refresh();
    else if (age > FRESH_MS) refresh();
    if (!keys) throw failure ?? unavailable(undefined);
    return keys;
  }

  const ids = () => current().then((held) => held.keys.map((key) => key.kid), () => []);

  return { held: () => keys, current, refresh, failure: () => failure, ids };
}

async function fetchKeys(url: string, fetch: Fetch, fetchedAt: number): Promise<Keys> {
  const { status, body } = await fetchJson(fetch, url);
  const keys = status === 200 ? signingKeys(body) : [];
  // Without a signing key, every token would be refused, so this counts as an outage.
  if (keys.length === 0) throw new KeysMissing(status);
  return { keys, fetchedAt };
}

/** A key that can sign tokens. */
export type SigningKey = JWK_RSA_Public & { kid: string };

/**
 * Returns the keys of a JWKS that can sign a token.
 *
 * @param jwks The parsed body of the response.
 * @returns The usable keys; empty if the value is not a JWKS.
 */
export function signingKeys(jwks: unknown): SigningKey[] {
  return isObject(jwks) && Array.isArray(jwks.keys) ? jwks.keys.filter(isUsable) : [];
}

/** True for a public RSA key for signatures with a safe length. No other key can sign a session token. */
function isUsable(key: unknown): key is SigningKey {
  return isObject(key) && key.kty === "RSA" && typeof key.kid === "string" && key.kid !== "" &&
    typeof key.n === "string" && isLongModulus(key.n) && typeof key.e === "string" &&
    key.d === undefined && (key.use ?? "sig") === "sig" && (key.alg ?? "RS256") === "RS256";
}

/** Leading zeros do not count. jose throws for a key that is too short, so such keys are filtered out first. */
function isLongModulus(encoded: string): boolean {
  const bytes = decodeBase64(encoded.replaceAll("-", "+").replaceAll("_", "/"));
  const first = bytes?.findIndex((byte) => byte !== 0) ?? -1;
  if (bytes === undefined || first === -1) return false;
  const length = bytes.length - first;
  return length > MIN_MODULUS_BYTES || (length === MIN_MODULUS_BYTES && bytes[first]! >= 0x80);
}

/** A response without signing keys. */
class KeysMissing extends Error {
  readonly code: string;
  constructor(readonly status: number) {
    super("Cannot use the response: it has no signing key");
    this.code = `HTTP ${status}`;
  }
}

/**
 * Distinguishes a failing key server from a wrong address. Only a wrong address means that a variable must be fixed.
 *
 * @param status The HTTP status of the response; undefined if there was none.
 * @returns True if the server is at fault, so that the same request may succeed later.
 */
export function isUpstreamFault(status: number | undefined): boolean {
  return status === undefined || status === 408 || status === 429 || status >= 500;
}

function unavailable(cause: unknown): ApiError {
  const detail = cause instanceof KeysMissing && !isUpstreamFault(cause.status)
    ? `the address of Clerk's signing keys returned ${cause.status} and no keys. Check CLERK_PUBLISHABLE_KEY, ` +
      "CLERK_ISSUER and CLERK_JWKS_URL"
    : "Clerk's signing keys cannot be fetched at the moment";
  return new ApiError("JWKS_UNAVAILABLE", `Cannot verify token: ${detail}`, { cause });
}
