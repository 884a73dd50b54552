/**
 * Checks the parts that the bundle depends on.
 *
 * @module
 */
import { createKeyStore } from "../_clerk-supabase/auth/jwks.ts";
import { agreesWithKeys } from "../_clerk-supabase/clerk/event_instance.ts";
import type { HealthConfig } from "../_clerk-supabase/config.ts";
import { createApplyChanges } from "../_clerk-supabase/database/apply_changes.ts";
import { createServiceClient } from "../_clerk-supabase/database/clients.ts";
import { ApiError } from "../_clerk-supabase/errors.ts";
import type { Fetch } from "../_clerk-supabase/http/bounded_fetch.ts";
import { isObject } from "../_clerk-supabase/formats/json.ts";

/** The state of a part. */
export interface Part {
  status: "ok" | "failed";
  /** The error code of a failed part. */
  code?: string;
}

/** The state of all parts. */
export interface Health {
  status: "ok" | "unavailable";
  parts: {
    /** `names` has the variables that are missing or malformed, never their values. */
    variables: Part & { names: readonly string[] };
    /** The write path responds: the migrations are applied and the key is valid. */
    database: Part;
    /** Clerk's signing keys can be fetched. */
    jwks: Part;
    /** `CLERK_INSTANCE_ID` is the instance of the signing keys; otherwise all events are refused. */
    instance: Part;
  };
}

/** Messages that the database refuses and Svix still retries, and the time of the first one. */
export interface FailingMessages {
  messages: number;
  since: string | null;
}

/** Counts failing messages. Returns undefined if the database cannot be reached. Never throws. */
export type CountFailing = () => Promise<FailingMessages | undefined>;

/**
 * Creates the count of failing messages from configuration.
 *
 * @param config The configuration.
 * @returns The count; undefined if the database is not configured.
 */
export function composeCountFailing({ service }: HealthConfig): CountFailing | undefined {
  if (!service) return undefined;
  const client = createServiceClient(service);
  return async () => {
    const { data } = await client.rpc("clerk_status");
    const failing = isObject(data) ? data.failing : undefined;
    return isFailing(failing) ? failing : undefined;
  };
}

function isFailing(value: unknown): value is FailingMessages {
  return isObject(value) && typeof value.messages === "number";
}

/** Checks all parts. Never throws. */
export type Check = () => Promise<Health>;

/**
 * Creates the check from configuration.
 *
 * @param config The configuration.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @returns The check.
 */
export function composeHealthCheck(config: HealthConfig, fetch: Fetch, now: () => number): Check {
  const applyChanges = config.service && createApplyChanges(createServiceClient(config.service));
  const stores = config.jwksUrls.map((url) => createKeyStore(url, fetch, now));
  return createHealthCheck({
    problems: config.problems,
    applyChanges: applyChanges && (() => applyChanges([])),
    // Behind a proxy, one of an instance's addresses may have no keys.
    keyIds: stores.length === 0 ? undefined : async () => (await Promise.all(stores.map((keys) => keys.ids()))).flat(),
    areKeysNeeded: config.areKeysNeeded,
    instanceId: config.instanceId,
  });
}

/** The dependencies to check. A dependency is undefined if its variables are faulty, which `problems` reports. */
export interface Parts {
  problems: readonly string[];
  applyChanges: (() => Promise<unknown>) | undefined;
  keyIds: (() => Promise<string[]>) | undefined;
  /** False if a PEM key verifies tokens. */
  areKeysNeeded: boolean;
  instanceId: string | undefined;
}

/**
 * Creates the check from its dependencies.
 *
 * @param parts The dependencies.
 * @returns The check.
 */
export function createHealthCheck({ problems, applyChanges, ...keys }: Parts): Check {
  return async () => {
    const [database, { jwks, instance }] = await Promise.all([checkDatabase(applyChanges), checkKeys(keys)]);
    const variables = { ...(problems.length === 0 ? OK : failed("CONFIG_INVALID")), names: problems };
    const healthy = [variables, database, jwks, instance].every(({ status }) => status === "ok");
    return { status: healthy ? "ok" : "unavailable", parts: { variables, database, jwks, instance } };
  };
}

const OK: Part = { status: "ok" };

function failed(code: string): Part {
  return { status: "failed", code };
}

async function checkDatabase(applyChanges: Parts["applyChanges"]): Promise<Part> {
  if (!applyChanges) return failed("CONFIG_MISSING");
  try {
    await applyChanges();
    return OK;
  } catch (error) {
    return failed(error instanceof ApiError ? error.code : "INTERNAL_ERROR");
  }
}

type KeyParts = Pick<Parts, "keyIds" | "areKeysNeeded" | "instanceId">;

/** With a PEM key, keys are fetched only to confirm the instance, and need not be reachable. */
async function checkKeys(parts: KeyParts): Promise<Pick<Health["parts"], "jwks" | "instance">> {
  const { keyIds, areKeysNeeded, instanceId } = parts;
  if (!keyIds || (!areKeysNeeded && instanceId === undefined)) return { jwks: OK, instance: OK };
  const ids = await keyIds();
  const contradicted = instanceId !== undefined && agreesWithKeys(instanceId, ids) === false;
  return {
    jwks: areKeysNeeded && ids.length === 0 ? failed("JWKS_UNAVAILABLE") : OK,
    instance: contradicted ? failed("WRONG_INSTANCE") : OK,
  };
}
