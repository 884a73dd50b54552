/**
 * Whether Clerk's keys belong together.
 *
 * @module
 */
import { type SigningKey, signingKeys } from "../../supabase/functions/_shared/auth/jwks.ts";
import { createClerkApi } from "../../supabase/functions/_shared/clerk/api.ts";
import { frontendApiUrl } from "../../supabase/functions/_shared/clerk/publishable_key.ts";
import { createInstanceProof } from "../../supabase/functions/_shared/clerk/same_instance.ts";
import {
  jwksUrlOf,
  readClerkApiConfig,
  readJwksUrls,
  readTokenConfig,
} from "../../supabase/functions/_shared/config.ts";
import { ApiError, type ErrorCode } from "../../supabase/functions/_shared/errors.ts";
import { ask } from "./ask.ts";
import { type Installation, tryRead } from "./installation.ts";
import { type CheckResult, failed, ok, skipped } from "./report.ts";

/** Where Clerk shows its keys. */
export const API_KEYS = "Clerk dashboard → Configure → API keys";

/**
 * Checks that the issuer is the publishable key's host.
 *
 * @param installation The variables.
 * @returns The result.
 */
export function checkIssuer({ target: { env, local } }: Installation): CheckResult {
  const name = "issuer";
  const url = frontendApiUrl(env("CLERK_PUBLISHABLE_KEY")?.trim() ?? "");
  if (url === undefined) return skipped(name, "CLERK_PUBLISHABLE_KEY is not set or malformed");
  const { value: config, missing } = tryRead(() => readTokenConfig(env));
  if (!config) return skipped(name, missing);
  const { host } = new URL(url);
  if (config.issuers.includes(url)) return ok(name, `${host}, from the publishable key`);
  if (local) return ok(name, `the local stack's CLERK_ISSUER, in place of ${host}`);
  return failed(
    name,
    `CLERK_ISSUER is not ${url}, the host of CLERK_PUBLISHABLE_KEY`,
    `Remove CLERK_ISSUER, or take the publishable key of the instance that you mean (${API_KEYS})`,
  );
}

/**
 * Checks that both of Clerk's keys are of a development instance, or both of production. No network is needed.
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
    `CLERK_PUBLISHABLE_KEY is a ${publishable} key, CLERK_SECRET_KEY a ${secret} key: two instances`,
    `Take both keys of one instance (${API_KEYS})`,
  );
}

function kindOf(key: string | undefined, prefix: string): string | undefined {
  return new RegExp(`^${prefix}_(test|live)_.`).exec(key?.trim() ?? "")?.[1];
}

/**
 * Checks that Clerk publishes keys that can sign tokens.
 *
 * @param installation The variables and the network.
 * @returns The result, and the keys.
 */
export async function checkSigningKeys(
  { target: { env }, fetch }: Installation,
): Promise<{ check: CheckResult; keys: SigningKey[] }> {
  const name = "signing-keys";
  const { value: config, missing } = tryRead(() => readTokenConfig(env));
  if (!config) return { check: skipped(name, missing), keys: [] };
  const jwksUrl = jwksUrlOf(config.issuers[0]!, config);
  const { host } = new URL(jwksUrl);
  const { answer, silence } = await ask(fetch, jwksUrl, { headers: { accept: "application/json" } });
  const keys = answer?.status === 200 ? signingKeys(answer.body) : [];
  if (keys.length > 0) return { check: ok(name, `${host} publishes ${keys.length === 1 ? "one" : keys.length}`), keys };
  const why = silence ?? (answer?.status === 200 ? "there is no RSA key for signatures" : `HTTP ${answer?.status}`);
  const check = failed(
    name,
    `Clerk's signing keys cannot be had from ${host}: ${why}`,
    `Compare CLERK_PUBLISHABLE_KEY with ${API_KEYS}. Of a production instance, the domain's DNS records must be verified`,
  );
  return { check, keys };
}

/** What to do where the proof fails. What is not here may pass by itself. */
const MENDS: Partial<Record<ErrorCode, string>> = {
  CLERK_SECRET_KEY_REFUSED: `Clerk refused it: it was revoked, or cut short. Take another (${API_KEYS})`,
  CLERK_SECRET_KEY_OF_OTHER_INSTANCE: `Take both keys of one instance (${API_KEYS})`,
};

/**
 * Checks that the secret key is of the publishable key's instance.
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
    return ok(name, "CLERK_SECRET_KEY is of the same instance as CLERK_PUBLISHABLE_KEY");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === "JWKS_UNAVAILABLE") return skipped(name, "there are no signing keys to compare with");
    if (error.code === "CLERK_RATE_LIMITED") return skipped(name, "Clerk's rate limit is reached: try again");
    const mend = MENDS[error.code] ?? "Look at status.clerk.com, and at CLERK_API_URL if you set it; then try again";
    return failed(name, `${error.title} (${error.code})`, mend);
  }
}
