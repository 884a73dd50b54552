/**
 * The OpenAPI description of `clerk-reconcile`.
 *
 * @module
 */
import { APPLIED } from "../_clerk-supabase/database/apply_changes.ts";
import { CONFIGURED, DATABASE_FAILED } from "../_clerk-supabase/openapi/codes.ts";
import {
  closedObject,
  type FunctionDescription,
  type Operation,
  ref,
  type Schema,
} from "../_clerk-supabase/openapi/describe.ts";
import { SECRET_KEY } from "../_clerk-supabase/openapi/security.ts";
import { MAX_BODY_BYTES } from "./input.ts";
import type { DriftReport, ReconcileReport } from "./report.ts";
import { KINDS, REPORTED_TASKS, REQUESTED_TASKS } from "./state.ts";
import type { KindReport, StatusReport, TaskReport } from "./status.ts";
import type { BoundInstance } from "./store.ts";

const OUTCOMES = [...APPLIED, "refused"];
const count = { type: "integer", minimum: 0 };
const time = { type: "string", format: "date-time" };
const id = { type: "string" };
const nullable = (schema: Schema): Schema => ({ oneOf: [schema, { type: "null" }] });
const list = (items: Schema): Schema => ({ type: "array", items });

const byKind = (schema: Schema) => closedObject({ users: schema, organizations: schema, memberships: schema });
const KIND_REPORT = { backfill: nullable(ref("ReconcileTask")), sweep: nullable(ref("ReconcileTask")) };

const NAMES = ["sqlstate", "table", "constraint", "column", "function"] as const;
const REFUSAL_DETAIL = {
  ...closedObject(Object.fromEntries(NAMES.map((name) => [name, { type: "string" }])), NAMES),
  description: "PostgreSQL's code and the names in the schema that explain the refusal. Never a value.",
};

const REPORT: ReconcileReport = {
  task: "backfill",
  kind: "users",
  done: false,
  retry_after: 0,
  requests: 2,
  items: { users: 500, organizations: 0, memberships: 0 },
  outcomes: { created: 479, unchanged: 20, refused: 1 },
  refused: [{
    user_id: "user_2xAdaLovelaceOfTheExamples",
    code: "SCHEMA_REFUSED",
    detail: {
      sqlstate: "23514",
      table: "public.users",
      constraint: "short_name",
    },
  }],
  progress: {
    items: 1_500,
    total: 12_000,
    started_at: "2026-11-23T09:33:00.000Z",
    finished_at: null,
  },
};

const STATUS: StatusReport = {
  users: 1_200,
  deleted: 3,
  organizations: { live: 40, deleted: 1, memberships: 310 },
  instance: {
    instance_id: "ins_2xTheInstanceOfTheExamples",
    bound_at: "2026-11-01T08:59:00.000Z",
    bound_by: "webhook",
    moved_from: null,
  },
  refusals: { users: 1, organizations: 0, memberships: 0, deletions: 0, since: "2026-11-20T07:00:00.000Z" },
  failing: { messages: 1, since: "2026-11-23T07:00:00.000Z" },
  clerk_users: 1_201,
  clerk_error: null,
  last_message: {
    type: "user.updated",
    received_at: "2026-11-23T09:33:01.250Z",
    event_at: "2026-11-23T09:33:00.000Z",
    lag_seconds: 1.25,
  },
  last_day: [{ type: "user.updated", outcome: "updated", messages: 40, median_lag_seconds: 0.9 }],
  reconcile: {
    running: false,
    watermark: "2026-11-23T09:20:00.000Z",
    backfill: {
      started_at: "2026-11-01T09:00:00.000Z",
      finished_at: "2026-11-01T09:01:00.000Z",
      items: 900,
      total: 900,
    },
    pull: null,
    sweep: null,
    organizations: { backfill: null, sweep: null },
    memberships: { backfill: null, sweep: null },
  },
};

