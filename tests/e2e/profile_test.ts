/** `profile` and the Data API as front ends use them: supabase-js with a Clerk session token. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { ErrorCode } from "../../supabase/functions/_clerk-supabase/errors.ts";
import { createToken, createUser, forge, request } from "../helpers/clerk/clerk.ts";
import { type Claims, createIssuer, sessionClaims } from "../../dev/clerk/issuer.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";
import { testsOf } from "../helpers/shared_test.ts";

const NOWHERE = "http://127.0.0.1:1";
const NO_KEYS = { SUPABASE_SECRET_KEYS: undefined, CLERK_SECRET_KEY: undefined };
const ORIGIN = "https://app.example.com";
const stranger = await createIssuer({ issuer: "https://stranger.clerk.accounts.dev" });

/** A Backend API that counts requests and can fail. */
const backend = { calls: 0, answer: (request: Request): Response | Promise<Response> => relay(request) };
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  backend.calls++;
  return backend.answer(request);
});

const stack = await startTestStack({
  "counted": { of: "profile", variables: { CLERK_API_URL: `http://127.0.0.1:${server.addr.port}` } },
  "without-keys": { of: "profile", variables: NO_KEYS },
  "strict": { of: "profile", variables: { CLERK_AUTHORIZED_PARTIES: ORIGIN, CLERK_REQUIRE_AZP: "true" } },
  "one-origin": { of: "profile", variables: { CORS_ALLOWED_ORIGINS: ORIGIN } },
  "no-jwks": { of: "profile", variables: { CLERK_JWKS_URL: `${NOWHERE}/jwks` } },
  "no-publishable-key": { of: "profile", variables: { CLERK_PUBLISHABLE_KEY: undefined, CLERK_ISSUER: undefined } },
  "no-database": { of: "profile", variables: { SUPABASE_URL: NOWHERE } },
  "other-issuer": { of: "profile", variables: { CLERK_ISSUER: stranger.issuer, CLERK_JWT_KEY: stranger.pem } },
  "no-clerk": { of: "profile", variables: { CLERK_API_URL: NOWHERE } },
});

const ada = await createUser(stack, "ada@example.com", { first_name: "Ada", private_metadata: { note: "private" } });
const eve = await createUser(stack, "eve@example.com", { first_name: "Eve" });
await eventually(async () => assertEquals((await stack.admin.from("users").select()).data?.length, 2));

const test = testsOf("");

const get = (token: string | undefined, name = "profile", headers: Record<string, string> = {}) =>
  stack.call(name, { headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) } });

async function assertRefused(response: Response, status: number, code: ErrorCode): Promise<void> {
  assertEquals(response.headers.get("access-control-allow-origin"), "*");
  // The Edge Runtime's Deno compresses responses and adds its own value.
  assertMatch(response.headers.get("vary") ?? "", /\borigin$/);
  await assertProblem(response, status, code);
}

function relay(request: Request): Promise<Response> {
  return fetch(stack.clerkUrl + new URL(request.url).pathname, { headers: request.headers });
}

/** Creates a user at Clerk without sending the webhook. */
async function createUnknownUser(email: string): Promise<string> {
  const id = await createUser(stack, email);
  const known = async () => (await stack.admin.from("users").select().eq("clerk_user_id", id)).data?.length;
  await eventually(async () => assertEquals(await known(), 1));
  await stack.database.script(
    `delete from public.users where clerk_user_id = '${id}'; delete from clerk.users where user_id = '${id}'`,
  );
  return id;
}

test("functions.invoke('profile') returns the caller's row", async () => {
  const { data, error } = await stack.client(await createToken(stack, ada)).functions.invoke("profile", {
    method: "GET",
  });
  assertEquals(error, null);
  assertEquals([data.clerk_user_id, data.email, data.first_name], [ada, "ada@example.com", "Ada"]);
  assertEquals(Object.keys(data).sort(), [
    ...[
      "clerk_user_id",
      "created_at",
      "email",
      "email_verified",
      "first_name",
      "id",
      "last_name",
      "last_sign_in_at",
      "metadata",
    ],
    ...["profile_image_url", "updated_at", "username"],
  ]);
});

test("from('users') returns each caller's own row, and none to a guest", async () => {
  for (const [user, email] of [[ada, "ada@example.com"], [eve, "eve@example.com"]] as const) {
    const { data, error } = await stack.client(await createToken(stack, user)).from("users").select(
      "clerk_user_id, email",
    );
    assertEquals([data, error], [[{ clerk_user_id: user, email }], null]);
  }
  const guest = await stack.client().from("users").select();
  assertEquals([guest.data, guest.error?.code], [null, "42501"]);
});

test("from('users') returns nothing to a pending session", async () => {
  const { data, error } = await stack.client(await forge(stack, { sub: ada, sts: "pending" })).from("users").select();
  assertEquals([data, error], [[], null]);
});

