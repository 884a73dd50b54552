/**
 * The OpenAPI description of `clerk-webhook`.
 *
 * @module
 */
import { STORED_EVENTS } from "../_clerk-supabase/clerk/event.ts";
import { CONFIGURED, DATABASE_FAILED } from "../_clerk-supabase/openapi/codes.ts";
import { closedObject, type FunctionDescription, type Operation, ref } from "../_clerk-supabase/openapi/describe.ts";
import { SVIX_SIGNATURE } from "../_clerk-supabase/openapi/security.ts";
import { MAX_BODY_BYTES, OUTCOMES } from "./handler.ts";

const EVENT = {
  type: "user.created",
  object: "event",
  instance_id: "ins_2xTheInstanceOfTheExamples",
  timestamp: 1_795_426_380_000,
  data: {
    id: "user_2xAdaLovelaceOfTheExamples",
    first_name: "Ada",
    primary_email_address_id: "idn_1",
    email_addresses: [{ id: "idn_1", email_address: "ada@example.com", verification: { status: "verified" } }],
    created_at: 1_795_426_380_000,
    updated_at: 1_795_426_380_000,
  },
};

const POST: Operation = {
  operationId: "takeClerkEvent",
  summary: "Receives an event from Clerk",
  description:
    "Clerk's servers call it; browsers do not. It returns 200 only after the change is committed. Stored types: " +
    `${
      STORED_EVENTS.join(", ")
    }. Types in \`CLERK_KEEP_EVENTS\` are kept; the outcome is \`kept\` if nothing else is stored. ` +
    "All other types and Clerk's example events are `ignored`.",
  security: [SVIX_SIGNATURE],
  parameters: [
    {
      name: "svix-id",
      in: "header",
      required: true,
      description: "The message's id, which is the same for every attempt.",
      schema: { type: "string" },
    },
    {
      name: "svix-timestamp",
      in: "header",
      required: true,
      description: "Time of this attempt, in seconds since 1970: at most 5 minutes in the past or in the future.",
      schema: { type: "string", pattern: "^\\d{1,12}$" },
    },
  ],
  body: {
    description: `The event, exactly as Clerk sent it, at most ${MAX_BODY_BYTES} bytes.`,
    schema: ref("ClerkEvent"),
    example: EVENT,
  },
  answers: {
    200: { description: "The outcome.", schema: ref("WebhookOutcome"), example: { outcome: "created" } },
  },
  errors: [
    "WEBHOOK_HEADERS_MISSING",
    "WEBHOOK_SIGNATURE_INVALID",
    "WEBHOOK_TIMESTAMP_OUT_OF_TOLERANCE",
    "WRONG_INSTANCE",
    "BODY_TOO_LARGE",
    "BODY_TOO_SLOW",
    "EVENT_INVALID",
    "CHANGE_INVALID",
    "MESSAGE_ID_INVALID",
    "USER_ID_INVALID",
    "ORGANIZATION_ID_INVALID",
    "MEMBERSHIP_ID_INVALID",
    "ROLE_INVALID",
    "TIME_INVALID",
    "TIME_IN_FUTURE",
    "EMAIL_TOO_LONG",
    "SCHEMA_REFUSED",
    "OWN_COLUMN_INVALID",
    ...DATABASE_FAILED,
    ...CONFIGURED,
  ],
  errorHeaders: {
    "webhook-delivery": { statuses: [403, 413, 422], description: "`abort-message` if a retry cannot help." },
  },
};

/** The operation of `/clerk-webhook`. */
export const CLERK_WEBHOOK_DESCRIPTION: FunctionDescription = {
  name: "clerk-webhook",
  description: "Receives Clerk's signed webhooks and keeps users, organizations and memberships in sync.",
  paths: { "/clerk-webhook": { post: POST } },
  schemas: {
    ClerkEvent: {
      type: "object",
      properties: {
        type: { type: "string", examples: ["user.created"] },
        data: { type: "object", description: "The event's subject, as Clerk documents it." },
        timestamp: { type: "number", description: "Time of the event, in milliseconds since 1970." },
        instance_id: { type: "string", description: "The Clerk instance. Events of other instances are refused." },
      },
      required: ["type", "data"],
    },
    WebhookOutcome: closedObject({ outcome: { type: "string", enum: OUTCOMES } }),
  },
};
