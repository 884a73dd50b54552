/**
 * Which Clerk instance an event must come from. A development instance's events have no place in the
 * production database.
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
  /** The addresses of the instance's signing keys, to learn from if none is configured. */
  jwksUrls: readonly string[];
}

/** How long an event may wait for the signing keys, in milliseconds. Svix gives up after 15 s. */
const PATIENCE = 2_000;

/**
 * Makes the guard. Clerk's key id is its instance id, so the expected instance can be learned where it is not
 * configured. Against a configured instance a mismatch is final; against a learned one it may be our mistake,
 * so Svix is let retry.
 *
 * @param config The instance, or where to learn it.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @returns The guard. An event without an instance passes, and so does any where nothing can be learned.
 */
export function createInstanceGuard(config: InstanceConfig, fetch: Fetch, now: () => number): GuardInstance {
  const { instanceId, jwksUrls } = config;
  const stores = jwksUrls.map((url) => createKeyStore(url, fetch, now));
  const learn = async () => (await Promise.all(stores.map((keys) => keys.ids()))).flat().filter(isInstanceId);
  // What was learned once holds: the keys that this process asks for are of the same instance always.
  let expected = instanceId === undefined ? [] : [instanceId];
  return async (event) => {
    if (event.instanceId === undefined || expected.includes(event.instanceId)) return;
    const learned = instanceId === undefined ? await inTime(learn()) : [];
    if (learned.length > 0) expected = learned;
    if (expected.length === 0 || expected.includes(event.instanceId)) return;
    throw new ApiError(
      "WRONG_INSTANCE",
      `Cannot take event: it comes from another Clerk instance than ${expected.join(" or ")}`,
      instanceId === undefined ? {} : { headers: { "webhook-delivery": "abort-message" } },
    );
  };
}

function isInstanceId(id: string): boolean {
  return id.startsWith("ins_");
}

/** By a signal, which costs less than a timer: Deno would load Node's for it. */
async function inTime(ids: Promise<string[]>): Promise<string[]> {
  const late = AbortSignal.timeout(PATIENCE);
  return await Promise.race([
    ids,
    new Promise<string[]>((resolve) => late.addEventListener("abort", () => resolve([]), { once: true })),
  ]);
}
