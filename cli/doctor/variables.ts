/**
 * Checks that every variable is set and well formed, with the readers that the functions use.
 *
 * @module
 */
import { configReaders, type Env } from "../../supabase/functions/_clerk-supabase/config.ts";
import { ApiError } from "../../supabase/functions/_clerk-supabase/errors.ts";
import { shellName } from "../target.ts";
import { API_KEYS } from "./keys.ts";
import { type CheckResult, failed, ok, skipped } from "./report.ts";

/**
 * Replacements for faulty variables. A reader stops at the first fault; with a replacement it reaches the next one.
 * They are used for nothing else. Variables that are not listed are optional.
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

/** The places to copy values from. */
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

/** Returns whether a variable that is not set here may be set at the deployed functions. */
export type Elsewhere = (name: string) => boolean;

/**
 * Checks every variable that the functions read.
 *
 * @param env The variables.
 * @param local Whether no other check needs the platform's variables, which the platform sets for the functions.
 * @param deployed Returns whether a variable may be set at the deployed functions only.
 * @returns One result for each variable that is faulty or skipped, and one for all others if none is faulty.
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
    : [ok("variables", "every required variable is set, and all are well formed")];
  return [...good, ...results, ...secretKey(env)];
}

function findFaults(env: Env): ApiError[] {
  const faults = new Map<string, ApiError>();
  const patched: Env = (name) => faults.has(name) ? STAND_INS[name] : env(name);
  for (const read of configReaders(env)) {
    for (let fault = faultOf(read, patched); fault; fault = faultOf(read, patched)) {
      // Without a replacement that fixes the fault, this loop would not end.
      if (fault.variable === undefined || faults.has(fault.variable)) throw fault;
      faults.set(fault.variable, fault);
    }
  }
  return [...faults.values()];
}

function faultOf(read: (env: Env) => unknown, env: Env): ApiError | undefined {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** The place to set a variable, as part of a fix. */
export const WHERE_TO_SET =
  "in supabase/functions/.env or the shell; for a hosted project, also with supabase secrets set";

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
    `not set here. The functions get theirs from the platform; the checks that need it are skipped${source}`,
  );
}

function deployedOnly(name: string): CheckResult {
  return skipped(
    `variable ${name}`,
    "not set here. The check health covers the deployed one; set it here too to run the checks that need its value",
  );
}

/** The secret key is optional, but the consequences should be known. */
function secretKey(env: Env): CheckResult[] {
  if (env("CLERK_SECRET_KEY")?.trim()) return [];
  return [skipped(
    "variable CLERK_SECRET_KEY",
    "not set. It is optional: without it, profile answers new users with a request to wait, and there is no backfill, reconcile or status",
  )];
}
