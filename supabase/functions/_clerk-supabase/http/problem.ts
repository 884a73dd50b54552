/**
 * Creates responses: JSON, and problem documents for errors.
 *
 * @module
 */
import type { ApiError } from "../errors.ts";

/** The body of an error response (RFC 9457). */
export interface ProblemDocument {
  /** A URN with the code. It names the problem and cannot be opened. */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** The stable name to program against. */
  code: string;
  request_id: string;
  /** The invalid field of the request, if the error is about one. */
  field?: string;
}

/** A 401 names the expected scheme (RFC 9110 §11.6.1). A webhook's signature has no registered scheme. */
const CHALLENGE = "Bearer";

/**
 * Creates the response for an error.
 *
 * @param error The error.
 * @param requestId The id, which is also in the log line.
 * @returns A problem document with the error's status and headers.
 *
 * @example
 * ```ts
 * import { ApiError } from "../errors.ts";
 * import { problemResponse } from "./problem.ts";
 *
 * const error = new ApiError("FIELD_INVALID", "Cannot store note: title is empty", { field: "title" });
 * const response = problemResponse(error, crypto.randomUUID());
 * if (response.status !== 422 || (await response.json()).field !== "title") throw new Error();
 * ```
 */
export function problemResponse(error: ApiError, requestId: string): Response {
  const body: ProblemDocument = {
    type: `urn:problem-type:clerk-supabase:${error.code.toLowerCase().replaceAll("_", "-")}`,
    title: error.title,
    status: error.status,
    detail: error.message,
    code: error.code,
    request_id: requestId,
    ...(error.field !== undefined && { field: error.field }),
  };
  return new Response(JSON.stringify(body), {
    status: error.status,
    headers: {
      "content-type": "application/problem+json",
      ...(error.status === 401 && error.code.startsWith("TOKEN_") && { "www-authenticate": CHALLENGE }),
      ...error.headers,
    },
  });
}

/**
 * Creates a JSON response.
 *
 * @param body The value to send.
 * @param status The HTTP status, 200 unless given.
 * @returns The response.
 *
 * @example
 * ```ts
 * import { jsonResponse } from "./problem.ts";
 *
 * const response = jsonResponse({ id: 7 }, 201);
 * if (response.status !== 201 || (await response.json()).id !== 7) throw new Error();
 * ```
 */
export function jsonResponse(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}
