import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { optionalUser, requireUser } from "../../../../supabase/functions/_shared/auth/authenticate.ts";
import type { Session, VerifyToken } from "../../../../supabase/functions/_shared/auth/token.ts";
import { ApiError } from "../../../../supabase/functions/_shared/errors.ts";

const verify: VerifyToken = (token) =>
  token === "good"
    ? Promise.resolve(
      { userId: "user_ada", sessionId: "sess_1", token, claims: {}, actor: undefined, organization: undefined } satisfies Session,
    )
    : Promise.reject(new ApiError("TOKEN_EXPIRED", "expired"));

const request = (authorization?: string) =>
  new Request("http://localhost/profile", authorization === undefined ? {} : { headers: { authorization } });

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(run, ApiError)).code;
}

Deno.test("requireUser() returns the session of a bearer token, whatever the scheme's case", async () => {
  for (const header of ["Bearer good", "bearer good", "BEARER  good"]) {
    assertEquals((await requireUser(request(header), verify)).userId, "user_ada");
  }
});

Deno.test("requireUser() refuses a request without a token", async () => {
  assertEquals(await codeOf(() => requireUser(request(), verify)), "TOKEN_MISSING");
});

Deno.test("optionalUser() takes a request without a token for a guest's", async () => {
  assertEquals(await optionalUser(request(), verify), undefined);
});

Deno.test("optionalUser() takes supabase-js without a session for a guest's, whichever key it sends", async () => {
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

Deno.test("optionalUser() never takes a bad token for a guest", async () => {
  assertEquals(await codeOf(() => optionalUser(request("Bearer old"), verify)), "TOKEN_EXPIRED");
  for (const header of ["", "Bearer", "Bearer ", "Basic good", "good", "Bearer good good", "Bearer good,good"]) {
    assertEquals(await codeOf(() => optionalUser(request(header), verify)), "TOKEN_MALFORMED", header);
  }
});

Deno.test("optionalUser() tells a front end that it sent no token, and does not take it for a guest", async () => {
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
