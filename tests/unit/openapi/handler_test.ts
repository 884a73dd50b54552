import { assertEquals } from "@std/assert";
import { createOpenApiHandler } from "../../../supabase/functions/openapi/handler.ts";
import { createPlatform } from "../../helpers/stack/platform.ts";
import { assertProblem } from "../../helpers/stack/problem.ts";

const document = { openapi: "3.1.1" };

function call(init?: RequestInit): Promise<Response> {
  return createOpenApiHandler({ ...createPlatform(), document })(new Request("http://localhost/openapi", init));
}

Deno.test("openapi returns the document, which any page may read and cache", async () => {
  const response = await call();
  assertEquals(await response.json(), document);
  const headers = ["content-type", "cache-control", "access-control-allow-origin", "vary"];
  assertEquals(headers.map((name) => response.headers.get(name)), [
    "application/json",
    "public, max-age=300",
    "*",
    "origin",
  ]);
});

Deno.test("openapi refuses other methods with a response that is not cached", async () => {
  const response = await call({ method: "POST" });
  assertEquals(response.headers.get("allow"), "GET, OPTIONS");
  await assertProblem(response, 405, "METHOD_NOT_ALLOWED");
});