test("from('users') does not let any client write", async () => {
  const everyone = () => stack.admin.from("users").select("clerk_user_id, email, first_name").order("clerk_user_id");
  const before = await everyone();
  for (const client of [stack.client(), stack.client(await createToken(stack, ada))]) {
    // deno-lint-ignore no-explicit-any -- the types refuse these calls too
    const users = client.from("users") as any;
    const attempts = [
      users.insert({ clerk_user_id: "user_mallory", email: "mallory@example.com" }),
      users.update({ email: "mallory@example.com" }).eq("clerk_user_id", ada),
      users.delete().eq("clerk_user_id", ada),
      users.upsert({ clerk_user_id: ada, email: "mallory@example.com" }, { onConflict: "clerk_user_id" }),
    ];
    // The privilege is missing. Row level security would return the same code or change nothing.
    for (const { error } of await Promise.all(attempts)) {
      assertEquals(error?.message, "permission denied for table users");
    }
  }
  assertEquals(await everyone(), before);
});

test("rpc('apply_clerk_changes') is refused to clients", async () => {
  for (const client of [stack.client(), stack.client(await createToken(stack, ada))]) {
    const { error } = await client.rpc("apply_clerk_changes", { changes: [] });
    // The call itself must be refused, not a statement inside the function.
    assertEquals(error?.message, "permission denied for function apply_clerk_changes");
  }
  assertEquals((await stack.admin.rpc("apply_clerk_changes", { changes: [] })).data, []);
});

test("profile works without a service key in its environment", async () => {
  const response = await get(await createToken(stack, ada), "without-keys");
  assertEquals([response.status, (await response.json()).clerk_user_id], [200, ada]);
});

test("profile returns 404 for a missing row without CLERK_SECRET_KEY", async () => {
  await assertRefused(await get(await forge(stack, { sub: "user_new" }), "without-keys"), 404, "PROFILE_NOT_SYNCED");
});

test("profile imports a user whose webhook has not arrived once, even for concurrent requests", async () => {
  const id = await createUnknownUser("late@example.com");
  const token = await forge(stack, { sub: id });
  backend.calls = 0;
  const answers = await Promise.all(Array.from({ length: 50 }, () => get(token, "counted")));
  for (const response of answers) {
    const text = await response.text();
    assertEquals([response.status, JSON.parse(text).email], [200, "late@example.com"], text);
  }
  assertEquals([backend.calls, (await stack.admin.from("users").select().eq("clerk_user_id", id)).data?.length], [
    1,
    1,
  ]);
});

test("profile returns Clerk's rate limit, and remembers it for a while", async () => {
  const id = await createUnknownUser("limited@example.com");
  const token = await forge(stack, { sub: id });
  backend.calls = 0;
  backend.answer = () => new Response("", { status: 429, headers: { "retry-after": "7" } });
  for (let request = 0; request < 3; request++) {
    const response = await get(token, "counted");
    assertEquals(response.headers.get("retry-after"), "7");
    await assertRefused(response, 503, "CLERK_RATE_LIMITED");
  }
  assertEquals(backend.calls, 1);
});

test("profile distinguishes a user unknown to Clerk from an outage of Clerk", async () => {
  await assertRefused(await get(await forge(stack, { sub: "user_unknown" })), 404, "CLERK_USER_NOT_FOUND");
  await assertRefused(await get(await forge(stack, { sub: "user_unknown" }), "no-clerk"), 503, "CLERK_UNAVAILABLE");
  assertEquals(await stack.database.query("select * from clerk.users where user_id = 'user_unknown'"), []);
});

test("profile returns 410 for a deleted user whose token is still valid", async () => {
  const id = await createUser(stack, "gone@example.com");
  const token = await createToken(stack, id);
  await request(stack, "DELETE", `/v1/users/${id}`);
  await eventually(async () => await assertRefused(await get(token), 410, "USER_DELETED"));
});

test("profile refuses every token that is not a session token of this instance", async () => {
  const now = Math.floor(Date.now() / 1000);
  const impostor = await createIssuer({ issuer: stack.clerkUrl, kid: stack.clerk.state.instance.id });
  const machine: [Claims, Record<string, unknown>] = [{ sub: "mch_1" }, { cat: "cl_B7d4PD333AAA" }];
  const refusals: Array<[string | undefined, number, ErrorCode]> = [
    [undefined, 401, "TOKEN_MISSING"],
    ["", 401, "TOKEN_MALFORMED"],
    ["not.a.token", 401, "TOKEN_MALFORMED"],
    [await forge(stack, { padding: "x".repeat(8_000) }), 401, "TOKEN_MALFORMED"],
    [await impostor.sign(sessionClaims(stack.clerkUrl, now)), 401, "TOKEN_SIGNATURE_INVALID"],
    [await stranger.sign(sessionClaims(stack.clerkUrl, now), { kid: "ins_unknown" }), 401, "TOKEN_KEY_UNKNOWN"],
    [await forge(stack, { iss: "https://evil.example" }), 401, "TOKEN_ISSUER_INVALID"],
    [await forge(stack, { exp: now - 6 }), 401, "TOKEN_EXPIRED"],
    [await forge(stack, { nbf: now + 60 }), 401, "TOKEN_NOT_YET_VALID"],
    [await forge(stack, { iat: now + 60 }), 401, "TOKEN_ISSUED_IN_FUTURE"],
    [await forge(stack, { exp: undefined }), 401, "TOKEN_CLAIM_INVALID"],
    [await forge(stack, ...machine), 401, "TOKEN_NOT_A_SESSION"],
    [await forge(stack, {}, { typ: "at+jwt" }), 401, "TOKEN_NOT_A_SESSION"],
    [await forge(stack, { sts: "pending" }), 403, "SESSION_PENDING"],
    [await forge(stack, { role: undefined }), 500, "ROLE_CLAIM_MISSING"],
  ];
  for (const [token, status, code] of refusals) await assertRefused(await get(token), status, code);
});

