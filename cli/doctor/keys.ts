/**
 * Checks that Clerk's keys belong to one instance.
 *
 * @module
 */
import { type SigningKey, signingKeys } from "../../supabase/functions/_clerk-supabase/auth/jwks.ts";
import { createClerkApi } from "../../supabase/functions/_clerk-supabase/clerk/api.ts";
import { frontendApiUrl } from "../../supabase/functions/_clerk-supabase/formats/publishable_key.ts";
import { agreesWithKeys } from "../../supabase/functions/_clerk-supabase/clerk/event_instance.ts";
import { createInstanceProof } from "../../supabase/functions/_clerk-supabase/clerk/key_instance.ts";
import {
  jwksUrlOf,
  readClerkApiConfig,
  readInstanceId,
  readJwksUrls,
  readTokenConfig,
} from "../../supabase/functions/_clerk-supabase/config.ts";
import { ApiError, type ErrorCode } from "../../supabase/functions/_clerk-supabase/errors.ts";
import { docsPage } from "../../project/docs_page.ts";
import { ask } from "./ask.ts";
import { type Installation, tryRead } from "./installation.ts";
import { type CheckResult, failed, ok, skipped } from "./report.ts";

/** The place where Clerk shows its keys. */
export const API_KEYS = "Clerk dashboard → Configure → API keys";

/**
 * Checks that every issuer belongs to the publishable key's instance. An issuer with another name may be that instance
 * behind a proxy, so the check compares the keys that both addresses publish.
 *
 * @param installation The variables and the network.
 * @param asksClerk Whether the check may fetch the keys.
 * @returns The result. Addresses that cannot be compared are not a fault.
 */
export async function checkIssuer(installation: Installation, asksClerk: boolean): Promise<CheckResult> {
  const name = "issuer";
  const { target: { env, local } } = installation;
  const url = frontendApiUrl(env("CLERK_PUBLISHABLE_KEY")?.trim() ?? "");
  if (url === undefined) return skipped(name, "CLERK_PUBLISHABLE_KEY is not set or malformed");
  const { value: config, missing } = tryRead(() => readTokenConfig(env));
  if (!config) return skipped(name, missing);
  const { host } = new URL(url);
  const others = config.issuers.filter((issuer) => issuer !== url);
  if (others.length === 0) return ok(name, `${host}, from the publishable key`);
  if (local) return ok(name, `the local stack's CLERK_ISSUER, in place of ${host}`);
  if (!asksClerk) {
    return skipped(
      name,
      `CLERK_ISSUER names other addresses than ${host}; this can be checked only by comparing their keys`,
    );
  }
  return await compareIssuers(installation, url, others.map((issuer) => [issuer, jwksUrlOf(issuer, config)] as const));
}

/** Compares the keys of the publishable key's address with those of each issuer. */
async function compareIssuers(
  installation: Installation,
  url: string,
  issuers: ReadonlyArray<readonly [issuer: string, jwksUrl: string]>,
): Promise<CheckResult> {
  const name = "issuer";
  const { host } = new URL(url);
  const published = await Promise.all(issuers.map(async ([issuer, jwksUrl]) => {
    return { issuer, keys: (await fetchKeys(installation, jwksUrl)).keys };
  }));
  const own = new Set((await instanceKeys(installation, url)).map(identify));
  const compared = published.filter(({ keys }) => keys.length > 0);
  const foreign = compared.filter(({ keys }) => !keys.some((key) => own.has(identify(key))));
  const list = (found: typeof published) => found.map(({ issuer }) => issuer).join(", ");
  if (own.size === 0) return skipped(name, `${host} publishes no keys to compare ${list(published)} with`);
  if (foreign.length > 0) {
    return failed(
      name,
      `${list(foreign)} of CLERK_ISSUER has other keys than ${host}, the host of CLERK_PUBLISHABLE_KEY`,
      `Use CLERK_ISSUER and CLERK_PUBLISHABLE_KEY of the same instance, or remove CLERK_ISSUER (${API_KEYS})`,
    );
  }
  if (compared.length === 0) return skipped(name, `${list(published)} publishes no keys to compare with ${host}`);
  return ok(name, `${list(compared)} has the keys of ${host}, the host of CLERK_PUBLISHABLE_KEY`);
}

/**
 * The keys at the publishable key's own address. A proxied instance may not answer there; the Backend API then does.
 */
async function instanceKeys(installation: Installation, url: string): Promise<SigningKey[]> {
  const { keys } = await fetchKeys(installation, `${url}/.well-known/jwks.json`);
  const clerk = tryRead(() => readClerkApiConfig(installation.target.env)).value;
  if (keys.length > 0 || !clerk) return keys;
  try {
    return signingKeys(await createClerkApi(clerk, installation.fetch).fetchJwks());
  } catch (error) {
    // The check `secret-key` reports faults of the secret key.
    if (error instanceof ApiError) return [];
    throw error;
  }
}

/** Identifies a key by its content and its id, because anyone can publish an id. */
function identify({ kid, n }: SigningKey): string {
  return `${kid} ${n}`;
}

/** Fetches the keys of one address; `why` is the reason if there are none. */
async function fetchKeys({ fetch }: Installation, url: string): Promise<{ keys: SigningKey[]; why: string }> {
  const { answer, silence } = await ask(fetch, url, { headers: { accept: "application/json" } });
  const keys = answer?.status === 200 ? signingKeys(answer.body) : [];
  return {
    keys,
    why: silence ?? (answer?.status === 200 ? "it publishes no RSA key for signatures" : `HTTP ${answer?.status}`),
  };
}

