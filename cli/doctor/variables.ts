/**
 * Whether every variable is there and well formed, by the readers that the functions use.
 *
 * @module
 */
import {
  type Env,
  readCorsOrigins,
  readProfileConfig,
  readReconcileConfig,
  readWebhookConfig,
} from "../../supabase/functions/_clerk-supabase/config.ts";
import { ApiError } from "../../supabase/functions/_clerk-supabase/errors.ts";
import { shellName } from "../target.ts";
import { API_KEYS } from "./keys.ts";
import { type CheckResult, failed, ok, skipped } from "./report.ts";

/**
 * A reader stops at the first fault. In a variable's place, these let it go on to the next; no check is made with
 * them. Variables that are not here may be left out.
 */
const STAND_INS: Record<string, string> = {
  CLERK_WEBHOOK_SECRET: `whsec_${"A".repeat(32)}`,
  CLERK_PUBLISHABLE_KEY: "pk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk",
  CLERK_SECRET_KEY: "sk_test_x",
  CLERK_AUTHORIZED_PARTIES: "https://example.com",
  SUPABASE_URL: "https://example.com",
  SUPABASE_SECRET_KEYS: '{"default":"x"}',
  SUPABASE_SERVICE_ROLE_KEY: "x",
  SUPABASE_PUBLISHABLE_KEYS: '{"default":"x"}',
  SUPABASE_ANON_KEY: "x",
};

/** Where values come from. */
const ENDPOINT = "Clerk dashboard → Configure → Webhooks → your endpoint → Signing Secret";
const SUPABASE_KEYS = "Supabase dashboard → Settings → API keys";
const SOURCES: Record<string, string> = {
  CLERK_PUBLISHABLE_KEY: API_KEYS,
  CLERK_SECRET_KEY: API_KEYS,
  CLERK_JWT_KEY: API_KEYS,
  CLERK_WEBHOOK_SECRET: ENDPOINT,
  CLERK_WEBHOOK_SIGNING_SECRET: ENDPOINT,
  SUPABASE_SECRET_KEY: SUPABASE_KEYS,
  SUPABASE_PUBLISHABLE_KEY: SUPABASE_KEYS,
};

/** Whether a variable that is not here may be set where the functions are. */
export type Elsewhere = (name: string) => boolean;

/**
 * Checks every variable of the functions.
 *
 * @param env The variables.
 * @param local Whether no other check needs the platform's variables: the platform sets those of the functions itself.
 * @param deployed Whether the functions are elsewhere and have a variable there, or can be asked: the check `health`.
 * @returns One result for each variable that is faulty or worth a word; one for all where none is faulty.
 */
export function checkVariables(env: Env, local = false, deployed: Elsewhere = () => false): CheckResult[] {
  const results = findFaults(env).flatMap((fault) => {
    const absent = fault.code === "CONFIG_MISSING" && fault.variable?.startsWith("SUPABASE_");
    if (absent) return local ? [] : [absentHere(shellName(fault.variable))];
    if (fault.code === "CONFIG_MISSING" && deployed(fault.variable ?? "")) {
      return [deployedOnly(shellName(fault.variable))];
    }
    return [faulty(shellName(fault.variable), fault)];
  });
  const good = results.some(({ status }) => status === "failed")
    ? []
    : [ok("variables", "every variable that is needed is there, and all are well formed")];
  return [...good, ...results, ...secretKey(env)];
}

function findFaults(env: Env): ApiError[] {
  const faults = new Map<string, ApiError>();
  const patched: Env = (name) => faults.has(name) ? STAND_INS[name] : env(name);
  for (const read of readers(env)) {
    for (let fault = faultOf(read, patched); fault; fault = faultOf(read, patched)) {
      // One that no stand-in fixes would be found for ever.
      if (fault.variable === undefined || faults.has(fault.variable)) throw fault;
      faults.set(fault.variable, fault);
    }
  }
  return [...faults.values()];
}

function readers(env: Env): Array<(env: Env) => unknown> {
  const always = [readWebhookConfig, readProfileConfig, readCorsOrigins];
  // Without Clerk's secret key, nobody means to use clerk-reconcile.
  return env("CLERK_SECRET_KEY")?.trim() ? [...always, readReconcileConfig] : always;
}

function faultOf(read: (env: Env) => unknown, env: Env): ApiError | undefined {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** Where to set a variable, in what a check says. */
export const WHERE_TO_SET = "in supabase/functions/.env or the shell, and by supabase secrets set for a hosted project";

function faulty(name: string, fault: ApiError): CheckResult {
  const source = SOURCES[name] ?? ".env.example explains it";
  return failed(
    `variable ${name}`,
    fault.message.replace(/^Cannot start: /, ""),
    `Set it ${WHERE_TO_SET} (${source})`,
  );
}

function absentHere(name: string): CheckResult {
  const source = SOURCES[name] ? ` (${SOURCES[name]})` : "";
  return skipped(
    `variable ${name}`,
    `not set here. The functions get theirs from the platform; the checks that need it do not run${source}`,
  );
}

function deployedOnly(name: string): CheckResult {
  return skipped(
    `variable ${name}`,
    "not set here. The check health tells of the deployed one; set it here too, for the checks that need its value",
  );
}

/** To go without it is a choice, to be made knowingly. */
function secretKey(env: Env): CheckResult[] {
  if (env("CLERK_SECRET_KEY")?.trim()) return [];
  return [skipped(
    "variable CLERK_SECRET_KEY",
    "not set. It is optional: without it, profile tells new users to wait, and there is no backfill, reconcile or status",
  )];
}
