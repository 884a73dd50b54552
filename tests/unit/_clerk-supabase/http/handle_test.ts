import { assert, assertEquals, assertMatch } from "@std/assert";
import { ApiError } from "../../../../supabase/functions/_clerk-supabase/errors.ts";
import { handle, type Methods } from "../../../../supabase/functions/_clerk-supabase/http/handle.ts";
import { jsonResponse } from "../../../../supabase/functions/_clerk-supabase/http/problem.ts";
import { createPlatform } from "../../../helpers/stack/platform.ts";
import { assertProblem } from "../../../helpers/stack/problem.ts";

const BROWSER = { name: "page", browser: true };
const SERVER = { name: "hook", browser: false };

function request(method = "GET", headers: Record<string, string> = {}): Request {
  return new Request("http://localhost/page", { method, headers });
}

function setUp(methods: Methods = { GET: () => Promise.resolve(jsonResponse({ ok: true })) }, origins = ["*"]) {
  const platform = createPlatform({ corsOrigins: origins });
  return { platform, page: handle(BROWSER, platform, methods), hook: handle(SERVER, platform, methods) };
}

Deno.test("handle() answers with a request id, and logs one line", async () => {
  const { page, platform } = setUp();
  const response = await page(request());
  assertEquals([response.status, await response.json()], [200, { ok: true }]);
  assertEquals(platform.entries.length, 1);
  const { function: name, request_id, status, duration_ms, method, outcome } = platform.entries[0]!;
  assertEquals([name, request_id, status], ["page", response.headers.get("x-request-id"), 200]);
  assertEquals([method, outcome], ["GET", "ok"]);
  assert(duration_ms >= 0);
});

Deno.test("handle() keeps a valid request id, and replaces any other", async () => {
  const { page } = setUp();
  const idOf = async (given: string) =>
    (await page(request("GET", { "x-request-id": given }))).headers.get("x-request-id");
  assertEquals(await idOf("req-1_A"), "req-1_A");
  for (const bad of ["", "a b", "x".repeat(129), "<script>"]) assertMatch((await idOf(bad))!, /^[0-9a-f-]{36}$/);
});

Deno.test("handle() refuses other methods with Allow", async () => {
  const { page, hook } = setUp();
  const response = await page(request("POST"));
  assertEquals(response.headers.get("allow"), "GET, OPTIONS");
  await assertProblem(response, 405, "METHOD_NOT_ALLOWED");
  for (const method of ["POST", "OPTIONS", "HEAD", "toString"]) {
    const refused = await hook(request(method));
    assertEquals([refused.status, refused.headers.get("allow")], [405, "GET"]);
  }
});

Deno.test("handle() answers a preflight first, for browsers only", async () => {
  const { page } = setUp({ POST: () => Promise.reject(new Error("must not run")) });
  const headers = { origin: "https://app.example.com", "access-control-request-headers": "authorization,x-new" };
  const response = await page(request("OPTIONS", headers));
  assertEquals([response.status, response.body], [204, null]);
  assertEquals(response.headers.get("access-control-allow-methods"), "POST, OPTIONS");
  assertEquals(response.headers.get("access-control-allow-headers"), "authorization,x-new");
  assertEquals(response.headers.get("access-control-allow-origin"), "*");
  assertEquals(response.headers.has("access-control-allow-credentials"), false);
});

Deno.test("handle() allows listed origins only, on errors too", async () => {
  const fail = () => Promise.reject(new ApiError("TOKEN_MISSING", "no token"));
  const { page } = setUp({ GET: fail }, ["https://app.example.com", "https://*-my-team.vercel.app"]);
  const allowed = async (origin: string) => {
    const response = await page(request("GET", { origin }));
    assertEquals([response.headers.get("vary"), response.status], ["origin", 401]);
    assertEquals(response.headers.get("access-control-expose-headers"), "x-request-id, retry-after");
    return response.headers.get("access-control-allow-origin");
  };
  assertEquals(await allowed("https://app.example.com"), "https://app.example.com");
  assertEquals(await allowed("https://a-my-team.vercel.app"), "https://a-my-team.vercel.app");
  assertEquals(await allowed("https://a-my-team.vercel.app.evil.example"), null);
  assertEquals(await allowed("https://app.example.com.evil.example"), null);
  assertEquals(await allowed("null"), null);
});

Deno.test("handle() sends no CORS headers from a function that is not for browsers", async () => {
  const { hook } = setUp();
  const response = await hook(request("GET", { origin: "https://app.example.com" }));
  assertEquals([...response.headers.keys()].filter((name) => name.startsWith("access-control") || name === "vary"), []);
});

Deno.test("handle() answers an unexpected error with 500 without revealing it", async () => {
  const { page, platform } = setUp({ GET: () => Promise.reject(new TypeError("secret sk_test_value")) });
  const response = await page(request());
  const text = await response.clone().text();
  await assertProblem(response, 500, "INTERNAL_ERROR");
  const log = JSON.stringify(platform.entries);
  assert(!text.includes("secret") && !log.includes("secret"), text + log);
  assertMatch(platform.entries[0]!.cause!, /^TypeError at /);
  assertEquals(platform.entries[0]!.outcome, "INTERNAL_ERROR");
});

Deno.test("handle() treats a thrown error like a rejected one", async () => {
  const { page } = setUp({
    GET: () => {
      throw new ApiError("USER_DELETED", "gone");
    },
  });
  await assertProblem(await page(request()), 410, "USER_DELETED");
});
