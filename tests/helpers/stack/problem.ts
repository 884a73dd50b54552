/**
 * Checks the form of every error response.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { ErrorCode } from "../../../supabase/functions/_clerk-supabase/errors.ts";

/** Fails unless the response is the problem document of the code, with the status. Returns its detail. */
export async function assertProblem(response: Response, status: number, code: ErrorCode): Promise<string> {
  const text = await response.text();
  assertEquals([response.status, text && JSON.parse(text).code], [status, code], text);
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  assertEquals(response.headers.get("cache-control"), "no-store");
  const body = JSON.parse(text);
  assertMatch(body.type, /^urn:problem-type:clerk-supabase:[a-z-]+$/);
  assertEquals(body.status, status);
  assert(typeof body.title === "string" && typeof body.detail === "string" && body.detail !== "");
  assertEquals(response.headers.get("x-request-id"), body.request_id);
  assertEquals(response.headers.has("www-authenticate"), status === 401 && code.startsWith("TOKEN_"));
  const passes = status === 503 ||
    ["PROFILE_NOT_SYNCED", "ORGANIZATION_NOT_SYNCED", "RECONCILE_RUNNING"].includes(code);
  assertEquals(response.headers.has("retry-after"), passes);
  return body.detail;
}