/**
 * Checks that both of Clerk's keys belong to a development instance, or both to a production instance. Sends no
 * request.
 *
 * @param installation The variables.
 * @returns The result.
 */
export function checkKeyKinds({ target: { env } }: Installation): CheckResult {
  const name = "key-kinds";
  const [publishable, secret] = [kindOf(env("CLERK_PUBLISHABLE_KEY"), "pk"), kindOf(env("CLERK_SECRET_KEY"), "sk")];
  if (!publishable) return skipped(name, "CLERK_PUBLISHABLE_KEY is not set or malformed");
  if (!secret) return skipped(name, "CLERK_SECRET_KEY is not set or malformed");
  if (publishable === secret) return ok(name, `both keys of Clerk are ${secret} keys`);
  return failed(
    name,
    `CLERK_PUBLISHABLE_KEY is a ${publishable} key, CLERK_SECRET_KEY a ${secret} key: they belong to different instances`,
    `Use both keys of one instance (${API_KEYS})`,
  );
}

function kindOf(key: string | undefined, prefix: string): string | undefined {
  return new RegExp(`^${prefix}_(test|live)_.`).exec(key?.trim() ?? "")?.[1];
}

/**
 * Checks that Clerk publishes signing keys. Behind a proxy, one of several addresses may have none.
 *
 * @param installation The variables and the network.
 * @returns The result, and the keys.
 */
export async function checkSigningKeys(
  installation: Installation,
): Promise<{ check: CheckResult; keys: SigningKey[] }> {
  const name = "signing-keys";
  const { value: urls, missing } = tryRead(() => readJwksUrls(installation.target.env));
  if (!urls) return { check: skipped(name, missing), keys: [] };
  const found = await Promise.all(urls.map(async (url) => {
    return { host: new URL(url).host, ...await fetchKeys(installation, url) };
  }));
  const keys = found.flatMap((one) => one.keys);
  if (keys.length > 0) {
    const said = found.map((one) => `${one.host} publishes ${["none", "one"][one.keys.length] ?? one.keys.length}`);
    return { check: ok(name, said.join(", ")), keys };
  }
  const check = failed(
    name,
    `Cannot fetch Clerk's signing keys from ${found.map(({ host, why }) => `${host}: ${why}`).join("; ")}`,
    `Compare CLERK_PUBLISHABLE_KEY with ${API_KEYS}. For a production instance, the domain's DNS records must be ` +
      `verified; behind a proxy, see ${docsPage("docs/setup.md")}`,
  );
  return { check, keys };
}

/**
 * Checks that `CLERK_INSTANCE_ID` names the instance of the signing keys: Clerk's key ids are ids of instances.
 *
 * @param installation The variables.
 * @param readKeys Fetches the signing keys; called only if there is an id to compare.
 * @returns The result.
 */
export async function checkInstanceId(
  { target: { env } }: Installation,
  readKeys: () => Promise<readonly SigningKey[]>,
): Promise<CheckResult> {
  const name = "instance-id";
  const { value: id, missing } = tryRead(() => readInstanceId(env));
  if (missing !== undefined) return skipped(name, missing);
  if (id === undefined) return skipped(name, "CLERK_INSTANCE_ID is not set: the signing keys name the instance");
  const agrees = agreesWithKeys(id, (await readKeys()).map(({ kid }) => kid));
  if (agrees === undefined) return skipped(name, "there are no signing keys to compare CLERK_INSTANCE_ID with");
  if (agrees) return ok(name, "CLERK_INSTANCE_ID is the instance of the signing keys");
  return failed(
    name,
    "CLERK_INSTANCE_ID is not the instance of the signing keys, so the webhook refuses that instance's events",
    "Remove CLERK_INSTANCE_ID, because the signing keys name the instance; or compare it with the kid in their JWKS",
  );
}

/** The fixes for a failed proof. Any other code may be temporary. */
const FIXES: Partial<Record<ErrorCode, string>> = {
  CLERK_SECRET_KEY_REFUSED: `Clerk refused it: it was revoked or is incomplete. Use another key (${API_KEYS})`,
  CLERK_SECRET_KEY_OF_OTHER_INSTANCE: `Use both keys of one instance (${API_KEYS})`,
};

/**
 * Checks that the secret key and the publishable key belong to the same instance.
 *
 * @param installation The variables and the network.
 * @returns The result.
 */
export async function checkSecretKey({ target: { env }, fetch }: Installation): Promise<CheckResult> {
  const name = "secret-key";
  const clerk = tryRead(() => readClerkApiConfig(env));
  const jwksUrls = tryRead(() => readJwksUrls(env));
  if (!clerk.value) return skipped(name, clerk.missing);
  if (!jwksUrls.value) return skipped(name, jwksUrls.missing);
  try {
    await createInstanceProof(createClerkApi(clerk.value, fetch), jwksUrls.value, fetch)();
    return ok(name, "CLERK_SECRET_KEY belongs to the same instance as CLERK_PUBLISHABLE_KEY");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === "JWKS_UNAVAILABLE") return skipped(name, "there are no signing keys to compare with");
    if (error.code === "CLERK_RATE_LIMITED") return skipped(name, "Clerk's rate limit is reached: try again later");
    const fix = FIXES[error.code] ?? "Check status.clerk.com, and CLERK_API_URL if you set it; then try again";
    return failed(name, `${error.title} (${error.code})`, fix);
  }
}
