/**
 * Whose a secret key is. A key of another instance would bring that instance's users in, and take everybody else
 * for deleted.
 *
 * @module
 */
import { signingKeys } from "../auth/jwks.ts";
import { ApiError } from "../errors.ts";
import { boundedFetch, type Fetch, fetchJson } from "../http/bounded_fetch.ts";
import type { ClerkApi } from "./api.ts";

const KEYS_BOUNDS = { timeoutMs: 5_000, maxBytes: 64 * 1024 };

/** Resolves where the secret key is of the issuer's instance, with the ids of the keys that prove it. */
export type ProveInstance = () => Promise<string[]>;

/**
 * Makes the proof: the keys that Clerk shows to the holder of the secret key are those that the issuer publishes.
 *
 * @param api The Backend API, with the secret key.
 * @param jwksUrls The JWKS of each issuer. Behind a proxy one of them may not answer: one that does is enough. Each that
 * does must show one of these keys.
 * @param fetch The network.
 * @returns The proof. It throws `CLERK_SECRET_KEY_OF_OTHER_INSTANCE`, `JWKS_UNAVAILABLE`, or what the API throws.
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
    // One key in common will do: while a key is rotated, either side may be ahead.
    if (common.every((keys) => keys.length > 0)) return [...new Set(common.flat().map(({ kid }) => kid))];
    throw new ApiError(
      "CLERK_SECRET_KEY_OF_OTHER_INSTANCE",
      "Cannot go on: CLERK_SECRET_KEY is of another instance than CLERK_PUBLISHABLE_KEY or CLERK_ISSUER",
    );
  };
}

/** The keys of each address that has any. Two addresses may be of two instances, and then no secret key is of both. */
async function fetchPublished(fetch: Fetch, urls: readonly string[]): Promise<Array<Set<string>>> {
  const answers = await Promise.allSettled(urls.map((url) => fetchJson(fetch, url)));
  const sets = answers.flatMap((answer) => answer.status === "fulfilled" ? [signingKeys(answer.value.body)] : [])
    .filter((keys) => keys.length > 0);
  if (sets.length === 0) throw unavailable(answers.find((answer) => answer.status === "rejected")?.reason);
  return sets.map((keys) => new Set(keys.map(nameOf)));
}

/** The key itself, not its id alone: anybody can publish an id. */
function nameOf({ kid, n }: { kid: string; n: string }): string {
  return `${kid} ${n}`;
}

function unavailable(cause?: unknown): ApiError {
  return new ApiError("JWKS_UNAVAILABLE", "Cannot compare instances: Clerk's signing keys cannot be fetched", {
    cause,
  });
}
