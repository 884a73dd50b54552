import { assertEquals, assertStringIncludes } from "@std/assert";
import { base64url } from "jose";
import { describeTokenKind } from "../../../../supabase/functions/_clerk-supabase/auth/token_kind.ts";

const token = (header: unknown, claims: unknown) =>
  [header, claims].map((part) => base64url.encode(JSON.stringify(part))).join(".") + ".AAAA";

const rs256 = { alg: "RS256", typ: "JWT", kid: "ins_1" };
const session = { iss: "https://clerk.example.com", sub: "user_ada", sid: "sess_1", role: "authenticated" };
const template = { iss: "https://clerk.example.com", sub: "user_ada", role: "authenticated", aud: "authenticated" };

const KINDS: Array<[token: string, kind: string]> = [
  [token({ alg: "HS256", typ: "JWT" }, template), "made from a JWT template; call getToken() without one"],
  [token({ alg: "HS512" }, { sub: "7" }), "made from a JWT template"],
  [token({ ...rs256, cat: "cl_B7d4PD222AAA" }, session), "made from a JWT template"],
  [token(rs256, template), "made from a JWT template"],
  [token({ alg: "HS256" }, { iss: "supabase", ref: "abc", role: "anon" }), "a key of the Supabase project"],
  [token({ alg: "HS256" }, { iss: "supabase", role: "service_role" }), "a key of the Supabase project"],
  [token({ alg: "HS256" }, { ...template, iss: "https://abc.supabase.co/auth/v1" }), "a token of Supabase Auth"],
  [token({ alg: "ES256" }, { ...template, iss: "https://abc.supabase.co/auth/v1" }), "a token of Supabase Auth"],
  [token({ ...rs256, typ: "at+jwt" }, session), "an OAuth access token"],
  [token({ ...rs256, typ: "application/AT+JWT" }, session), "an OAuth access token"],
  [token({ ...rs256, cat: "cl_B7d4PD333AAA" }, session), "a machine token"],
  [token(rs256, { ...session, sub: "mch_1" }), "a machine token"],
  ["mt_4b1x", "a machine token"],
  ["oat_4b1x", "an OAuth access token"],
  ["ak_4b1x", "an API key of Clerk"],
  ["sb_secret_4b1x", "a key of the Supabase project"],
  ["sk_test_4b1x", "keep secret keys out of the front end"],
];

Deno.test("describeTokenKind() names every kind of token that people send instead of a session token", () => {
  for (const [token, kind] of KINDS) assertStringIncludes(describeTokenKind(token) ?? "nothing", kind);
});

Deno.test("describeTokenKind() returns undefined for a session token and for an unknown kind", () => {
  for (
    const unknown of ["", "null", "a.b.c", token(rs256, session), token(rs256, {}), token([], 7), token(null, null)]
  ) {
    assertEquals(describeTokenKind(unknown), undefined, unknown);
  }
});

Deno.test("describeTokenKind() does not repeat the token", () => {
  for (const [token] of KINDS) {
    const kind = describeTokenKind(token)!;
    for (const secret of ["4b1x", "ada", "example.com", "supabase.co"]) {
      assertEquals(kind.includes(secret), false, kind);
    }
  }
});
