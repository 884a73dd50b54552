/**
 * What callers send: a page to list, a resume to store. Every error names its field.
 *
 * @module
 */
import { storableText } from "../_clerk-supabase/formats/storable.ts";
import { ApiError } from "../_clerk-supabase/errors.ts";
import { readJsonObject } from "../_clerk-supabase/http/json_body.ts";

/** What callers write of a resume. */
export interface ResumeInput {
  title: string;
  content: string;
}

/** Where a page begins: after this resume, in the order of the list. */
export interface Position {
  createdAt: string;
  id: string;
}

/** A page of the list. */
export interface Page {
  /** 1 to 100. */
  limit: number;
  after: Position | undefined;
}

/** The most characters of a title; it needs one. */
export const LONGEST_TITLE = 200;
/** The most characters of the content. */
export const LONGEST_CONTENT = 100_000;
/** The most resumes of a page. */
export const LARGEST_PAGE = 100;
/** The resumes of a page whose request names no number. */
export const DEFAULT_PAGE = 20;
/** The most bytes of a body. */
export const BODY_LIMIT = 512 * 1024;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** As the Data API writes one: the groups are year, month and day. */
const INSTANT =
  /^([1-9]\d{3})-(0[1-9]|1[0-2])-(\d\d)[T ]([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,6})?(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)$/;

/**
 * Reads a resume from a request's body.
 *
 * @param request The request, with `{"title": …, "content"?: …}`.
 * @param late Fires when the body has had its time.
 * @returns The resume.
 * @throws {ApiError} `BODY_TOO_LARGE`, `BODY_TOO_SLOW`, `BODY_INVALID`, or `FIELD_INVALID` with the field.
 */
export async function readResume(request: Request, late: AbortSignal): Promise<ResumeInput> {
  const body = await readJsonObject(request, BODY_LIMIT, late);
  const unknown = Object.keys(body).find((name) => name !== "title" && name !== "content");
  if (unknown !== undefined) throw invalid(storableText(unknown).slice(0, 100), "is not a field of a resume");
  return {
    title: readField("title", body.title, 1, LONGEST_TITLE),
    content: readField("content", body.content ?? "", 0, LONGEST_CONTENT),
  };
}

/**
 * Reads the page from a list's URL.
 *
 * @param url With `limit` and `cursor`, both optional.
 * @returns The page.
 * @throws {ApiError} `FIELD_INVALID` with the field.
 */
export function readPage({ searchParams }: URL): Page {
  const limit = searchParams.get("limit") ?? String(DEFAULT_PAGE);
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > LARGEST_PAGE) {
    throw invalid("limit", `must be a number from 1 to ${LARGEST_PAGE}`);
  }
  const cursor = searchParams.get("cursor");
  return { limit: Number(limit), after: cursor === null ? undefined : readCursor(cursor) };
}

/**
 * Makes the cursor of the page after a resume.
 *
 * @param position The last resume of a page.
 * @returns Text for a URL; what is in it may change.
 */
export function writeCursor({ createdAt, id }: Position): string {
  return btoa(`${createdAt} ${id}`).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * Tells whether text can be a resume's id. What cannot be one belongs to nobody.
 *
 * @param text From the path.
 * @returns True for a uuid.
 */
export function isResumeId(text: string): boolean {
  return UUID.test(text);
}

/** Goes into a filter, so nothing passes but an instant and a uuid. */
function readCursor(cursor: string): Position {
  const [, createdAt = "", id = ""] = /^(.*) (\S+)$/.exec(decode(cursor)) ?? [];
  if (!isInstant(createdAt) || !UUID.test(id)) throw invalid("cursor", "must be one that a list returned");
  return { createdAt, id };
}

/** Whether PostgreSQL will take it, 30 February excluded. */
function isInstant(text: string): boolean {
  const [, year, month, day] = INSTANT.exec(text) ?? [];
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
}

function decode(cursor: string): string {
  try {
    return atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return "";
  }
}

function readField(name: string, value: unknown, shortest: number, longest: number): string {
  if (typeof value !== "string") throw invalid(name, "must be text");
  const text = storableText(value);
  // Characters as PostgreSQL counts them.
  const length = [...text].length;
  if (length < shortest || length > longest) throw invalid(name, `must have ${shortest} to ${longest} characters`);
  return text;
}

function invalid(field: string, expectation: string): ApiError {
  return new ApiError("FIELD_INVALID", `Cannot take request: ${field} ${expectation}`, { field });
}
