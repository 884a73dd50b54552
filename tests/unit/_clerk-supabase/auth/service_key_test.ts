import { assertEquals, assertRejects } from "@std/assert";
import {
  createServiceKeyCheck,
  createServiceKeyTest,
} from "../../../../supabase/functions/_clerk-supabase/auth/service_key.ts";
import { ApiError } from "../../../../supabase/functions/_clerk-supabase/errors.ts";

const KEYS = ["sb_secret_old", "sb_secret_new", "eyJlegacy"];

function requestWith(headers: Record<string, string>): Request {
  return new Request("http://localhost/clerk-reconcile", { method: "POST", headers });
}

async function codeOf(headers: Record<string, string>, keys: readonly string[] = KEYS): Promise<string> {
  try {
    await createServiceKeyCheck(keys)(requestWith(headers));
    return "passed";
  } catch (error) {
    return error instanceof ApiError ? `${error.status} ${error.code}` : "thrown";
  }
}

Deno.test("createServiceKeyCheck() accepts any of the project's secret keys in either header", async () => {
  for (const key of KEYS) {
    assertEquals(await codeOf({ apikey: key }), "passed");
    assertEquals(await codeOf({ authorization: `Bearer ${key}` }), "passed");
    assertEquals(await codeOf({ authorization: `bearer ${key}`, apikey: "sb_publishable_x" }), "passed");
  }
});

Deno.test("createServiceKeyCheck() refuses all other credentials", async () => {
  const others = ["sb_secret_ol", "sb_secret_oldx", "sb_secret_olx", "SB_SECRET_OLD", "sb_publishable_x", "undefined"];
  for (const key of [...others, "x".repeat(100_000)]) {
    assertEquals(await codeOf({ apikey: key }), "403 SERVICE_KEY_INVALID", key.slice(0, 20));
    assertEquals(await codeOf({ authorization: `Bearer ${key}` }), "403 SERVICE_KEY_INVALID");
  }
  for (const headers of [{}, { apikey: "" }, { authorization: "" }, { authorization: `Basic ${KEYS[0]}` }]) {
    assertEquals(await codeOf(headers as Record<string, string>), "401 SERVICE_KEY_REQUIRED", JSON.stringify(headers));
  }
});

Deno.test("createServiceKeyCheck() refuses everyone if no key is configured", async () => {
  for (const keys of [[], [""]]) {
    assertEquals(await codeOf({}, keys), "401 SERVICE_KEY_REQUIRED");
    assertEquals(await codeOf({ apikey: "" }, keys), "401 SERVICE_KEY_REQUIRED");
    assertEquals(await codeOf({ apikey: "undefined" }, keys), "403 SERVICE_KEY_INVALID");
  }
});

Deno.test("createServiceKeyTest() returns true only for the project, and never throws", async () => {
  const matchesServiceKey = createServiceKeyTest(KEYS);
  assertEquals(await matchesServiceKey(requestWith({ apikey: KEYS[1]! })), true);
  assertEquals(
    await matchesServiceKey(requestWith({ apikey: "sb_publishable_x", authorization: "Bearer token" })),
    false,
  );
  assertEquals(await matchesServiceKey(requestWith({})), false);
});

Deno.test("createServiceKeyCheck() does not reveal the sent key in its error", async () => {
  const error = await assertRejects(
    () => createServiceKeyCheck(KEYS)(requestWith({ apikey: "sb_secret_typo" })),
    ApiError,
  );
  assertEquals(error.message.includes("typo"), false);
});
