/**
 * Reads the request of a caller.
 *
 * @module
 */
import { invalidField } from "../_clerk-supabase/http/fields.ts";
import { readJsonObject } from "../_clerk-supabase/http/json_body.ts";
import { type Kind, KINDS, REQUESTED_TASKS } from "./state.ts";

/** The options of one call. */
export interface ReconcileRequest {
  /** Run only this task; undefined for all tasks that are due. */
  task: RequestedTask | undefined;
  /** Compare with Clerk and change nothing. */
  dryRun: boolean;
  /** Start again instead of continuing where the last call stopped. */
  restart: boolean;
  /** Run the task for this kind only; undefined for all kinds. */
  kind: Kind | undefined;
  /**
   * How many objects of `kind`, or users without a kind, a sweep may delete. The default is 5 % or 10, the greater of
   * the two.
   */
  maxDeletes: number | undefined;
  /** Bind the database to this Clerk instance from now on. */
  bind: string | undefined;
}

type RequestedTask = typeof REQUESTED_TASKS[number];

/** Largest size of a request's body. */
export const MAX_BODY_BYTES = 4 * 1024;
const FIELDS = ["task", "kind", "dry_run", "restart", "max_deletes", "bind"];

/**
 * Reads a request's body.
 *
 * @param request The request. An empty body means all tasks that are due.
 * @param late Fires at the end of the body's time.
 * @returns The options.
 * @throws {ApiError} `BODY_TOO_LARGE`, `BODY_TOO_SLOW`, `BODY_INVALID`, or `FIELD_INVALID` with the field.
 */
export async function readReconcileRequest(request: Request, late: AbortSignal): Promise<ReconcileRequest> {
  const body = await readJsonObject(request, MAX_BODY_BYTES, late, {});
  const unknown = Object.keys(body).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) throw invalidField(unknown.slice(0, 100), "is not a field of this request");
  const task = REQUESTED_TASKS.find((name) => name === body.task);
  if (task === undefined && body.task !== undefined) {
    throw invalidField("task", `must be one of ${REQUESTED_TASKS.join(", ")}`);
  }
  const kind = readKind(body.kind, task);
  const dryRun = readFlag("dry_run", body.dry_run);
  // A dry run must compare in both directions, or its numbers would mislead.
  if (dryRun && task !== undefined) {
    throw invalidField("task", "must be left out of a dry run, which compares everything");
  }
  const bind = readInstance(body.bind);
  if (dryRun && bind !== undefined) throw invalidField("bind", "must be left out of a dry run, which writes nothing");
  return {
    task,
    kind,
    dryRun,
    restart: readFlag("restart", body.restart),
    maxDeletes: readCount("max_deletes", body.max_deletes),
    bind,
  };
}

/** `pull` has no kind: it only applies to users, because Clerk cannot list other objects by their last update. */
function readKind(value: unknown, task: RequestedTask | undefined): Kind | undefined {
  const kind = KINDS.find((name) => name === value);
  if (kind === undefined && value !== undefined) throw invalidField("kind", `must be one of ${KINDS.join(", ")}`);
  if (kind !== undefined && task !== "backfill" && task !== "sweep") {
    throw invalidField("kind", "needs the task backfill or sweep");
  }
  return kind;
}

function readFlag(name: string, value: unknown): boolean {
  if (value !== undefined && typeof value !== "boolean") throw invalidField(name, "must be true or false");
  return value ?? false;
}

function readCount(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw invalidField(name, "must be a whole number, 0 or greater");
  }
  return value;
}

function readInstance(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string" || !/^ins_\w{1,250}$/.test(value)) {
    throw invalidField("bind", "must be the id of a Clerk instance, ins_…");
  }
  return value;
}
