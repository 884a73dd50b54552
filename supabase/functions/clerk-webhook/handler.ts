/**
 * `POST /clerk-webhook`: takes Clerk's signed webhooks and keeps `public.users` right.
 *
 * @module
 */
import { changeFromEvent } from "../_shared/clerk/change.ts";
import { type ClerkEvent, isStoredType, parseEvent } from "../_shared/clerk/event.ts";
import { isExample } from "../_shared/clerk/examples.ts";
import type { GuardInstance } from "../_shared/clerk/instance.ts";
import type { Delivery, VerifyWebhook } from "../_shared/clerk/webhook.ts";
import type { DeleteMode } from "../_shared/config.ts";
import { APPLIED, type ApplyChanges, type Outcome } from "../_shared/database/apply_changes.ts";
import { ApiError, ERRORS, isErrorCode } from "../_shared/errors.ts";
import { readText } from "../_shared/http/body.ts";
import { handle, type Handler, type Platform, type Route } from "../_shared/http/handle.ts";
import { jsonResponse } from "../_shared/http/problem.ts";

/** Clerk's servers call it, no browser. */
export const CLERK_WEBHOOK: Route = { name: "clerk-webhook", browser: false };

/** The most bytes of a body. */
export const BODY_LIMIT = 1024 * 1024;

/** What the webhook takes. */
export interface ClerkWebhookDeps extends Platform {
  verifyWebhook: VerifyWebhook;
  guardInstance: GuardInstance;
  applyChanges: ApplyChanges;
  deleteMode: DeleteMode;
}

/** Every outcome that is answered 200; a refusal is an error. */
export const OUTCOMES = [...APPLIED, "ignored"] as const;

/** What became of the change, or that the event is of no interest. */
type Result = Outcome | { outcome: "ignored" };

/** Tells Svix that a retry cannot help. */
const ABORT = { "webhook-delivery": "abort-message" };

/**
 * Makes the handler. It answers 2xx only after the change is committed.
 *
 * @param deps Signature check, instance guard, write path.
 * @returns The handler.
 */
export function createClerkWebhookHandler(deps: ClerkWebhookDeps): Handler {
  return handle(CLERK_WEBHOOK, deps, {
    POST: async (request, context) => {
      const body = await readBody(request);
      const delivery = deps.verifyWebhook(body, request.headers);
      context.note({ message_id: delivery.messageId });
      const event = parseEvent(body);
      if (!event) {
        throw new ApiError("EVENT_INVALID", "Cannot read event: no JSON object with type and data", { headers: ABORT });
      }
      context.note({ type: event.type });
      const result = await takeEvent(deps, delivery, event);
      context.note({ outcome: result.outcome });
      if (result.outcome === "refused") throw refusal(result.code);
      return jsonResponse({ outcome: result.outcome });
    },
  });
}

async function readBody(request: Request): Promise<string> {
  const { text, fault } = await readText(request, BODY_LIMIT);
  if (text !== undefined) return text;
  if (fault === "no UTF-8") throw new ApiError("WEBHOOK_SIGNATURE_INVALID", "Cannot verify webhook: no UTF-8");
  throw new ApiError("BODY_TOO_LARGE", `Cannot read body: more than ${BODY_LIMIT} bytes`, { headers: ABORT });
}

/** The order matters: an example, or an event that is not stored, is never refused for the instance that it names. */
async function takeEvent(deps: ClerkWebhookDeps, delivery: Delivery, event: ClerkEvent): Promise<Result> {
  if (isExample(event.data, event.instanceId) || !isStoredType(event.type)) return { outcome: "ignored" };
  await deps.guardInstance(event);
  const change = changeFromEvent(event, delivery, deps.deleteMode);
  if (!change) return { outcome: "ignored" };
  const [result] = await deps.applyChanges([change]);
  if (!result) throw new TypeError("Cannot answer: no outcome");
  return result;
}

function refusal(code: string): ApiError {
  const known = isErrorCode(code) && ERRORS[code][0] === 422 ? code : "CHANGE_INVALID";
  return new ApiError(known, `${ERRORS[known][1]}: the database recorded why under the message's id`, {
    headers: ABORT,
  });
}
