/**
 * Checks that our verifier and the Data API accept the session token of a real user.
 *
 * @module
 */
import { docsPage } from "../../project/docs_page.ts";
import { createTokenVerifier } from "../../supabase/functions/_clerk-supabase/auth/token.ts";
import {
  readClerkApiConfig,
  readDataApiAsCaller,
  readTokenConfig,
} from "../../supabase/functions/_clerk-supabase/config.ts";
import { ApiError, type ErrorCode } from "../../supabase/functions/_clerk-supabase/errors.ts";
import { ask, codeOf, describeAnswer } from "./ask.ts";
import { fixForSilence, type Installation, tryRead } from "./installation.ts";
import { mintToken } from "./live_session.ts";
import { type CheckResult, failed, ok, skipped } from "./report.ts";

const FRESH = "Use a new token: the one from await Clerk.session.getToken() lives for a minute";
const INSTANCE = "Compare CLERK_PUBLISHABLE_KEY with the instance that signed the user in";
const CLOCK = "Set this machine's clock";
const KIND = "Use the result of getToken() without a template";
const INTEGRATION =
  "Clerk dashboard → Configure → Integrations → Supabase: activate it, so that session tokens carry " +
  '"role": "authenticated"';

/** The fix for each fault of a token. */
const FIXES: Partial<Record<ErrorCode, string>> = {
  ROLE_CLAIM_MISSING: INTEGRATION,
  TOKEN_ISSUER_INVALID: INSTANCE,
  TOKEN_KEY_UNKNOWN: INSTANCE,
  TOKEN_SIGNATURE_INVALID: `${INSTANCE}; if CLERK_JWT_KEY is set, check that it is this instance's key`,
  TOKEN_EXPIRED: FRESH,
  TOKEN_NOT_YET_VALID: CLOCK,
  TOKEN_ISSUED_IN_FUTURE: CLOCK,
  TOKEN_PARTY_NOT_AUTHORIZED: "Add the app's origin to CLERK_AUTHORIZED_PARTIES",
  TOKEN_NOT_A_SESSION: KIND,
  TOKEN_MALFORMED: KIND,
  TOKEN_ALGORITHM_NOT_ALLOWED: KIND,
  TOKEN_CLAIM_INVALID: "Remove the claims that Clerk sets itself from the session token's customization",
  SESSION_PENDING: "The user must finish a task, such as choosing an organization: finish it, or use another session",
  CONFIG_INVALID: "Copy CLERK_JWT_KEY from Clerk dashboard → Configure → API keys, or remove it",
};

/**
 * A token, and whether the doctor minted it: Clerk's Backend API does not know the origin, so it mints tokens without
 * azp.
 */
type Sample = { token: string; minted: boolean; none?: never } | { token?: never; minted?: never; none: string };

/**
 * Checks a session token: the one that was passed, or the token of a live session.
 *
 * @param installation The variables, the token and the network.
 * @returns The result, and the token if it is valid.
 */
export async function checkSession(
  installation: Installation,
): Promise<{ check: CheckResult; token?: string | undefined }> {
  const name = "session-token";
  const { target, fetch, now } = installation;
  const { value: config, missing } = tryRead(() => readTokenConfig(target.env));
  if (!config) return { check: skipped(name, missing) };
  const { token, minted, none } = await takeSample(installation);
  if (token === undefined) return { check: skipped(name, none) };
  try {
    await createTokenVerifier(minted ? { ...config, requireAzp: false } : config, fetch, now)(token);
  } catch (error) {
    return { check: judge(name, error) };
  }
  const whose = minted ? "a token of a live session" : "the token";
  return { check: ok(name, `${whose} has "role": "authenticated" and is valid`), token };
}

async function takeSample({ target, fetch, token }: Installation): Promise<Sample> {
  if (token !== undefined) return { token, minted: false };
  const { value: clerk, missing } = tryRead(() => readClerkApiConfig(target.env));
  if (!clerk) return { none: `there is no token to check: pass --token (${missing})` };
  const { token: minted, none } = await mintToken(clerk, fetch);
  return minted === undefined ? { none } : { token: minted, minted: true };
}

function judge(name: string, error: unknown): CheckResult {
  if (!(error instanceof ApiError)) throw error;
  if (error.code === "JWKS_UNAVAILABLE") return skipped(name, "there are no signing keys to verify the token with");
  return failed(
    name,
    `${error.title} (${error.code})`,
    FIXES[error.code] ?? `${docsPage("docs/errors.md")} explains ${error.code}`,
  );
}

/**
 * Checks that the Data API trusts the Clerk instance, by reading one id as the token's user.
 *
 * @param installation The project and the network.
 * @param token A valid token.
 * @returns The result.
 */
export async function checkThirdPartyAuth(
  { target, fetch }: Installation,
  token: string | undefined,
): Promise<CheckResult> {
  const name = "third-party-auth";
  const { value: caller, missing } = tryRead(() => readDataApiAsCaller(target.env));
  if (token === undefined) return skipped(name, "there is no valid session token");
  if (!caller) return skipped(name, missing);
  const { answer, silence } = await ask(fetch, `${target.url}/rest/v1/users?select=clerk_user_id&limit=1`, {
    headers: { apikey: caller.key, authorization: `Bearer ${token}` },
  });
  if (!answer) return failed(name, `the Data API cannot be reached: ${silence}`, fixForSilence(target));
  if (answer.status === 200) return ok(name, "the Data API accepts the token");
  const code = codeOf(answer.body);
  const said = describeAnswer(answer);
  if (answer.status !== 401) {
    return failed(name, `the Data API answers ${said}`, "Fix the check `migrations` first");
  }
  // The request reached row level security with the anonymous role.
  if (code === "42501") return failed(name, `the Data API sees no role in the token (${said})`, INTEGRATION);
  const other = code === ""
    ? ". If it is already listed, compare SUPABASE_PUBLISHABLE_KEY with this project's key"
    : "";
  return failed(
    name,
    `the project does not trust this Clerk instance (${said})`,
    `Supabase dashboard → Authentication → Third-Party Auth: add Clerk with the domain of the check \`issuer\`. After a ` +
      `key rotation at Clerk, wait up to 30 minutes${other}`,
  );
}
