/**
 * Reads the keys of the issuer whose session tokens the Data API accepts: the simulator, or the Clerk instance that
 * `.env` names, as the platform does with third-party auth.
 *
 * @module
 */
import type { JSONWebKeySet } from "jose";
import { signingKeys } from "../../supabase/functions/_clerk-supabase/auth/jwks.ts";
import { readJwksUrls } from "../../supabase/functions/_clerk-supabase/config.ts";
import { boundedFetch, type Fetch, fetchJson } from "../../supabase/functions/_clerk-supabase/http/bounded_fetch.ts";
import type { ClerkChoice } from "./clerk_choice.ts";

/** Milliseconds for which fetched keys are kept. The platform needs up to 30 minutes to notice new keys. */
const KEYS_TTL_MS = 5 * 60_000;
const KEYS_BOUNDS = { timeoutMs: 5_000, maxBytes: 64 * 1024 };

/**
 * Returns a function that reads the issuer's current keys.
 *
 * @param readChoice Returns the Clerk instance in use.
 * @param simulator The simulator's keys.
 * @param fetch Fetches the keys of a real instance.
 * @returns The reader. If a real instance is unreachable, it returns the last keys, or none.
 */
export function createIssuerKeys(
  readChoice: () => Promise<ClerkChoice>,
  simulator: () => JSONWebKeySet,
  fetch: Fetch,
): () => Promise<JSONWebKeySet> {
  const bounded = boundedFetch(fetch, KEYS_BOUNDS);
  let held: { url: string; keys: JSONWebKeySet; until: number } | undefined;
  return async () => {
    const { variables, real } = await readChoice();
    if (!real) return simulator();
    const url = readJwksUrls((name) => variables[name])[0]!;
    if (held?.url === url && held.until > Date.now()) return held.keys;
    const keys = signingKeys((await fetchJson(bounded, url).catch(() => undefined))?.body);
    if (keys.length === 0) return held?.url === url ? held.keys : { keys: [] };
    held = { url, keys: { keys }, until: Date.now() + KEYS_TTL_MS };
    return held.keys;
  };
}
