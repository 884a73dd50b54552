/**
 * `POST /clerk-webhook`: receives Clerk's signed webhooks and keeps users, organizations and memberships in sync.
 *
 * @module
 */
import { changesFromEvent, type EventMapping } from "../_clerk-supabase/clerk/change.ts";
import { type ClerkEvent, isStoredType, parseEvent } from "../_clerk-supabase/clerk/event.ts";
import { isExample } from "./examples.ts";
import type { GuardInstance } from "../_clerk-supabase/clerk/event_instance.ts";
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

/** Clerk's servers call it; browsers do not. */
export const CLERK_WEBHOOK: Route = { name: "clerk-webhook", browser: false };

/** Largest size of a body. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Dependencies of the handler. */
export interface ClerkWebhookDeps extends Platform, EventMapping {
  verifyWebhook: VerifyWebhook;
  guardInstance: GuardInstance;
  applyChanges: ApplyInstanceChanges;
}

/** Every outcome with status 200. A refusal is an error. */
export const OUTCOMES = [...APPLIED, "ignored"] as const;

/** The outcome of the event's own change, or `ignored` for an event that is not stored. */
type Result = Outcome | { outcome: "ignored" } | CarriedRefusal;

/** The refusal of the organization inside a membership's event. The ledger does not record it. */
type CarriedRefusal = Refused & { isCarried: true };

/** Tells Svix that a retry cannot help. */
const ABORT = { "webhook-delivery": "abort-message" };

/**
 * Creates the handler of `POST /clerk-webhook`. It returns 2xx only after the change is committed.
 *
 * @param deps Signature check, instance guard, write path.
 * @returns The handler.
 */
export function createClerkWebhookHandler(deps: ClerkWebhookDeps): Handler {
  return handle(CLERK_WEBHOOK, deps, {
    POST: async (request, context) => {
      // Checked first, so that the body of an unsigned request is not read.
      requireWebhookHeaders(request.headers, deps.now());
      const body = await readBody(request, context.startBody());
      const delivery = deps.verifyWebhook(body, request.headers);
      context.note({ message_id: delivery.messageId });
      const event = parseEvent(body);
      if (!event) {
        throw new ApiError("EVENT_INVALID", "Cannot read event: not a JSON object with type and data", {
          headers: ABORT,
        });
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
  if (fault === "not UTF-8") {
    throw new ApiError("WEBHOOK_SIGNATURE_INVALID", "Cannot verify webhook: the body is not UTF-8");
  }
  if (fault === "too slow") throw new ApiError("BODY_TOO_SLOW", "Cannot read body: it did not arrive in time");
  throw new ApiError("BODY_TOO_LARGE", `Cannot read body: more than ${MAX_BODY_BYTES} bytes`, { headers: ABORT });
}

/** The order matters: an example or an event that is not stored must never be refused for its instance. */
async function takeEvent(deps: ClerkWebhookDeps, delivery: Delivery, event: ClerkEvent): Promise<Result> {
  const isRelevant = isStoredType(event.type) || deps.keepsType(event.type);
  if (isExample(event.data, event.instanceId) || !isRelevant) return { outcome: "ignored" };
  await deps.guardInstance(event);
  const changes = changesFromEvent(event, delivery, deps);
  if (changes.length === 0) return { outcome: "ignored" };
  const results = await deps.applyChanges(changes, event.instanceId);
  const own = results.at(-1);
  if (!own) throw new TypeError("Cannot answer: no outcome");
  if (own.outcome === "refused") return own;
  // The event's own change may wait for its organization. If the schema refused that one, Svix must retry the message.
  const carried = results.find((result) => result.outcome === "refused");
  return carried ? { ...carried, isCarried: true } : own;
}

function refusal(refused: Refused | CarriedRefusal): ApiError {
  const { code, detail } = refused;
  if (code === "SCHEMA_REFUSED") {
    // Without the header, Svix retries the message, because the schema may be fixed by then.
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
      `Cannot store the event: the database is bound to ${detail?.bound}, and the event comes from another Clerk instance`,
    );
  }
  const known = isErrorCode(code) && ERRORS[code][0] === 422 ? code : "CHANGE_INVALID";
  const where = "isCarried" in refused
    ? "the membership was stored, but not the organization in the same event"
    : "the database recorded the reason under the message's id";
  return ownColumnError(refused) ?? new ApiError(known, `${ERRORS[known][1]}: ${where}`, { headers: ABORT });
}
