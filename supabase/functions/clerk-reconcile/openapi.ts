/**
 * How `clerk-reconcile` describes itself.
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
import { MAX_BODY_BYTES, TASKS } from "./input.ts";
import type { DriftReport, Report } from "./report.ts";
import { KINDS } from "./state.ts";
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
  description: "What the refusal is about: PostgreSQL's code, and names of the schema. Never a value.",
};

const REPORT: Report = {
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
  description: "For operators and schedules, no browser. One bounded slice of the work, from where the last call " +
    "stopped: call again until `done`, after `retry_after` seconds. Without a body, whatever is due: the first " +
    "backfill, users updated lately, and once a day everything else: users whom the schema refused and users who are " +
    "gone, all organizations and memberships, and those that are gone. What the database refuses is named in `refused` " +
    "and stops nothing. Keys of another Clerk instance than the database is bound to are refused before anything is " +
    `read. A body has at most ${MAX_BODY_BYTES} bytes.`,
  security: [SECRET_KEY],
  body: {
    description: "What to do.",
    required: false,
    schema: ref("ReconcileRequest"),
    example: { task: "sweep", max_deletes: 20 },
  },
  answers: { 200: { description: "What was done.", schema: ref("ReconcileReport"), example: REPORT } },
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
  description: "The last message and its lag, what became of the last day's messages, the number of users on both " +
    "sides, the Clerk instance that the database mirrors, users whom the schema refuses, and when each task ran.",
  security: [SECRET_KEY],
  answers: { 200: { description: "How fresh the users are.", schema: ref("SyncStatus"), example: STATUS } },
  errors: ["SERVICE_KEY_REQUIRED", "SERVICE_KEY_INVALID", ...DATABASE_FAILED, ...CONFIGURED],
};

/** The operations of `/clerk-reconcile`. */
export const CLERK_RECONCILE_DESCRIPTION: FunctionDescription = {
  name: "clerk-reconcile",
  description: "Brings in what Clerk had before the webhook, and repairs what the webhook missed.",
  paths: { "/clerk-reconcile": { get: GET, post: POST } },
  schemas: {
    ReconcileRequest: closedObject({
      task: { type: "string", enum: TASKS, description: "One task alone." },
      kind: {
        type: "string",
        enum: KINDS,
        description: "With the task `backfill` or `sweep`: one kind alone.",
      },
      dry_run: {
        type: "boolean",
        description: "Tell the differences and write nothing. Not with `task`.",
      },
      restart: {
        type: "boolean",
        description: "Begin anew instead of where the last call stopped.",
      },
      max_deletes: {
        ...count,
        description: "How many of `kind`, or of users, a sweep may delete, instead of 5 % or 10.",
      },
      bind: {
        type: "string",
        pattern: "^ins_\\w{1,250}$",
        description:
          "The Clerk instance to bind the database to, which must be that of the keys. Moves it from another.",
      },
    }, ["task", "kind", "dry_run", "restart", "max_deletes", "bind"]),
    ReconcileReport: closedObject<Report>({
      task: {
        type: ["string", "null"],
        enum: [...TASKS, "retry", "compare", null],
        description: "The task worked on last.",
      },
      kind: { type: ["string", "null"], enum: [...KINDS, null], description: "What that task is about." },
      done: {
        type: "boolean",
        description: "Whether there is nothing left to do.",
      },
      retry_after: {
        ...count,
        description: "Seconds to wait before the next call.",
      },
      requests: { ...count, description: "Requests to Clerk in this call." },
      items: { ...byKind(count), description: "How much was looked at in this call, at Clerk or in the tables." },
      outcomes: {
        ...closedObject(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, count])), OUTCOMES),
        description: "What became of them, by outcome.",
      },
      refused: {
        ...list(closedObject(
          { user_id: id, organization_id: id, membership_id: id, code: { type: "string" }, detail: REFUSAL_DETAIL },
          ["user_id", "organization_id", "membership_id", "detail"],
        )),
        description:
          "What the database refused first, or whose row it hid because it could not delete it, by Clerk's ids.",
      },
      progress: nullable(closedObject({ items: count, total: count, started_at: time, finished_at: nullable(time) })),
      drift: { ...byKind(ref("Drift")), description: "In a dry run: how the tables differ, as far as it came." },
    }, ["drift"]),
    Drift: {
      ...closedObject<DriftReport>({
        missing: { ...count, description: "Clerk has them, the table does not." },
        outdated: { ...count, description: "Clerk has a newer version of them." },
        extra: { ...count, description: "The table has them, Clerk does not." },
        undecided: {
          ...count,
          description: "The same, and Clerk told of them within ten minutes: too early to tell.",
        },
        deleted_here: {
          ...count,
          description: "Clerk has them, and they are deleted for good here.",
        },
        refused: {
          ...count,
          description: "Clerk has them, and the database would refuse them: see `refused`.",
        },
        examples: closedObject<DriftReport["examples"]>({
          missing: list(id),
          outdated: list(id),
          extra: list(id),
          deleted_here: list(id),
        }),
      }),
      description: "How many differ, and the ids of some.",
    },
    SyncStatus: closedObject<StatusReport>({
      users: { ...count, description: "Users with a live row." },
      deleted: { ...count, description: "Users who are deleted for good." },
      organizations: {
        ...closedObject<StatusReport["organizations"]>({ live: count, deleted: count, memberships: count }),
        description: "Organizations that are live, those that are deleted for good, and memberships.",
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
        description: "What the schema refuses, deletions whose row it keeps, and since when the oldest of them.",
      },
      failing: {
        ...closedObject<StatusReport["failing"]>({ messages: count, since: nullable(time) }),
        description: "Messages that the database refuses and Svix still sends again, and since when the first of them.",
      },
      clerk_users: {
        ...nullable(count),
        description: "Users that Clerk has; null where it cannot be asked.",
      },
      clerk_error: {
        ...nullable({ type: "string" }),
        description: "Why Clerk cannot be asked: a code.",
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
        watermark: { ...nullable(time), description: "Users that Clerk updated before this have been taken in." },
        ...KIND_REPORT,
        pull: nullable(ref("ReconcileTask")),
        organizations: closedObject<KindReport>(KIND_REPORT),
        memberships: closedObject<KindReport>(KIND_REPORT),
      }),
    }),
    ReconcileTask: closedObject<TaskReport>({
      started_at: time,
      finished_at: { ...nullable(time), description: "Null while something is left to do." },
      items: count,
      total: { ...count, description: "About how many there are." },
      refused: { type: "boolean", description: "A sweep that found too many gone, and deleted none of them." },
      absent: { ...count, description: "How many a sweep found gone." },
    }, ["refused", "absent"]),
  },
};
