/**
 * Reads a resume from a request. Every error names its field.
 *
 * @module
 */
import { readTextField, refuseOtherFields } from "../_clerk-supabase/http/fields.ts";
import { readJsonObject } from "../_clerk-supabase/http/json_body.ts";

/** The fields of a resume that callers write. */
export interface ResumeInput {
  title: string;
  content: string;
}

/** Greatest length of a title. The least is 1. */
export const MAX_TITLE_CHARS = 200;
/** Greatest length of the content. */
export const MAX_CONTENT_CHARS = 100_000;
/** Largest size of a body. */
export const MAX_BODY_BYTES = 512 * 1024;

/**
 * Reads a resume from a request's body.
 *
 * @param request The request, with `{"title": …, "content"?: …}`.
 * @param late Fires at the end of the body's time.
 * @returns The resume.
 * @throws {ApiError} `BODY_TOO_LARGE`, `BODY_TOO_SLOW`, `BODY_INVALID`, or `FIELD_INVALID` with the field.
 */
export async function readResume(request: Request, late: AbortSignal): Promise<ResumeInput> {
  const body = await readJsonObject(request, MAX_BODY_BYTES, late);
  refuseOtherFields(body, ["title", "content"], "a resume");
  return {
    title: readTextField("title", body.title, 1, MAX_TITLE_CHARS),
    content: readTextField("content", body.content ?? "", 0, MAX_CONTENT_CHARS),
  };
}
