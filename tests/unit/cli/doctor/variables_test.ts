import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkVariables } from "../../../../cli/doctor/variables.ts";
import { envOf } from "../../../helpers/stack/platform.ts";

const GOOD = {
  CLERK_WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  CLERK_PUBLISHABLE_KEY: "pk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk",
  CLERK_SECRET_KEY: "sk_test_abc",
  SUPABASE_URL: "https://abc.supabase.co",
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_abc"}',
  SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_abc"}',
};

/** A value of each variable that its reader refuses. Each contains a marker that must not be repeated. */
const MALFORMED: Record<string, string> = {
  CLERK_WEBHOOK_SECRET: "whsec_leak!",
  CLERK_WEBHOOK_SIGNING_SECRET: "whsec_leak",
  CLERK_PUBLISHABLE_KEY: "pk_test_leak",
  CLERK_SECRET_KEY: "leak",
  CLERK_INSTANCE_ID: "leak",
  CLERK_DELETE_MODE: "leak",
  CLERK_AUTHORIZED_PARTIES: "leak",
  CLERK_REQUIRE_AZP: "leak",
  CLERK_JWT_KEY: "leak",
  CLERK_ISSUER: "https://user:leak@example.com",
  CLERK_JWKS_URL: "http://example.com/leak",
  CLERK_API_URL: "http://leak.example.com",
  CORS_ALLOWED_ORIGINS: "leak",
  SUPABASE_URL: "ftp://leak",
  SUPABASE_SECRET_KEYS: "leak",
  SUPABASE_PUBLISHABLE_KEYS: '{"leak":1}',
};

const check = (variables: Record<string, string>, local = false) => checkVariables(envOf(variables), local);
const shellName = (name: string) => `variable ${name.replace(/_KEYS$/, "_KEY")}`;

Deno.test("checkVariables() reports one result if every variable is well formed", () => {
  assertEquals(check(GOOD).map(({ name, status }) => [name, status]), [["variables", "ok"]]);
});

for (const [name, value] of Object.entries(MALFORMED)) {
  Deno.test(`checkVariables() names a malformed ${name} and its fix, without its value`, () => {
    const results = check({ ...GOOD, [name]: value });
    assertEquals(results.map(({ name, status }) => [name, status]), [[shellName(name), "failed"]]);
    assertStringIncludes(results[0]!.detail, `${name} is malformed, expected`);
    assertStringIncludes(results[0]!.fix!, "supabase/functions/.env");
    assertEquals(JSON.stringify(results).includes("leak"), false);
  });
}

Deno.test("checkVariables() finds every fault at once, each with a result of its own", () => {
  const results = check(MALFORMED);
  assertEquals(
    results.map(({ name, status }) => `${name} ${status}`).sort(),
    Object.keys(MALFORMED).map((name) => `${shellName(name)} failed`).sort(),
  );
  assertEquals(JSON.stringify(results).includes("leak"), false);
});

Deno.test("checkVariables() fails for a missing variable of Clerk, and skips a missing one of the platform", () => {
  const states = (local: boolean) => check({}, local).map(({ name, status }) => `${name} ${status}`).sort();
  const faults = ["variable CLERK_PUBLISHABLE_KEY failed", "variable CLERK_WEBHOOK_SECRET failed"];
  assertEquals(states(true), [...faults, "variable CLERK_SECRET_KEY skipped"].sort());
  assertEquals(
    states(false),
    [
      ...faults,
      "variable CLERK_SECRET_KEY skipped",
      "variable SUPABASE_PUBLISHABLE_KEY skipped",
      "variable SUPABASE_SECRET_KEY skipped",
      "variable SUPABASE_URL skipped",
    ].sort(),
  );
});

Deno.test("checkVariables() skips a missing CLERK_SECRET_KEY, which is not a fault", () => {
  const [all, key] = check({ ...GOOD, CLERK_SECRET_KEY: " " });
  assertEquals([all?.status, key?.name, key?.status], ["ok", "variable CLERK_SECRET_KEY", "skipped"]);
  assertStringIncludes(key!.detail, "optional");
});

Deno.test("checkVariables() requires CLERK_AUTHORIZED_PARTIES if azp is required", () => {
  const results = check({ ...GOOD, CLERK_REQUIRE_AZP: "true" });
  assertEquals(results.map(({ name, status }) => [name, status]), [["variable CLERK_AUTHORIZED_PARTIES", "failed"]]);
});
