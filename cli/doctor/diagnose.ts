/**
 * Runs every check; later checks build on earlier ones.
 *
 * @module
 */
import { checkBoundInstance } from "./bound_instance.ts";
import { checkConfigFile } from "./config_file.ts";
import { checkDatabase } from "./database.ts";
import { checkHealth } from "./deployed.ts";
import { checkExamples } from "./examples.ts";
import { readServiceConfig } from "../../supabase/functions/_clerk-supabase/config.ts";
import { type Installation, tryRead } from "./installation.ts";
import { checkInstanceId, checkIssuer, checkKeyKinds, checkSecretKey, checkSigningKeys } from "./keys.ts";
import { type CheckResult, type DoctorReport, failed, toReport } from "./report.ts";
import { checkSession, checkThirdPartyAuth } from "./session.ts";
import { checkVariables, type Elsewhere } from "./variables.ts";
import { checkWebhookSecret, probeWebhook } from "./webhook.ts";

/** Which checks run. */
export interface Options {
  /** Whether to run only the checks that need no project. */
  local?: boolean;
  /** Whether the checks may send requests to Clerk; true unless `local`. */
  asksClerk?: boolean;
  /** Returns whether a missing variable may be set at the deployed functions only. */
  deployed?: Elsewhere;
}

/**
 * Runs the checks on an installation.
 *
 * @param installation The installation.
 * @param options Which checks run.
 * @returns The results.
 */
export async function diagnose(installation: Installation, options: Options = {}): Promise<DoctorReport> {
  const { local = false, asksClerk = !local, deployed } = options;
  const elsewhere = deployed ?? (() => !local && isDeployed(installation));
  const checks = await examine(installation, { local, asksClerk, elsewhere });
  if (!local) checks.push(...await examineDeployed(installation));
  else if (asksClerk) checks.push(...await examineInstanceId(installation));
  return toReport(checks);
}

/** Returns whether this is a hosted project with a known key, whose `health` reports its variables. */
function isDeployed({ target }: Installation): boolean {
  return !target.local && tryRead(() => readServiceConfig(target.env)).value !== undefined;
}

async function examine(
  installation: Installation,
  { local, asksClerk, elsewhere }: { local: boolean; asksClerk: boolean; elsewhere: Elsewhere },
): Promise<CheckResult[]> {
  return [
    ...await attempt("variables", () => checkVariables(installation.target.env, local, elsewhere)),
    ...await attempt("issuer", async () => [await checkIssuer(installation, asksClerk)]),
    ...await attempt("key-kinds", () => [checkKeyKinds(installation)]),
    ...await attempt("webhook-secret", () => [checkWebhookSecret(installation)]),
    ...await attempt("verify-jwt", () => checkConfigFile(installation)),
  ];
}

/** Fetches the signing keys only if CLERK_INSTANCE_ID is set. */
function examineInstanceId(installation: Installation): Promise<CheckResult[]> {
  const readKeys = async () => (await checkSigningKeys(installation)).keys;
  return attempt("instance-id", async () => [await checkInstanceId(installation, readKeys)]);
}

async function examineDeployed(installation: Installation): Promise<CheckResult[]> {
  let signing: Awaited<ReturnType<typeof checkSigningKeys>> | undefined;
  let probe: CheckResult | undefined;
  let session: Awaited<ReturnType<typeof checkSession>> | undefined;
  return [
    ...await attempt("signing-keys", async () => [(signing = await checkSigningKeys(installation)).check]),
    ...await attempt(
      "instance-id",
      async () => [await checkInstanceId(installation, () => Promise.resolve(signing?.keys ?? []))],
    ),
    ...await attempt("secret-key", async () => [await checkSecretKey(installation)]),
    ...await attempt("webhook", async () => [probe = await probeWebhook(installation, signing?.keys ?? [])]),
    ...await attempt("webhook-examples", async () => [await checkExamples(installation, probe?.status === "ok")]),
    ...await attempt("health", async () => [await checkHealth(installation)]),
    ...await attempt("migrations", () => checkDatabase(installation)),
    ...await attempt("bound-instance", async () => [await checkBoundInstance(installation, signing?.keys ?? [])]),
    ...await attempt("session-token", async () => [(session = await checkSession(installation)).check]),
    ...await attempt("third-party-auth", async () => [await checkThirdPartyAuth(installation, session?.token)]),
  ];
}

/**
 * Turns an exception into one failed check, so that the others run. The error's message is left out: it may hold
 * secrets.
 */
async function attempt(name: string, run: () => CheckResult[] | Promise<CheckResult[]>): Promise<CheckResult[]> {
  try {
    return await run();
  } catch (error) {
    const kind = error instanceof Error ? error.name : "an error";
    return [failed(name, `the check itself failed (${kind})`, "Report this with the command, without keys and tokens")];
  }
}
