/**
 * Which Clerk instance an event must come from: a development instance's events do not belong in the production
 * database.
 *
 * @module
 */
import { createKeyStore } from "../auth/jwks.ts";
import { ApiError } from "../errors.ts";
import type { Fetch } from "../http/bounded_fetch.ts";
import type { ClerkEvent } from "./event.ts";

/** Lets an event pass, or throws `WRONG_INSTANCE`. */
export type GuardInstance = (event: ClerkEvent) => Promise<void>;

/** Where the expected instance is known from. */
export interface InstanceConfig {
  /** `CLERK_INSTANCE_ID`. */
  instanceId: string | undefined;
  /** The addresses of the instance's signing keys, which name it too. */
  jwksUrls: readonly string[];
}

/** How long an event may wait for the signing keys, in milliseconds. Svix gives up after 15 s. */
const PATIENCE_MS = 2_000;

/**
 * Creates the guard. Clerk's key id is its instance id, so the signing keys show which instance is meant. Retries are
 * aborted only if `CLERK_INSTANCE_ID` and the keys agree, and none of the keys is of the event's instance: otherwise one
 * of our variables may be wrong, and Clerk's events must outlive that.
 *
 * @param config The instance, or where to learn it.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @returns The guard. An event without an instance passes, and so does any event if nothing tells the instance.
 */
export function createInstanceGuard(config: InstanceConfig, fetch: Fetch, now: () => number): GuardInstance {
  const { instanceId, jwksUrls } = config;
  const stores = jwksUrls.map((url) => createKeyStore(url, fetch, now));
  // What was learned once holds: the keys that this process asks for always belong to the same instance.
  let learned: string[] = [];
  const learn = async () => {
    // Each address for itself: behind a proxy, one of them may never answer.
    const ids = instancesOf((await Promise.all(stores.map((keys) => inTime(keys.ids())))).flat());
    if (ids.length > 0) learned = ids;
  };
  return async ({ instanceId: claimed }) => {
    const isExpected = () => (instanceId === undefined ? learned : [instanceId]).includes(claimed!);
    if (claimed === undefined || isExpected()) return;
    await learn();
    if (isExpected() || (instanceId === undefined && learned.length === 0)) return;
    throw wrongInstance(claimed, instanceId, learned);
  };
}

function wrongInstance(claimed: string, configured: string | undefined, ofKeys: readonly string[]): ApiError {
  const expected = configured ?? ofKeys.join(" or ");
  const detail = `Cannot take the event: it comes from another Clerk instance than ${expected}`;
  if (configured === undefined) return new ApiError("WRONG_INSTANCE", detail);
  const agrees = agreesWithKeys(configured, ofKeys);
  if (agrees === undefined) {
    return new ApiError("WRONG_INSTANCE", `${detail}, which CLERK_INSTANCE_ID names and no signing key confirms`);
  }
  if (agrees && !ofKeys.includes(claimed)) {
    return new ApiError("WRONG_INSTANCE", detail, { headers: { "webhook-delivery": "abort-message" } });
  }
  return new ApiError(
    "WRONG_INSTANCE",
    `${detail}, which CLERK_INSTANCE_ID names. The signing keys are of ${ofKeys.join(" or ")}: correct one of them`,
  );
}

/**
 * Compares `CLERK_INSTANCE_ID` with the ids of Clerk's signing keys, which are instance ids.
 *
 * @param instanceId The configured instance.
 * @param keyIds The `kid` of each published key.
 * @returns Whether one of the keys is of this instance; undefined if no key names an instance.
 *
 * @example
 * ```ts
 * import { agreesWithKeys } from "./event_instance.ts";
 *
 * if (agreesWithKeys("ins_labx", ["ins_lab"]) !== false) throw new Error();
 * if (agreesWithKeys("ins_lab", ["key-1"]) !== undefined) throw new Error();
 * ```
 */
export function agreesWithKeys(instanceId: string, keyIds: readonly string[]): boolean | undefined {
  const instances = instancesOf(keyIds);
  return instances.length === 0 ? undefined : instances.includes(instanceId);
}

function instancesOf(keyIds: readonly string[]): string[] {
  return keyIds.filter((id) => id.startsWith("ins_"));
}

/** By a signal, which costs less than a timer: Deno would load Node's for it. */
async function inTime(ids: Promise<string[]>): Promise<string[]> {
  const late = AbortSignal.timeout(PATIENCE_MS);
  return await Promise.race([
    ids,
    new Promise<string[]>((resolve) => late.addEventListener("abort", () => resolve([]), { once: true })),
  ]);
}