test("profile refuses HS256 and none with any signature", async () => {
  const encode = (value: unknown) =>
    btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const claims = encode(sessionClaims(stack.clerkUrl, Math.floor(Date.now() / 1000)));
  for (const alg of ["none", "HS256"]) {
    const token = `${encode({ alg, kid: stack.clerk.state.instance.id })}.${claims}.AAAA`;
    await assertRefused(await get(token), 401, "TOKEN_ALGORITHM_NOT_ALLOWED");
  }
});

test("profile checks the authorized party, and requires one in strict mode", async () => {
  assertEquals((await get(await forge(stack, { sub: ada, azp: ORIGIN }), "strict")).status, 200);
  const other = await forge(stack, { sub: ada, azp: "https://evil.example" });
  await assertRefused(await get(other, "strict"), 401, "TOKEN_PARTY_NOT_AUTHORIZED");
  await assertRefused(
    await get(await forge(stack, { sub: ada, azp: undefined }), "strict"),
    401,
    "TOKEN_PARTY_NOT_AUTHORIZED",
  );
});

test("profile names missing keys, a missing setting and a missing database", async () => {
  const token = await createToken(stack, ada);
  await assertRefused(await get(token, "no-jwks"), 503, "JWKS_UNAVAILABLE");
  await assertRefused(await get(token, "no-publishable-key"), 500, "CONFIG_MISSING");
  await assertRefused(await get(token, "no-database"), 503, "DATABASE_UNAVAILABLE");
});

test("profile blames the setup, not the caller, if the Data API rejects a valid token", async () => {
  const token = await stranger.sign(sessionClaims(stranger.issuer, Math.floor(Date.now() / 1000)));
  await assertRefused(await get(token, "other-issuer"), 503, "DATA_API_REFUSED_TOKEN");
});

test("profile answers preflights without a token, and listed origins only", async () => {
  const headers = {
    origin: ORIGIN,
    "access-control-request-method": "GET",
    "access-control-request-headers": "authorization",
  };
  const preflight = await stack.call("one-origin", { method: "OPTIONS", headers });
  assertEquals([preflight.status, preflight.headers.get("access-control-allow-origin")], [204, ORIGIN]);
  assertEquals(preflight.headers.get("access-control-allow-headers"), "authorization");
  const other = await get(undefined, "one-origin", { origin: "https://evil.example" });
  assertEquals([other.status, other.headers.get("access-control-allow-origin")], [401, null]);
  await other.body?.cancel();
});

test("profile refuses other methods", async () => {
  const response = await stack.call("profile", { method: "POST" });
  assertEquals(response.headers.get("allow"), "GET, OPTIONS");
  await assertRefused(response, 405, "METHOD_NOT_ALLOWED");
});

test("a change at Clerk reaches the profile by webhook", async () => {
  await request(stack, "PATCH", `/v1/users/${ada}`, { first_name: "Augusta" });
  const token = await createToken(stack, ada);
  await eventually(async () => assertEquals((await (await get(token)).json()).first_name, "Augusta"));
});

test("no function printed a token, a secret or personal data", async () => {
  const { secretKey, webhookSecret } = stack.clerk.state.instance;
  const token = await createToken(stack, ada);
  const address = { id: "idn_1", email_address: "ada@example.com" };
  const event = { type: "user.updated", data: { id: ada, first_name: "Augusta", email_addresses: [address] } };
  const answers = [
    await get(token),
    await get(`${token}x`),
    await get(token, "no-database"),
    await get(token, "hello"),
    await stack.deliver(event),
    await stack.deliver(event, { secret: `whsec_${btoa("x".repeat(32))}` }),
    await stack.call("clerk-reconcile", { headers: { apikey: stack.keys.secret } }),
  ];
  for (const { headers, body } of answers) {
    await body?.cancel();
    const id = headers.get("x-request-id")!;
    await eventually(() => Promise.resolve(assert(stack.output.some((line) => line.includes(id)))));
  }
  const printed = stack.output.join("\n");
  for (const hidden of ["eyJ", secretKey, webhookSecret, stack.keys.secret, "@example.com", "Augusta", ada]) {
    assertEquals(printed.includes(hidden), false, hidden);
  }
});

test("the stack stops", async () => {
  await server.shutdown();
  await stack.stop();
});