const POST: Operation = {
  operationId: "reconcile",
  summary: "Compares users, organizations and memberships with Clerk's, and repairs the differences",
  description: "For operators and schedules, not for browsers. Each call does one bounded slice of the work and " +
    "continues where the last call stopped. Call again after `retry_after` seconds until `done`. Without a body, a " +
    "call does all tasks that are due: the first backfill, and users updated since the last call. Once a day it also " +
    "retries users that the schema refused, reads all organizations and memberships, and deletes rows whose object is " +
    "gone at Clerk. `refused` names the objects that the database refused; they do not stop the others. If the keys " +
    "belong to another Clerk instance than the database is bound to, the call is refused before it reads anything. " +
    `A body has at most ${MAX_BODY_BYTES} bytes.`,
  security: [SECRET_KEY],
  body: {
    description: "The task and its options.",
    required: false,
    schema: ref("ReconcileRequest"),
    example: { task: "sweep", max_deletes: 20 },
  },
  answers: { 200: { description: "The work of this call.", schema: ref("ReconcileReport"), example: REPORT } },
  errors: [
    "SERVICE_KEY_REQUIRED",
    "SERVICE_KEY_INVALID",
    "BODY_INVALID",
    "FIELD_INVALID",
    "BODY_TOO_LARGE",
    "BODY_TOO_SLOW",
    "RECONCILE_RUNNING",
    "DATABASE_OF_OTHER_INSTANCE",
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

const GET: Operation = {
  operationId: "getSyncStatus",
  summary: "How fresh the tables are",
  description: "The last message and its lag, the outcomes of the last day's messages, the number of users in the " +
    "database and at Clerk, the Clerk instance that the database mirrors, users that the schema refuses, and the " +
    "last run of each task.",
  security: [SECRET_KEY],
  answers: { 200: { description: "How fresh the users are.", schema: ref("SyncStatus"), example: STATUS } },
  errors: ["SERVICE_KEY_REQUIRED", "SERVICE_KEY_INVALID", ...DATABASE_FAILED, ...CONFIGURED],
};

/** The operations of `/clerk-reconcile`. */
export const CLERK_RECONCILE_DESCRIPTION: FunctionDescription = {
  name: "clerk-reconcile",
  description: "Imports the users that existed before the webhook, and repairs what the webhook missed.",
  paths: { "/clerk-reconcile": { get: GET, post: POST } },
  schemas: {
    ReconcileRequest: closedObject({
      task: { type: "string", enum: REQUESTED_TASKS, description: "Run only this task." },
      kind: {
        type: "string",
        enum: KINDS,
        description: "Run the task `backfill` or `sweep` for this kind only.",
      },
      dry_run: {
        type: "boolean",
        description: "Report the differences and write nothing. Cannot be combined with `task`.",
      },
      restart: {
        type: "boolean",
        description: "Start again instead of continuing where the last call stopped.",
      },
      max_deletes: {
        ...count,
        description: "How many objects of `kind` (default: users) a sweep may delete, instead of 5 % or 10.",
      },
      bind: {
        type: "string",
        pattern: "^ins_\\w{1,250}$",
        description:
          "Bind the database to this Clerk instance, which must be the instance of the keys, or move it there.",
      },
    }, ["task", "kind", "dry_run", "restart", "max_deletes", "bind"]),
    ReconcileReport: closedObject<ReconcileReport>({
      task: {
        type: ["string", "null"],
        enum: [...REPORTED_TASKS, null],
        description: "The last task of this call.",
      },
      kind: { type: ["string", "null"], enum: [...KINDS, null], description: "The kind of objects of that task." },
      done: {
        type: "boolean",
        description: "True if nothing is left to do.",
      },
      retry_after: {
        ...count,
        description: "Seconds to wait before the next call.",
      },
      requests: { ...count, description: "Requests to Clerk in this call." },
      items: { ...byKind(count), description: "Objects checked in this call, at Clerk or in the tables." },
      outcomes: {
        ...closedObject(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, count])), OUTCOMES),
        description: "Number of objects by outcome.",
      },
      refused: {
        ...list(closedObject(
          { user_id: id, organization_id: id, membership_id: id, code: { type: "string" }, detail: REFUSAL_DETAIL },
          ["user_id", "organization_id", "membership_id", "detail"],
        )),
        description:
          "The first objects that the database refused, or whose row it hid instead of deleting it, by Clerk's ids.",
      },
      progress: nullable(closedObject({ items: count, total: count, started_at: time, finished_at: nullable(time) })),
      drift: { ...byKind(ref("Drift")), description: "In a dry run: the differences found so far." },
    }, ["drift"]),
    Drift: {
      ...closedObject<DriftReport>({
        missing: { ...count, description: "Objects that Clerk has and the table does not." },
        outdated: { ...count, description: "Objects of which Clerk has a newer version." },
        extra: { ...count, description: "Objects that the table has and Clerk does not." },
        undecided: {
          ...count,
          description:
            "The same for objects that Clerk reported within the last ten minutes, which is too recent to judge.",
        },
        deleted_here: {
          ...count,
          description: "Objects that Clerk has and that were permanently deleted here.",
        },
        refused: {
          ...count,
          description: "Objects that Clerk has and the database would refuse: see `refused`.",
        },
        examples: closedObject<DriftReport["examples"]>({
          missing: list(id),
          outdated: list(id),
          extra: list(id),
          deleted_here: list(id),
        }),
      }),
      description: "Numbers of differences, with some ids.",
    },
    SyncStatus: closedObject<StatusReport>({
      users: { ...count, description: "Users with a live row." },
      deleted: { ...count, description: "Permanently deleted users." },
      organizations: {
        ...closedObject<StatusReport["organizations"]>({ live: count, deleted: count, memberships: count }),
        description: "Live and permanently deleted organizations, and memberships.",
      },
      instance: {
        ...nullable(closedObject<BoundInstance>({
          instance_id: id,
          bound_at: time,
          bound_by: {
            type: "string",
            enum: ["webhook", "reconcile", "operator"],
          },
          moved_from: nullable(id),
        })),
        description: "The Clerk instance that the database mirrors; null before the first event or reconcile.",
      },
      refusals: {
        ...closedObject<StatusReport["refusals"]>({
          users: count,
          organizations: count,
          memberships: count,
          deletions: count,
          since: nullable(time),
        }),
        description: "Objects that the schema refuses, deletions that it prevents, and the time of the oldest one.",
      },
      failing: {
        ...closedObject<StatusReport["failing"]>({ messages: count, since: nullable(time) }),
        description: "Messages that the database refuses and Svix still retries, and the time of the first one.",
      },
      clerk_users: {
        ...nullable(count),
        description: "Number of users at Clerk; null if Clerk cannot be reached.",
      },
      clerk_error: {
        ...nullable({ type: "string" }),
        description: "The error code if Clerk cannot be reached.",
      },
      last_message: nullable(closedObject({
        type: nullable({ type: "string" }),
        received_at: time,
        event_at: nullable(time),
        lag_seconds: nullable({ type: "number" }),
      })),
      last_day: list(closedObject({
        type: { type: "string" },
        outcome: { type: "string" },
        messages: count,
        median_lag_seconds: nullable({ type: "number" }),
      })),
      reconcile: closedObject<StatusReport["reconcile"]>({
        running: { type: "boolean" },
        watermark: { ...nullable(time), description: "All updates of users before this time have been stored." },
        ...KIND_REPORT,
        pull: nullable(ref("ReconcileTask")),
        organizations: closedObject<KindReport>(KIND_REPORT),
        memberships: closedObject<KindReport>(KIND_REPORT),
      }),
    }),
    ReconcileTask: closedObject<TaskReport>({
      started_at: time,
      finished_at: { ...nullable(time), description: "Null until the task is finished." },
      items: count,
      total: { ...count, description: "Approximate number of objects." },
      refused: { type: "boolean", description: "True if a sweep found too many objects gone and was refused." },
      absent: { ...count, description: "Number of objects that a sweep found gone." },
    }, ["refused", "absent"]),
  },
};
