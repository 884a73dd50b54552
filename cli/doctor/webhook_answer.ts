/**
 * Interprets the deployed webhook's answer to a probe.
 *
 * @module
 */
import { docsPage } from "../../project/docs_page.ts";
import { isErrorCode } from "../../supabase/functions/_clerk-supabase/errors.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import type { HttpAnswer } from "../call.ts";

/** A fault, and how to fix it. */
export interface Fault {
  detail: string;
  fix: string;
}

/** The command that deploys the functions. */
export const DEPLOY = "supabase functions deploy --use-api";
const LOGS = "Read the function's log: Supabase dashboard → Edge Functions → clerk-webhook → Logs";

/** Faults by our own error codes. */
const BY_CODE: Record<string, Fault> = {
  WEBHOOK_SIGNATURE_INVALID: {
    detail: "the deployed signing secret differs from CLERK_WEBHOOK_SECRET here",
    fix:
      "supabase secrets set CLERK_WEBHOOK_SECRET=whsec_… with the Signing Secret of the endpoint in Clerk's dashboard",
  },
  WEBHOOK_TIMESTAMP_OUT_OF_TOLERANCE: {
    detail: "this machine's clock is wrong by more than 5 minutes, so the webhook refuses the probe's timestamp",
    fix: "Set this machine's clock; the webhook itself may work",
  },
  WRONG_INSTANCE: {
    detail: "the deployed function accepts events of another Clerk instance only",
    fix: "supabase secrets set CLERK_PUBLISHABLE_KEY and CLERK_INSTANCE_ID to the values of the intended instance",
  },
  BOOT_ERROR: { detail: "the function is deployed but does not start", fix: `${LOGS}; then ${DEPLOY}` },
};

/**
 * Judges the answer to a signed event of a type that is not stored.
 *
 * @param answer The answer.
 * @returns The fault, without any of the answer's own text; undefined if the answer is as expected.
 */
export function webhookFault({ status, headers, body }: HttpAnswer): Fault | undefined {
  const ours = headers.get("content-type")?.startsWith("application/problem+json") ?? false;
  const { code = "", detail } = isObject(body) ? body : {};
  if (status === 200) return isObject(body) && body.outcome === "ignored" ? undefined : stranger(status);
  if (status === 404 && !ours) return { detail: "clerk-webhook is not deployed (404)", fix: DEPLOY };
  if (status === 401 && !ours) {
    return {
      detail: "clerk-webhook is deployed with verify_jwt, so the platform refuses Clerk's deliveries (401)",
      fix: `In supabase/config.toml: [functions.clerk-webhook] verify_jwt = false; then ${DEPLOY}`,
    };
  }
  const known = BY_CODE[String(code)];
  if (known) return known;
  if (code === "CONFIG_MISSING" || code === "CONFIG_INVALID") return badVariable(code, String(detail));
  if (ours && isErrorCode(String(code))) {
    return { detail: `clerk-webhook answers ${status} ${code}`, fix: `${docsPage("docs/errors.md")} explains ${code}` };
  }
  return stranger(status);
}

function badVariable(code: string, detail: string): Fault {
  const name = /\b(?:CLERK|CORS|SUPABASE)(?:_[A-Z]+)+\b/.exec(detail)?.[0] ?? "a variable";
  const state = code === "CONFIG_MISSING" ? "not set" : "malformed";
  return { detail: `the deployed ${name} is ${state}`, fix: `supabase secrets set ${name}=… (see .env.example)` };
}

function stranger(status: number): Fault {
  return { detail: `clerk-webhook answers ${status}, which this version never does`, fix: `${DEPLOY}. ${LOGS}` };
}
