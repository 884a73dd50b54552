/**
 * What callers send: a resume to store. Every error names its field.
 *
 * @module
 */
import { readTextField, refuseOtherFields } from "../_clerk-supabase/http/fields.ts";
import { readJsonObject } from "../_clerk-supabase/http/json_body.ts";

/** What callers write of a resume. */
export interface ResumeInput {
  title: string;
  content: string;
}

/** The most characters of a title; it needs one. */
export const MAX_TITLE_CHARS = 200;
/** The most characters of the content. */
export const MAX_CONTENT_CHARS = 100_000;
/** The most bytes of a body. */
export const MAX_BODY_BYTES = 512 * 1024;

/**
 * Reads a resume from a request's body.
 *
 * @param request The request, with `{"title": …, "content"?: …}`.
 * @param late Fires when the body has had its time.
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
