/**
 * JSON that callers send.
 *
 * @module
 */
import { ApiError } from "../errors.ts";
import { isObject, parseJson } from "../json.ts";
import { readText } from "./body.ts";

/**
 * Reads a request's body as a JSON object.
 *
 * @param request The request.
 * @param limit The most bytes to take.
 * @param empty What a request without a body means; without it, that is an error too.
 * @returns The object.
 * @throws {ApiError} `BODY_TOO_LARGE` or `BODY_INVALID`.
 *
 * @example
 * ```ts
 * import { readJsonObject } from "./json_body.ts";
 *
 * const request = new Request("https://example.com/notes", { method: "POST", body: '{"title":"First"}' });
 * if ((await readJsonObject(request, 1024)).title !== "First") throw new Error();
 *
 * const list = new Request("https://example.com/notes", { method: "POST", body: "[]" });
 * const error = await readJsonObject(list, 1024).catch((error) => error);
 * if (error.code !== "BODY_INVALID") throw error;
 * ```
 */
export async function readJsonObject(
  request: Request,
  limit: number,
  empty?: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { text, fault } = await readText(request, limit);
  if (fault === "too long") throw new ApiError("BODY_TOO_LARGE", `Cannot read body: more than ${limit} bytes`);
  const body = text === "" && empty ? empty : parseJson(text ?? "");
  if (!isObject(body)) throw new ApiError("BODY_INVALID", "Cannot read body: expected a JSON object");
  return body;
}
