/**
 * What has to work for the bundle to work.
 *
 * @module
 */
import { createKeyStore } from "../_shared/auth/jwks.ts";
import type { HealthConfig } from "../_shared/config.ts";
import { createApplyChanges } from "../_shared/database/apply_changes.ts";
import { createServiceClient } from "../_shared/database/clients.ts";
import { ApiError } from "../_shared/errors.ts";
import type { Fetch } from "../_shared/http/bounded_fetch.ts";

/** The state of a part. */
export interface Part {
  status: "ok" | "failed";
  /** The code of what went wrong. */
  code?: string;
}

/** The state of everything. */
export interface Health {
  status: "ok" | "unavailable";
  parts: {
    /** With the names of variables that are missing or malformed; never their values. */
    variables: Part & { names: readonly string[] };
    /** The write path answers: the migrations are applied and the key is right. */
    database: Part;
    /** Clerk's signing keys can be had. */
    jwks: Part;
  };
}

/** Looks at everything. It never throws. */
export type Check = () => Promise<Health>;

/**
 * Makes the check.
 *
 * @param config What is configured.
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
  });
}

/** What there is to look at. Undefined is what cannot be looked at, because of its variables, or need not be. */
export interface Parts {
  problems: readonly string[];
  applyChanges: (() => Promise<unknown>) | undefined;
  keyIds: (() => Promise<string[]>) | undefined;
}

/**
 * Makes the check of given parts.
 *
 * @param parts The parts.
 * @returns The check.
 */
export function createHealthCheck({ problems, applyChanges, keyIds }: Parts): Check {
  return async () => {
    const [database, jwks] = await Promise.all([checkDatabase(applyChanges), checkKeys(keyIds)]);
    const variables = { ...(problems.length === 0 ? OK : failed("CONFIG_INVALID")), names: problems };
    const healthy = [variables, database, jwks].every(({ status }) => status === "ok");
    return { status: healthy ? "ok" : "unavailable", parts: { variables, database, jwks } };
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

/** With a PEM key there is nothing to fetch; without any variable that says from where, that is named already. */
async function checkKeys(keyIds: Parts["keyIds"]): Promise<Part> {
  if (!keyIds) return OK;
  return (await keyIds()).length > 0 ? OK : failed("JWKS_UNAVAILABLE");
}
