import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { webhookFault } from "../../../../cli/doctor/webhook_answer.ts";

const PROBLEM = "application/problem+json";

function judge(status: number, body?: unknown, type = "application/json") {
  return webhookFault({ status, body, headers: new Headers({ "content-type": type }) });
}

const problem = (status: number, code: string, detail = "leak") => judge(status, { code, detail }, PROBLEM);

Deno.test("webhookFault() returns undefined for an ignored event", () => {
  assertEquals(judge(200, { outcome: "ignored" }), undefined);
});

Deno.test("webhookFault() returns the fix for each answer, without the answer's text", () => {
  const faults: Array<[ReturnType<typeof judge>, detail: string, fix: string]> = [
    [judge(404, { code: "NOT_FOUND", message: "leak" }), "not deployed", "supabase functions deploy"],
    [judge(404, undefined, "text/html"), "not deployed", "supabase functions deploy"],
    [judge(401, { code: "UNAUTHORIZED_JWT", message: "leak" }), "verify_jwt", "verify_jwt = false"],
    [judge(401, { msg: "leak" }), "verify_jwt", "verify_jwt = false"],
    [problem(401, "WEBHOOK_SIGNATURE_INVALID"), "deployed signing secret", "secrets set CLERK_WEBHOOK_SECRET"],
    [problem(401, "WEBHOOK_TIMESTAMP_OUT_OF_TOLERANCE"), "this machine's clock", "clock"],
    [problem(403, "WRONG_INSTANCE"), "another Clerk instance", "CLERK_INSTANCE_ID"],
    [
      problem(500, "CONFIG_MISSING", "Cannot start: CLERK_WEBHOOK_SECRET is not set leak"),
      "the deployed CLERK_WEBHOOK_SECRET is not set",
      "supabase secrets set CLERK_WEBHOOK_SECRET=",
    ],
    [
      problem(500, "CONFIG_INVALID", "Cannot start: CLERK_JWT_KEY is malformed, leak"),
      "the deployed CLERK_JWT_KEY is malformed",
      "supabase secrets set CLERK_JWT_KEY=",
    ],
    [problem(500, "CONFIG_INVALID"), "a variable is malformed", ".env.example"],
    [judge(503, { code: "BOOT_ERROR", message: "leak" }), "does not start", "log"],
    [problem(503, "DATABASE_UNAVAILABLE"), "503 DATABASE_UNAVAILABLE", "docs/errors.md"],
    [problem(404, "NOT_FOUND"), "404 NOT_FOUND", "docs/errors.md"],
    [judge(200, { outcome: "created leak" }), "answers 200", "supabase functions deploy"],
    [judge(200, "leak"), "answers 200", "supabase functions deploy"],
    [problem(418, "leak"), "answers 418", "supabase functions deploy"],
    [judge(546, undefined), "answers 546", "log"],
  ];
  for (const [fault, detail, fix] of faults) {
    assert(fault, detail);
    assertStringIncludes(fault.detail, detail);
    assertStringIncludes(fault.fix, fix);
    assertEquals(JSON.stringify(fault).includes("leak"), false, detail);
  }
});
