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
