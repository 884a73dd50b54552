import { assert, assertEquals, assertRejects } from "@std/assert";
import { createClerkApi, createFetchUser } from "../../../../supabase/functions/_clerk-supabase/clerk/api.ts";
import { ApiError } from "../../../../supabase/functions/_clerk-supabase/errors.ts";

const CONFIG = { url: "https://api.clerk.com", secretKey: "sk_test_secret" };
const DATE = "Thu, 10 Apr 2025 09:13:13 GMT";

function fetchUser(response: Response | Error, seen: Array<[string, RequestInit | undefined]> = []) {
  return createFetchUser(CONFIG, (url, init) => {
    seen.push([url, init]);
    return response instanceof Error ? Promise.reject(response) : Promise.resolve(response);
  });
}

async function codeOf(response: Response | Error): Promise<[string, string | undefined]> {
  const error = await assertRejects(() => fetchUser(response)("user_a"), ApiError);
  return [error.code, error.headers["retry-after"]];
}

Deno.test("createFetchUser() fetches one user, with the key in a header and without redirects", async () => {
  const seen: Array<[string, RequestInit | undefined]> = [];
  const response = Response.json({ id: "user_/../a" }, { headers: { date: DATE } });
  const { user, answeredAt } = await fetchUser(response, seen)("user_/../a");
  assertEquals([user.id, answeredAt], ["user_/../a", Date.parse(DATE)]);
  const [url, init] = seen[0]!;
  assertEquals(url, "https://api.clerk.com/v1/users/user_%2F..%2Fa");
  assertEquals([new Headers(init?.headers).get("authorization"), init?.redirect], ["Bearer sk_test_secret", "error"]);
});

Deno.test("createFetchUser() maps each response of Clerk to its own code", async () => {
  const unknown = { errors: [{ code: "resource_not_found" }] };
  const missing = { status: 404, headers: { date: DATE } };
  assertEquals(await codeOf(Response.json(unknown, missing)), ["CLERK_USER_NOT_FOUND", undefined]);
  for (const body of [{}, [], { errors: [] }, { errors: [{ code: "not_found" }] }]) {
    assertEquals(await codeOf(Response.json(body, missing)), ["CLERK_UNAVAILABLE", "10"]);
  }
  assertEquals(await codeOf(new Response("", { status: 429, headers: { "retry-after": "7" } })), [
    "CLERK_RATE_LIMITED",
    "7",
  ]);
  assertEquals(await codeOf(new Response("", { status: 429, headers: { "retry-after": "x\ty" } })), [
    "CLERK_RATE_LIMITED",
    "10",
  ]);
  for (const [given, told] of [["0", "1"], ["99999", "3600"], ["-5", "10"]] as const) {
    const limited = new Response("", { status: 429, headers: { "retry-after": given } });
    assertEquals(await codeOf(limited), ["CLERK_RATE_LIMITED", told]);
  }
  assertEquals(await codeOf(Response.json({}, { status: 401 })), ["CLERK_SECRET_KEY_REFUSED", undefined]);
  assertEquals(await codeOf(Response.json({}, { status: 500 })), ["CLERK_UNAVAILABLE", "10"]);
  assertEquals(await codeOf(new TypeError("network")), ["CLERK_UNAVAILABLE", "10"]);
});

Deno.test("createFetchUser() rejects another user, a body that is not JSON, and a response without a time", async () => {
  const dated = { headers: { date: DATE } };
  assertEquals((await codeOf(Response.json({ id: "user_b" }, dated)))[0], "CLERK_UNAVAILABLE");
  assertEquals((await codeOf(new Response("<html>", dated)))[0], "CLERK_UNAVAILABLE");
  assertEquals((await codeOf(Response.json({ id: "user_a" })))[0], "CLERK_UNAVAILABLE");
  assertEquals((await codeOf(new Response(new Uint8Array(1024 * 1024 + 1), dated)))[0], "CLERK_UNAVAILABLE");
});

