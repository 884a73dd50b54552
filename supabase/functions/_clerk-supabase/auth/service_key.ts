/**
 * Authenticates the project itself, such as an operator or a job in the database, by one of its secret keys.
 *
 * @module
 */
import { ApiError } from "../errors.ts";

/** Resolves if the request has a secret key of the project; throws otherwise. */
export type RequireServiceKey = (request: Request) => Promise<void>;

/** Returns true if the request has a secret key of the project. Never throws. */
export type MatchesServiceKey = (request: Request) => Promise<boolean>;

/**
 * Creates the check of a route that only the project may call.
 *
 * @param keys The project's secret keys.
 * @returns The check. It throws `SERVICE_KEY_REQUIRED` for a request without credentials, `SERVICE_KEY_INVALID` for
 * any other credentials, such as a session token or a publishable key.
 *
 * @example
 * ```ts
 * import { createServiceKeyCheck } from "./service_key.ts";
 *
 * const requireServiceKey = createServiceKeyCheck(["sb_secret_ours"]);
 * await requireServiceKey(new Request("https://example.com", { headers: { apikey: "sb_secret_ours" } }));
 *
 * const stranger = new Request("https://example.com", { headers: { apikey: "sb_publishable_x" } });
 * const error = await requireServiceKey(stranger).catch((error) => error);
 * if (error.code !== "SERVICE_KEY_INVALID") throw error;
 * ```
 */
export function createServiceKeyCheck(keys: readonly string[]): RequireServiceKey {
  const matchesServiceKey = createServiceKeyTest(keys);
  return async function requireServiceKey(request) {
    if (await matchesServiceKey(request)) return;
    if (credentials(request).length === 0) {
      throw new ApiError("SERVICE_KEY_REQUIRED", "Cannot authenticate: send the project's secret key as apikey");
    }
    throw new ApiError("SERVICE_KEY_INVALID", "Cannot authenticate: not a secret key of this project");
  };
}

/**
 * Creates the test of a route that answers the project with more details than strangers.
 *
 * @param keys The project's secret keys.
 * @returns The test. It accepts the key as `apikey` or, for legacy keys, as the bearer token.
 */
export function createServiceKeyTest(keys: readonly string[]): MatchesServiceKey {
  let digests: Promise<Uint8Array[]> | undefined;
  return async function matchesServiceKey(request) {
    const expected = await (digests ??= Promise.all(keys.filter((key) => key !== "").map(digest)));
    const given = await Promise.all(credentials(request).map(digest));
    let matches = 0;
    for (const one of given) for (const other of expected) matches |= equal(one, other);
    return matches === 1;
  };
}

function credentials({ headers }: Request): string[] {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return [headers.get("apikey"), bearer].filter((value) => typeof value === "string" && value !== "") as string[];
}

/** All digests have the same length, and do not reveal how much of a guess was right. */
async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** Returns 1 if both are equal, otherwise 0. The time does not depend on the position of a difference. */
function equal(a: Uint8Array, b: Uint8Array): number {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index++) difference |= a[index]! ^ (b[index] ?? 0);
  return difference === 0 ? 1 : 0;
}
