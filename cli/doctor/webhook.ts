/**
 * Checks that Clerk's messages would be accepted: the form of the secret, and a probe of the deployed function.
 *
 * @module
 */
import type { SigningKey } from "../../supabase/functions/_clerk-supabase/auth/jwks.ts";
import { signWebhook } from "../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import {
  readInstanceId,
  readServiceConfig,
  readWebhookSecrets,
} from "../../supabase/functions/_clerk-supabase/config.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { ask, askDatabase } from "./ask.ts";
import { fixForSilence, type Installation, tryRead } from "./installation.ts";
import { type CheckResult, failed, ok, skipped } from "./report.ts";
import { DEPLOY, webhookFault } from "./webhook_answer.ts";

/** Types that are stored. A message of another type in the ledger would be the probe's. */
const STORED = ["user.created", "user.updated", "user.deleted", "session.created"];

/**
 * Checks the form of the signing secrets.
 *
 * @param installation The variables.
 * @returns The result.
 */
export function checkWebhookSecret({ target: { env } }: Installation): CheckResult {
  const name = "webhook-secret";
  const { value: secrets, missing } = tryRead(() => readWebhookSecrets(env));
  if (secrets) return ok(name, secrets.length === 1 ? "well formed" : `${secrets.length} secrets, all well formed`);
  return skipped(name, `${missing}, as reported above`);
}

/**
 * Sends the deployed webhook a signed event of a type that is never stored.
 *
 * @param installation The project and the network.
 * @param keys Clerk's signing keys, whose id is the instance's.
 * @returns The result.
 */
export async function probeWebhook(installation: Installation, keys: readonly SigningKey[]): Promise<CheckResult> {
  const name = "webhook";
  const { target, fetch } = installation;
  const { value: secrets, missing } = tryRead(() => readWebhookSecrets(target.env));
  if (!secrets) return skipped(name, missing);
  const before = await countStrangers(installation);
  const { answer, silence } = await ask(
    fetch,
    `${target.url}/functions/v1/clerk-webhook`,
    signedProbe(installation, secrets[0]!, keys),
  );
  if (!answer) {
    return failed(name, `the project cannot be reached: ${silence}`, fixForSilence(target));
  }
  const fault = webhookFault(answer);
  if (fault) return failed(name, fault.detail, fault.fix);
  const after = await countStrangers(installation);
  const works = "the deployed function accepts a signed event";
  if (before === undefined || after === undefined) {
    return ok(name, `${works}. Cannot check that it stored nothing: clerk_status() did not answer`);
  }
  if (after <= before) return ok(name, `${works}, and did not store the probe`);
  return failed(name, "the deployed function stored an event of a type that is never stored", DEPLOY);
}

function signedProbe({ target, now }: Installation, secret: string, keys: readonly SigningKey[]): RequestInit {
  const learned = keys.find(({ kid }) => kid.startsWith("ins_"))?.kid;
  const instance = tryRead(() => readInstanceId(target.env)).value ?? learned;
  const body = JSON.stringify({
    type: "doctor.probe",
    object: "event",
    data: {},
    timestamp: now(),
    ...(instance !== undefined && { instance_id: instance }),
  });
  const headers = signWebhook(body, secret, { messageId: `msg_doctor_${crypto.randomUUID()}`, sentAt: now() });
  return { method: "POST", body, headers: { "content-type": "application/json", ...headers } };
}

/**
 * Counts the ledger's messages of types that are not stored. A count of all messages would also change if a user signs
 * in meanwhile.
 */
async function countStrangers({ target, fetch }: Installation): Promise<number | undefined> {
  const { value: service } = tryRead(() => readServiceConfig(target.env));
  if (!service) return undefined;
  const { answer } = await askDatabase(fetch, service, "clerk_status");
  const days = answer?.status === 200 && isObject(answer.body) ? answer.body.last_day : undefined;
  if (!Array.isArray(days)) return undefined;
  return days.filter((day) => isObject(day) && !STORED.includes(String(day.type)))
    .reduce((sum, day) => sum + Number(day.messages), 0);
}
