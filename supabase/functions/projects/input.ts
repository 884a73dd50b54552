/**
 * Reads a project, or a change of a project, from a request. Every error names its field.
 *
 * @module
 */
import { invalidField, readTextField, refuseOtherFields } from "../_clerk-supabase/http/fields.ts";
import { readJsonObject } from "../_clerk-supabase/http/json_body.ts";

/** The fields of a project that callers write. */
export interface ProjectInput {
  name: string;
  description: string;
}

/** Greatest length of a name. The least is 1. */
export const MAX_NAME_CHARS = 200;
/** Greatest length of a description, which keeps every page of projects small. */
export const MAX_DESCRIPTION_CHARS = 1_000;
/** Largest size of a body. */
export const MAX_BODY_BYTES = 16 * 1024;
const FIELDS = ["name", "description"];

/**
 * Reads a project from a request's body.
 *
 * @param request The request, with `{"name": …, "description"?: …}`.
 * @param late Fires at the end of the body's time.
 * @returns The project.
 * @throws {ApiError} `BODY_TOO_LARGE`, `BODY_TOO_SLOW`, `BODY_INVALID`, or `FIELD_INVALID` with the field.
 */
export async function readProject(request: Request, late: AbortSignal): Promise<ProjectInput> {
  const { name, description = "" } = await readFields(request, late);
  return { name: readName(name), description: readDescription(description) };
}

/**
 * Reads a change of a project from a request's body.
 *
 * @param request The request, with `name`, `description` or both.
 * @param late Fires at the end of the body's time.
 * @returns The given fields.
 * @throws {ApiError} The errors of {@linkcode readProject}.
 */
export async function readProjectChange(request: Request, late: AbortSignal): Promise<Partial<ProjectInput>> {
  const { name, description } = await readFields(request, late);
  if (name === undefined && description === undefined) throw invalidField("name", "or description must be given");
  return {
    ...(name !== undefined && { name: readName(name) }),
    ...(description !== undefined && { description: readDescription(description) }),
  };
}

async function readFields(request: Request, late: AbortSignal): Promise<Record<string, unknown>> {
  const body = await readJsonObject(request, MAX_BODY_BYTES, late);
  refuseOtherFields(body, FIELDS, "a project");
  return body;
}

const readName = (value: unknown) => readTextField("name", value, 1, MAX_NAME_CHARS);
const readDescription = (value: unknown) => readTextField("description", value, 0, MAX_DESCRIPTION_CHARS);
