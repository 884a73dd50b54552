/**
 * How `clerk-reconcile` describes itself.
 *
 * @module
 */
import { APPLIED } from "../_shared/database/apply_changes.ts";
import { CONFIGURED, DATABASE_FAILED } from "../_shared/openapi/codes.ts";
import { closedObject, type FunctionDescription, type Operation, ref } from "../_shared/openapi/describe.ts";
import { SECRET_KEY } from "../_shared/openapi/security.ts";

const TASKS = ["backfill", "pull", "sweep"];
const count = { type: "integer", minimum: 0 };

const RESULT = {
  task: "backfill",
  done: false,
  retry_after: 0,
  users: 500,
  requests: 2,
  outcomes: { created: 480, updated: 4, deleted: 0, unchanged: 10, stale: 6, duplicate: 0, refused: 0 },
  progress: { users: 1_500, total: 12_000, started_at: "2026-11-23T09:33:00.000Z" },
};

const POST: Operation = {
  operationId: "reconcile",
  summary: "Compares the users with Clerk's, and mends the differences",
  description: "For operators and schedules, no browser. One bounded slice of the work, from where the last call " +
    "stopped: call again until `done`, after `retry_after` seconds. Without a body, the next task that is due.",
  security: [SECRET_KEY],
  body: {
    description: "What to do.",
    required: false,
    schema: ref("ReconcileRequest"),
    example: { task: "sweep", dry_run: true },
  },
  answers: { 200: { description: "What was done.", schema: ref("ReconcileResult"), example: RESULT } },
  errors: [
    "SERVICE_KEY_REQUIRED",
    "SERVICE_KEY_INVALID",
    "BODY_INVALID",
    "FIELD_INVALID",
    "BODY_TOO_LARGE",
    "RECONCILE_RUNNING",
    "SWEEP_REFUSED",
    "CLERK_SECRET_KEY_REFUSED",
    "CLERK_SECRET_KEY_OF_OTHER_INSTANCE",
    "CLERK_UNAVAILABLE",
    "CLERK_RATE_LIMITED",
    "JWKS_UNAVAILABLE",
    ...DATABASE_FAILED,
    ...CONFIGURED,
  ],
};

/** The operation of `/clerk-reconcile`. */
export const RECONCILE_DESCRIPTION: FunctionDescription = {
  name: "clerk-reconcile",
  description: "Brings in users from before the webhook, and mends what it missed.",
  paths: { "/clerk-reconcile": { post: POST } },
  schemas: {
    ReconcileRequest: closedObject({
      task: { type: "string", enum: TASKS },
      dry_run: { type: "boolean", description: "Tell the differences and write nothing." },
      restart: { type: "boolean", description: "Begin the task anew instead of where it stopped." },
      max_deletes: { ...count, description: "How many users a sweep may delete." },
    }, ["task", "dry_run", "restart", "max_deletes"]),
    ReconcileResult: closedObject({
      task: { type: ["string", "null"], enum: [...TASKS, "compare", null], description: "Null where none was due." },
      done: { type: "boolean", description: "Whether there is nothing left to do." },
      retry_after: { ...count, description: "Seconds to wait before the next call." },
      users: { ...count, description: "Users looked at in this call." },
      requests: { ...count, description: "Requests to Clerk in this call." },
      outcomes: closedObject(Object.fromEntries([...APPLIED, "refused"].map((outcome) => [outcome, count]))),
      progress: {
        ...closedObject({
          users: count,
          total: { type: ["integer", "null"], minimum: 0 },
          started_at: { type: "string", format: "date-time" },
        }),
        type: ["object", "null"],
      },
      drift: {
        ...closedObject({
          missing: count,
          outdated: count,
          extra: count,
          deleted_here: count,
          examples: {
            type: "object",
            additionalProperties: { type: "array", items: { type: "string" } },
            description: "Some user ids of each kind.",
          },
        }),
        description: "The differences, of a dry run.",
      },
    }, ["drift"]),
  },
};
