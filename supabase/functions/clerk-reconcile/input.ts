/**
 * What callers ask for.
 *
 * @module
 */
import { ApiError } from "../_clerk-supabase/errors.ts";
import { readJsonObject } from "../_clerk-supabase/http/json_body.ts";
import { type Kind, KINDS } from "./state.ts";

/** What one call is to do. */
export interface ReconcileRequest {
  /** One task alone; undefined for whatever is due. */
  task: RequestedTask | undefined;
  /** To compare with Clerk and change nothing. */
  dryRun: boolean;
  /** To begin the task anew, wherever the last call stopped. */
  restart: boolean;
  /** What the task is about alone: a kind. Undefined for all. */
  kind: Kind | undefined;
  /** How much of that kind a sweep may delete, instead of 5 % or 10, whichever is more; of users if there is no kind. */
  maxDeletes: number | undefined;
  /** The Clerk instance that the database is to be bound to from now on, in an operator's words. */
  bind: string | undefined;
}

/** A task that can be asked for. */
export type RequestedTask = typeof TASKS[number];

/** The tasks that can be asked for. */
export const TASKS = ["backfill", "pull", "sweep"] as const;
/** The most bytes of a request's body. */
export const MAX_BODY_BYTES = 4 * 1024;
const FIELDS = ["task", "kind", "dry_run", "restart", "max_deletes", "bind"];

/**
 * Reads a request's body.
 *
 * @param request The request; an empty body asks for whatever is due.
 * @param late Fires when the body has had its time.
 * @returns What to do.
 * @throws {ApiError} `BODY_TOO_LARGE`, `BODY_TOO_SLOW`, `BODY_INVALID`, or `FIELD_INVALID` with the field.
 */
export async function readReconcileRequest(request: Request, late: AbortSignal): Promise<ReconcileRequest> {
  const body = await readJsonObject(request, MAX_BODY_BYTES, late, {});
  const unknown = Object.keys(body).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) throw invalid(unknown.slice(0, 100), "is no field of this request");
  const task = TASKS.find((name) => name === body.task);
  if (task === undefined && body.task !== undefined) throw invalid("task", `must be one of ${TASKS.join(", ")}`);
  const kind = readKind(body.kind, task);
  const dryRun = readFlag("dry_run", body.dry_run);
  // A dry run compares in both directions, or its numbers would mislead.
  if (dryRun && task !== undefined) throw invalid("task", "must be left out of a dry run, which looks at everything");
  const bind = readInstance(body.bind);
  if (dryRun && bind !== undefined) throw invalid("bind", "must be left out of a dry run, which writes nothing");
  return {
    task,
    kind,
    dryRun,
    restart: readFlag("restart", body.restart),
    maxDeletes: readCount("max_deletes", body.max_deletes),
    bind,
  };
}

/** Only users are pulled: Clerk cannot list the others by their last update. */
function readKind(value: unknown, task: RequestedTask | undefined): Kind | undefined {
  const kind = KINDS.find((name) => name === value);
  if (kind === undefined && value !== undefined) throw invalid("kind", `must be one of ${KINDS.join(", ")}`);
  if (kind !== undefined && task !== "backfill" && task !== "sweep") {
    throw invalid("kind", "must come with the task backfill or sweep");
  }
  return kind;
}

function readFlag(name: string, value: unknown): boolean {
  if (value !== undefined && typeof value !== "boolean") throw invalid(name, "must be true or false");
  return value ?? false;
}

function readCount(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw invalid(name, "must be a whole number from 0");
  }
  return value;
}

function readInstance(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string" || !/^ins_\w{1,250}$/.test(value)) {
    throw invalid("bind", "must be the id of a Clerk instance, ins_…");
  }
  return value;
}

function invalid(field: string, expectation: string): ApiError {
  return new ApiError("FIELD_INVALID", `Cannot take request: ${field} ${expectation}`, { field });
}
