/**
 * Reads JSON that callers send.
 *
 * @module
 */
import { ApiError } from "../errors.ts";
import { isObject, parseJson } from "../formats/json.ts";
import { readText } from "./body.ts";

/**
 * Reads a request's body as a JSON object.
 *
 * @param request The request.
 * @param maxBytes The largest size to accept.
 * @param late Fires at the end of the body's time: `context.startBody()`.
 * @param empty The result for a request without a body. If it is not given, an empty body is an error.
 * @returns The object.
 * @throws {ApiError} `BODY_TOO_LARGE`, `BODY_TOO_SLOW` or `BODY_INVALID`.
 *
 * @example
 * ```ts
 * import { readJsonObject } from "./json_body.ts";
 *
 * const request = new Request("https://example.com/notes", { method: "POST", body: '{"title":"First"}' });
 * const late = AbortSignal.timeout(10_000);
 * if ((await readJsonObject(request, 1024, late)).title !== "First") throw new Error();
 *
 * const list = new Request("https://example.com/notes", { method: "POST", body: "[]" });
 * const error = await readJsonObject(list, 1024, late).catch((error) => error);
 * if (error.code !== "BODY_INVALID") throw error;
 * ```
 */
export async function readJsonObject(
  request: Request,
  maxBytes: number,
  late: AbortSignal,
  empty?: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { text, fault } = await readText(request, maxBytes, late);
  if (fault === "too long") throw new ApiError("BODY_TOO_LARGE", `Cannot read body: more than ${maxBytes} bytes`);
  if (fault === "too slow") throw new ApiError("BODY_TOO_SLOW", "Cannot read body: it did not arrive in time");
  const body = text === "" && empty ? empty : parseJson(text ?? "");
  if (!isObject(body)) throw new ApiError("BODY_INVALID", "Cannot read body: expected a JSON object");
  return body;
}
