/**
 * Checks that the deployed webhook ignores the examples that Clerk's dashboard sends.
 *
 * @module
 */
import { EXAMPLE_EVENTS, type ExampleEvent } from "../../project/example_events.ts";
import { STORED_EVENTS } from "../../supabase/functions/_clerk-supabase/clerk/event.ts";
import { signWebhook } from "../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import { readWebhookSecrets } from "../../supabase/functions/_clerk-supabase/config.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import type { HttpAnswer } from "../call.ts";
import { ask, describeAnswer } from "./ask.ts";
import { fixForSilence, type Installation, tryRead } from "./installation.ts";
import { type CheckResult, failed, ok, skipped } from "./report.ts";
import { DEPLOY } from "./webhook_answer.ts";

/** The examples of types that are stored; events of any other type are always ignored. */
const EXAMPLES = EXAMPLE_EVENTS.filter(({ type }) => STORED_EVENTS.some((stored) => stored === type));

/** Sent first: a version that does not know the examples refuses it, and would store the others. */
const HARMLESS: ExampleEvent = { ...EXAMPLES[0]!, data: { object: "user" } };

/**
 * Sends the deployed webhook every example that it could mistake for a real event, as "Send Example" does.
 *
 * @param installation The project and the network.
 * @param takesProbe Whether the webhook has accepted a signed event.
 * @returns The result.
 */
export async function checkExamples(installation: Installation, takesProbe: boolean): Promise<CheckResult> {
  const name = "webhook-examples";
  const { value: secrets, missing } = tryRead(() => readWebhookSecrets(installation.target.env));
  if (!secrets) return skipped(name, missing);
  if (!takesProbe) return skipped(name, "see the check `webhook`");
  for (const event of [HARMLESS, ...EXAMPLES]) {
    const { answer, silence } = await sendExample(installation, secrets[0]!, event);
    if (!answer) {
      return failed(name, `the project cannot be reached: ${silence}`, fixForSilence(installation.target));
    }
    if (isIgnored(answer)) continue;
    return failed(
      name,
      `the deployed function answers Clerk's example ${event.type} with ${
        describeAnswer(answer)
      } instead of ignoring it`,
      DEPLOY,
    );
  }
  return ok(name, `the deployed function ignores the events of "Send Example" in Clerk's dashboard`);
}

function sendExample({ target, fetch, now }: Installation, secret: string, event: ExampleEvent) {
  const body = JSON.stringify(event);
  const headers = signWebhook(body, secret, { messageId: `msg_doctor_${crypto.randomUUID()}`, sentAt: now() });
  return ask(fetch, `${target.url}/functions/v1/clerk-webhook`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
}

function isIgnored({ status, body }: HttpAnswer): boolean {
  return status === 200 && isObject(body) && body.outcome === "ignored";
}
