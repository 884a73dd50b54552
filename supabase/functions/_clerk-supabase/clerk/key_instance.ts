/**
 * Proves that the secret key belongs to the issuer's Clerk instance. With a key of another instance, reconcile would
 * import that instance's users and treat all others as deleted.
 *
 * @module
 */
import { signingKeys } from "../auth/jwks.ts";
import { ApiError } from "../errors.ts";
import { boundedFetch, type Fetch, fetchJson } from "../http/bounded_fetch.ts";
import type { ClerkApi } from "./api.ts";

const KEYS_BOUNDS = { timeoutMs: 5_000, maxBytes: 64 * 1024 };

/** Returns the ids of the signing keys that prove it. */
export type ProveInstance = () => Promise<string[]>;

/**
 * Creates the proof: the keys that Clerk returns for the secret key must be keys that the issuer publishes.
 *
 * @param api The Backend API, with the secret key.
 * @param jwksUrls The JWKS of each issuer. Behind a proxy, some of them may not answer, and one answer is enough. Each
 * answer must contain one of the keys.
 * @param fetch The network.
 * @returns The proof. It throws `CLERK_SECRET_KEY_OF_OTHER_INSTANCE`, `JWKS_UNAVAILABLE`, or the API's errors.
 */
export function createInstanceProof(
  api: Pick<ClerkApi, "fetchJwks">,
  jwksUrls: readonly string[],
  fetch: Fetch,
): ProveInstance {
  const bounded = boundedFetch(fetch, KEYS_BOUNDS);
  return async () => {
    const [held, sets] = await Promise.all([api.fetchJwks(), fetchPublished(bounded, jwksUrls)]);
    const ours = signingKeys(held);
    const common = sets.map((names) => ours.filter((key) => names.has(nameOf(key))));
    // One common key is enough: during a rotation, either side may be ahead.
    if (common.every((keys) => keys.length > 0)) return [...new Set(common.flat().map(({ kid }) => kid))];
    throw new ApiError(
      "CLERK_SECRET_KEY_OF_OTHER_INSTANCE",
      "Cannot reconcile: CLERK_SECRET_KEY belongs to another instance than CLERK_PUBLISHABLE_KEY or CLERK_ISSUER",
    );
  };
}

/** Returns the keys of each address that has any. If they belong to two instances, no secret key matches both. */
async function fetchPublished(fetch: Fetch, urls: readonly string[]): Promise<Array<Set<string>>> {
  const answers = await Promise.allSettled(urls.map((url) => fetchJson(fetch, url)));
  const sets = answers.flatMap((answer) => answer.status === "fulfilled" ? [signingKeys(answer.value.body)] : [])
    .filter((keys) => keys.length > 0);
  if (sets.length === 0) throw unavailable(answers.find((answer) => answer.status === "rejected")?.reason);
  return sets.map((keys) => new Set(keys.map(nameOf)));
}

/** Identifies a key by its modulus too, because anyone can publish a key under the same id. */
function nameOf({ kid, n }: { kid: string; n: string }): string {
  return `${kid} ${n}`;
}

function unavailable(cause?: unknown): ApiError {
  return new ApiError("JWKS_UNAVAILABLE", "Cannot compare instances: Clerk's signing keys cannot be fetched", {
    cause,
  });
}