Deno.test("listUsers() uses Clerk's own parameter names, and only accepts a list of users", async () => {
  const seen: string[] = [];
  const answers = [[{ id: "user_a" }], {}, [{ id: 1 }], [null]];
  const api = createClerkApi(CONFIG, (url) => {
    seen.push(decodeURIComponent(url));
    return Promise.resolve(Response.json(answers.shift(), { headers: { date: DATE } }));
  });
  const query = { limit: 100, offset: 0, order_by: "-updated_at", user_id: ["user_a", "user_b"] } as const;
  const page = await api.listUsers(query);
  assertEquals([page?.users, page?.answeredAt, page?.size], [[{ id: "user_a" }], Date.parse(DATE), 17 + 2 * 20]);
  assertEquals(seen, [
    "https://api.clerk.com/v1/users?limit=100&offset=0&order_by=-updated_at&user_id=user_a&user_id=user_b",
  ]);
  for (let index = 0; index < 3; index++) {
    assertEquals((await assertRejects(() => api.listUsers(query), ApiError)).code, "CLERK_UNAVAILABLE");
  }
});

Deno.test("listUsers() asks for fewer users if reading more would cost too much", async () => {
  const costly = { id: "user_a", public_metadata: Array.from({ length: 10_000 }, () => []) };
  const seen: string[] = [];
  const api = createClerkApi(CONFIG, (url) => {
    seen.push(url);
    const limit = Number(new URL(url).searchParams.get("limit"));
    return Promise.resolve(Response.json(Array(limit).fill(costly), { headers: { date: DATE } }));
  });
  const page = await api.listUsers({ limit: 250, offset: 500 });
  assertEquals([page?.users.length, page?.limit], [50, 50]);
  assertEquals(seen.map((url) => new URL(url).search), ["?limit=250&offset=500", "?limit=50&offset=500"]);
  // Nested values cost more than their text. A refused response counts only by its text.
  const length = (limit: number) => JSON.stringify(Array(limit).fill(costly)).length;
  assertEquals(page?.size, length(250) + length(50) + 20 * (1 + 50 * 10_002));
});

Deno.test("listUsers() asks for fewer users if integers beyond 2^53 make more of them too costly", async () => {
  const integers = Array(2_000).fill("9007199254740993").join();
  const text = (limit: number) => `[${Array(limit).fill(`{"id":"user_a","unsafe_metadata":[${integers}]}`).join()}]`;
  const api = createClerkApi(CONFIG, (url) => {
    const limit = Number(new URL(url).searchParams.get("limit"));
    return Promise.resolve(new Response(text(limit), { headers: { date: DATE } }));
  });
  const page = await api.listUsers({ limit: 250 });
  assertEquals([page?.users.length, page?.limit], [50, 50]);
  assertEquals(page?.size, text(250).length + text(50).length + 20 * (1 + 50 * 2) + 60 * 50 * 2_000);
});

Deno.test("listUsers() asks for fewer users if the response would be too long, unless ids are given", async () => {
  const long = { id: "user_a", public_metadata: "x".repeat(80_000) };
  const seen: string[] = [];
  const api = createClerkApi(CONFIG, (url) => {
    seen.push(new URL(url).search);
    const limit = Number(new URL(url).searchParams.get("limit"));
    return Promise.resolve(Response.json(Array(limit).fill(long), { headers: { date: DATE } }));
  });
  const page = await api.listUsers({ limit: 250 });
  assertEquals([page?.users.length, page?.limit, seen], [50, 50, ["?limit=250", "?limit=50"]]);
  assert(page!.size > 16 * 1024 * 1024 + 50 * 80_000, `${page!.size}`);
  const error = await assertRejects(() => api.listUsers({ limit: 250, user_id: ["user_a"] }), ApiError);
  assertEquals([error.code, seen.length], ["CLERK_UNAVAILABLE", 3]);
});

Deno.test("listUsers() distinguishes a cursor that Clerk refuses from the response of a proxy", async () => {
  const list = (status: number, body: unknown, cursor?: string) =>
    createClerkApi(CONFIG, () => Promise.resolve(Response.json(body, { status }))).listUsers({
      limit: 250,
      ...(cursor !== undefined && { starting_after: cursor }),
    });
  const refused = { errors: [{ code: "resource_not_found" }] };
  for (const status of [400, 404, 422]) {
    assertEquals(await list(status, refused, "user_gone"), undefined);
    for (const [body, cursor] of [[{}, "user_gone"], ["<html>", "user_gone"], [refused, undefined]] as const) {
      await assertRejects(() => list(status, body, cursor), ApiError);
    }
  }
});
