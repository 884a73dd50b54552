/**
 * Guards against events of another Clerk instance: a development instance must not write to the production database.
 *
 * @module
 */
import { createKeyStore } from "../auth/jwks.ts";
import { ApiError } from "../errors.ts";
import { type After, startTimer, type TimeLimit } from "../http/after.ts";
import type { Fetch } from "../http/bounded_fetch.ts";
import type { ClerkEvent } from "./event.ts";

/** Resolves if the event may be stored; throws `WRONG_INSTANCE` otherwise. */
export type GuardInstance = (event: ClerkEvent) => Promise<void>;

/** Sources of the expected instance. */
export interface InstanceConfig {
  /** `CLERK_INSTANCE_ID`. */
  instanceId: string | undefined;
  /** The addresses of the instance's signing keys, whose ids name it too. */
  jwksUrls: readonly string[];
}

/** Longest wait of an event for the signing keys. Svix gives up after 15 s. */
const KEYS_TIMEOUT_MS = 2_000;

/**
 * Creates the guard. Clerk's key id is its instance id, so the signing keys name the expected instance. The guard
 * aborts retries only if `CLERK_INSTANCE_ID` and the keys agree, and no key belongs to the event's instance. Otherwise
 * one of our variables may be wrong, and Svix must send the event again after the fix.
 *
 * @param config The configured instance and the addresses of its keys.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @param after The timer of each wait.
 * @returns The guard. It accepts an event without an instance, and any event if the expected instance is unknown.
 */
export function createInstanceGuard(
  config: InstanceConfig,
  fetch: Fetch,
  now: () => number,
  after: After = startTimer,
): GuardInstance {
  const { instanceId, jwksUrls } = config;
  const stores = jwksUrls.map((url) => createKeyStore(url, fetch, now, after));
  // Ids stay valid after an outage, because the configured addresses always belong to the same instance.
  let learned: string[] = [];
  const learn = async () => {
    // Each address has its own timeout: behind a proxy, one of them may never answer.
    const ids = instancesOf(
      (await Promise.all(stores.map((keys) => inTime(keys.ids(), after(KEYS_TIMEOUT_MS))))).flat(),
    );
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
  const detail = `Cannot store the event: it comes from another Clerk instance than ${expected}`;
  if (configured === undefined) return new ApiError("WRONG_INSTANCE", detail);
  const agrees = agreesWithKeys(configured, ofKeys);
  if (agrees === undefined) {
    return new ApiError("WRONG_INSTANCE", `${detail} (CLERK_INSTANCE_ID), which no signing key confirms`);
  }
  if (agrees && !ofKeys.includes(claimed)) {
    return new ApiError("WRONG_INSTANCE", detail, { headers: { "webhook-delivery": "abort-message" } });
  }
  return new ApiError(
    "WRONG_INSTANCE",
    `${detail} (CLERK_INSTANCE_ID). The signing keys belong to ${ofKeys.join(" or ")}. Correct one of them`,
  );
}

/**
 * Compares `CLERK_INSTANCE_ID` with the ids of Clerk's signing keys, which are instance ids.
 *
 * @param instanceId The configured instance.
 * @param keyIds The `kid` of each published key.
 * @returns Whether one of the keys belongs to this instance; undefined if no key names an instance.
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

async function inTime(ids: Promise<string[]>, { signal, stop }: TimeLimit): Promise<string[]> {
  return await Promise.race([
    ids,
    new Promise<string[]>((resolve) => signal.addEventListener("abort", () => resolve([]), { once: true })),
  ]).finally(stop);
}
