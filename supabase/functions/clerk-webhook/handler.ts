/**
 * `POST /clerk-webhook`: takes Clerk's signed webhooks and keeps users, organizations and memberships right.
 *
 * @module
 */
import { changesFromEvent, type EventMapping } from "../_clerk-supabase/clerk/change.ts";
import { type ClerkEvent, isStoredType, parseEvent } from "../_clerk-supabase/clerk/event.ts";
import { isExample } from "./examples.ts";
import type { GuardInstance } from "../_clerk-supabase/clerk/instance.ts";
import type { Delivery, VerifyWebhook } from "../_clerk-supabase/clerk/webhook.ts";
import { requireWebhookHeaders } from "../_clerk-supabase/clerk/webhook_headers.ts";
import {
  APPLIED,
  type ApplyInstanceChanges,
  describeRefusal,
  type Outcome,
  ownColumnError,
  type Refused,
} from "../_clerk-supabase/database/apply_changes.ts";
import { ApiError, ERRORS, isErrorCode } from "../_clerk-supabase/errors.ts";
import { readText } from "../_clerk-supabase/http/body.ts";
import { handle, type Handler, type Platform, type Route } from "../_clerk-supabase/http/handle.ts";
import { jsonResponse } from "../_clerk-supabase/http/problem.ts";

/** Clerk's servers call it, no browser. */
export const CLERK_WEBHOOK: Route = { name: "clerk-webhook", browser: false };

/** The most bytes of a body. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** What the webhook takes. */
export interface ClerkWebhookDeps extends Platform, EventMapping {
  verifyWebhook: VerifyWebhook;
  guardInstance: GuardInstance;
  applyChanges: ApplyInstanceChanges;
}

/** Every outcome that is answered 200; a refusal is an error. */
export const OUTCOMES = [...APPLIED, "ignored"] as const;

/** What became of the event's own change, or that the event is of no interest. */
type Result = Outcome | { outcome: "ignored" } | CarriedRefusal;

/** The refusal of the organization that a membership's event brings along, which the ledger does not have. */
type CarriedRefusal = Refused & { isCarried: true };

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
      // Strangers do not get as far as the body.
      requireWebhookHeaders(request.headers, deps.now());
      const body = await readBody(request, context.startBody());
      const delivery = deps.verifyWebhook(body, request.headers);
      context.note({ message_id: delivery.messageId });
      const event = parseEvent(body);
      if (!event) {
        throw new ApiError("EVENT_INVALID", "Cannot read event: no JSON object with type and data", { headers: ABORT });
      }
      context.note({ type: event.type });
      const result = await takeEvent(deps, delivery, event);
      context.note({ outcome: result.outcome });
      if (result.outcome === "refused") throw refusal(result);
      if ("code" in result) context.note({ cause: `${result.code} ${describeRefusal(result.detail)}` });
      return jsonResponse({ outcome: result.outcome });
    },
  });
}

async function readBody(request: Request, late: AbortSignal): Promise<string> {
  const { text, fault } = await readText(request, MAX_BODY_BYTES, late);
  if (text !== undefined) return text;
  if (fault === "no UTF-8") throw new ApiError("WEBHOOK_SIGNATURE_INVALID", "Cannot verify webhook: no UTF-8");
  if (fault === "too slow") throw new ApiError("BODY_TOO_SLOW", "Cannot read body: it did not arrive in time");
  throw new ApiError("BODY_TOO_LARGE", `Cannot read body: more than ${MAX_BODY_BYTES} bytes`, { headers: ABORT });
}

/** The order matters: an example, or an event of no use here, is never refused for the instance that it names. */
async function takeEvent(deps: ClerkWebhookDeps, delivery: Delivery, event: ClerkEvent): Promise<Result> {
  const isOfUse = isStoredType(event.type) || deps.keepsType(event.type);
  if (isExample(event.data, event.instanceId) || !isOfUse) return { outcome: "ignored" };
  await deps.guardInstance(event);
  const changes = changesFromEvent(event, delivery, deps);
  if (changes.length === 0) return { outcome: "ignored" };
  const results = await deps.applyChanges(changes, event.instanceId);
  const own = results.at(-1);
  if (!own) throw new TypeError("Cannot answer: no outcome");
  if (own.outcome === "refused") return own;
  // The event's own change may wait for the organization: if the schema refused it, the message must come again.
  const carried = results.find((result) => result.outcome === "refused");
  return carried ? { ...carried, isCarried: true } : own;
}

function refusal(refused: Refused | CarriedRefusal): ApiError {
  const { code, detail } = refused;
  if (code === "SCHEMA_REFUSED") {
    // Svix sends it again, in case that the schema is fixed by then.
    return new ApiError(
      code,
      `Cannot store the change: the database's schema refused it (${describeRefusal(detail)})`,
      {
        cause: { code: describeRefusal(detail) },
      },
    );
  }
  if (code === "WRONG_INSTANCE") {
    return new ApiError(
      code,
      `Cannot take event: it comes from another Clerk instance than ${detail?.bound}, which the database is bound to`,
    );
  }
  const known = isErrorCode(code) && ERRORS[code][0] === 422 ? code : "CHANGE_INVALID";
  const where = "isCarried" in refused
    ? "the membership was taken, but not the organization that came with it"
    : "the database recorded why under the message's id";
  return ownColumnError(refused) ?? new ApiError(known, `${ERRORS[known][1]}: ${where}`, { headers: ABORT });
}
