import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  optionalUser,
  requireOrganization,
  requirePermission,
  requireRole,
  requireUser,
} from "../../../../supabase/functions/_clerk-supabase/auth/authenticate.ts";
import { ApiError } from "../../../../supabase/functions/_clerk-supabase/errors.ts";
import { verifyGood } from "../../../helpers/clerk/session.ts";

const verify = verifyGood();
const ACME = { id: "org_acme", role: "org:member", permissions: ["org:invoices:read"] };
const verifyMember = verifyGood(ACME);

const request = (authorization?: string) =>
  new Request("http://localhost/profile", authorization === undefined ? {} : { headers: { authorization } });

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(run, ApiError)).code;
}

Deno.test("requireUser() returns the session of a bearer token and ignores the case of the scheme", async () => {
  for (const header of ["Bearer good", "bearer good", "BEARER  good"]) {
    assertEquals((await requireUser(request(header), verify)).userId, "user_ada");
  }
});

Deno.test("requireUser() refuses a request without a token", async () => {
  assertEquals(await codeOf(() => requireUser(request(), verify)), "TOKEN_MISSING");
});

Deno.test("optionalUser() treats a request without a token as a guest's", async () => {
  assertEquals(await optionalUser(request(), verify), undefined);
});

Deno.test("optionalUser() treats supabase-js without a session as a guest, with any of its keys", async () => {
  const withKey = (key: string) =>
    new Request("http://localhost/hello", { headers: { apikey: key, authorization: `Bearer ${key}` } });
  const jwt = (claims: unknown) => `${btoa("{}")}.${btoa(JSON.stringify(claims)).replace(/=+$/, "")}.AAAA`;
  for (const key of ["sb_publishable_key", jwt({ role: "anon", iss: "supabase" })]) {
    assertEquals(await optionalUser(withKey(key), verify), undefined);
    assertEquals(await codeOf(() => requireUser(withKey(key), verify)), "TOKEN_MISSING");
  }
  for (
    const token of [
      "junk",
      jwt({ role: "authenticated", sub: "user_ada" }),
      jwt({ role: "anon", sub: "user_ada" }),
      jwt({}),
    ]
  ) {
    assertEquals(await codeOf(() => optionalUser(withKey(token), verify)), "TOKEN_EXPIRED", token);
  }
});

Deno.test("optionalUser() never treats an invalid token as a guest", async () => {
  assertEquals(await codeOf(() => optionalUser(request("Bearer old"), verify)), "TOKEN_EXPIRED");
  for (const header of ["", "Bearer", "Bearer ", "Basic good", "good", "Bearer good good", "Bearer good,good"]) {
    assertEquals(await codeOf(() => optionalUser(request(header), verify)), "TOKEN_MALFORMED", header);
  }
});

Deno.test("optionalUser() explains a missing token to the front end instead of treating it as a guest", async () => {
  for (const header of ["Bearer null", "Bearer undefined", "bearer NULL"]) {
    for (const authenticate of [optionalUser, requireUser]) {
      const error = await assertRejects(() => authenticate(request(header), verify), ApiError);
      assertEquals([error.status, error.code], [401, "TOKEN_MISSING"]);
      assertStringIncludes(error.message, "the front end sent");
      assertStringIncludes(error.message, "instead of a token");
    }
  }
  for (const header of ["Bearer [object Promise]", "Bearer [object Object]"]) {
    const error = await assertRejects(() => optionalUser(request(header), verify), ApiError);
    assertEquals(error.code, "TOKEN_MALFORMED");
    assertStringIncludes(error.message, "await getToken()");
  }
  for (const header of ["Bearer nullx", "Bearer undefined.", "Bearer null null"]) {
    assertEquals(
      ["TOKEN_EXPIRED", "TOKEN_MALFORMED"].includes(await codeOf(() => optionalUser(request(header), verify))),
      true,
    );
  }
});

Deno.test("requireOrganization() returns the active organization, and refuses a session without one", async () => {
  assertEquals((await requireOrganization(request("Bearer good"), verifyMember)).organization, ACME);
  assertEquals(await codeOf(() => requireOrganization(request("Bearer good"), verify)), "NO_ACTIVE_ORGANIZATION");
  assertEquals(await codeOf(() => requireOrganization(request(), verifyMember)), "TOKEN_MISSING");
});

Deno.test("requireRole() accepts the role with and without org: in front, and refuses any other", async () => {
  for (const role of ["member", "org:member"]) {
    assertEquals((await requireRole(request("Bearer good"), verifyMember, role)).organization, ACME);
  }
  for (const role of ["org:admin", "", "org:", "MEMBER", "org:member "]) {
    assertEquals(await codeOf(() => requireRole(request("Bearer good"), verifyMember, role)), "ROLE_MISSING", role);
  }
  const nameless = verifyGood({ ...ACME, role: undefined });
  for (const role of ["org:member", "", "undefined"]) {
    assertEquals(await codeOf(() => requireRole(request("Bearer good"), nameless, role)), "ROLE_MISSING", role);
  }
  assertEquals(await codeOf(() => requireRole(request("Bearer good"), verify, "member")), "NO_ACTIVE_ORGANIZATION");
  assertEquals(await codeOf(() => requireRole(request(), verifyMember, "member")), "TOKEN_MISSING");
});

Deno.test("requirePermission() accepts a permission that the token grants, and refuses any other", async () => {
  for (const permission of ["org:invoices:read", "invoices:read"]) {
    assertEquals((await requirePermission(request("Bearer good"), verifyMember, permission)).organization, ACME);
  }
  const permission = "org:invoices:create";
  const codes = [
    await codeOf(() => requirePermission(request("Bearer good"), verifyMember, permission)),
    await codeOf(() => requirePermission(request("Bearer good"), verify, permission)),
    await codeOf(() => requirePermission(request(), verifyMember, permission)),
  ];
  assertEquals(codes, ["PERMISSION_MISSING", "NO_ACTIVE_ORGANIZATION", "TOKEN_MISSING"]);
});
