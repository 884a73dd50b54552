import { assertEquals } from "@std/assert";
import { createClerkWebhookHandler } from "../../../supabase/functions/clerk-webhook/handler.ts";
import type { ClerkChange } from "../../../supabase/functions/_clerk-supabase/database/change.ts";
import type { EventMapping } from "../../../supabase/functions/_clerk-supabase/clerk/change.ts";
import { STORED_EVENTS } from "../../../supabase/functions/_clerk-supabase/clerk/event.ts";
import { EXAMPLE_IDS } from "../../../supabase/functions/clerk-webhook/examples.ts";
import { createInstanceGuard } from "../../../supabase/functions/_clerk-supabase/clerk/event_instance.ts";
import { createTypeTest } from "../../../supabase/functions/_clerk-supabase/formats/type_patterns.ts";
import { createWebhookVerifier, signWebhook } from "../../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import type { Outcome } from "../../../supabase/functions/_clerk-supabase/database/apply_changes.ts";
import { readWebhookConfig } from "../../../supabase/functions/_clerk-supabase/config.ts";
import { ApiError, type ErrorCode } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import type { Platform } from "../../../supabase/functions/_clerk-supabase/http/handle.ts";
import examples from "../../fixtures/dashboard_examples.json" with { type: "json" };
import full from "../../../project/user_created.json" with { type: "json" };
import { PLAIN } from "../../helpers/clerk/mapping.ts";
import { createPlatform, envOf } from "../../helpers/stack/platform.ts";
import { assertProblem } from "../../helpers/stack/problem.ts";
import { manualTimers } from "../../helpers/timers.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

function setUp({
  result = { outcome: "created" } as Outcome | ApiError,
  instanceId = "ins_test",
  mapping = {} as Partial<EventMapping>,
  surroundings = {} as Pick<Platform, "after">,
} = {}) {
  const keys = serving(instanceId);
  const applied: ClerkChange[] = [];
  const platform = createPlatform(surroundings);
  const handler = createClerkWebhookHandler({
    ...platform,
    verifyWebhook: createWebhookVerifier([SECRET], Date.now),
    guardInstance: createInstanceGuard({ instanceId, jwksUrls: ["https://clerk.example/jwks"] }, keys, Date.now),
    applyChanges: (changes) => {
      applied.push(...changes);
      return result instanceof ApiError ? Promise.reject(result) : Promise.resolve(changes.map(() => result));
    },
    ...PLAIN,
    ...mapping,
    deleteMode: "soft",
    organizationDeleteMode: "soft",
  });
  return { handler, applied, platform };
}

/** Clerk's signing keys, under an instance's id. */
function serving(kid: string) {
  return () => Promise.resolve(Response.json({ keys: [{ kty: "RSA", kid, n: "w".repeat(342), e: "AQAB" }] }));
}

/** Creates the handler from variables, like index.ts. Clerk's keys have the id `kid`; without one, Clerk is down. */
function configured(variables: Record<string, string | undefined>, kid: string | undefined) {
  const config = readWebhookConfig(envOf({
    CLERK_WEBHOOK_SECRET: SECRET,
    SUPABASE_URL: "https://example.supabase.co",
    SUPABASE_SERVICE_ROLE_KEY: "service",
    ...variables,
  }));
  const fetch = kid ? serving(kid) : () => Promise.reject(new TypeError("network"));
  const applied: ClerkChange[] = [];
  const handler = createClerkWebhookHandler({
    ...createPlatform(),
    verifyWebhook: createWebhookVerifier(config.secrets, Date.now),
    guardInstance: createInstanceGuard(config, fetch, Date.now),
    applyChanges: (changes) => {
      applied.push(...changes);
      return Promise.resolve(changes.map(() => ({ outcome: "created" })));
    },
    ...PLAIN,
    keepsType: createTypeTest(config.keepEvents),
    deleteMode: config.deleteMode,
    organizationDeleteMode: config.organizationDeleteMode,
  });
  return { handler, applied };
}

function signed(event: unknown, id = "msg_1"): Request {
  const body = typeof event === "string" ? event : JSON.stringify(event);
  const headers = signWebhook(body, SECRET, { messageId: id, sentAt: Date.now() });
  return new Request("http://localhost/clerk-webhook", { method: "POST", body, headers });
}

async function assertRefused(response: Response, status: number, code: ErrorCode, abort: boolean): Promise<void> {
  assertEquals(response.headers.get("webhook-delivery"), abort ? "abort-message" : null);
  await assertProblem(response, status, code);
}

Deno.test("clerk-webhook returns the outcome after the change was applied", async () => {
  for (const outcome of ["created", "updated", "deleted", "unchanged", "stale", "pending", "duplicate"] as const) {
    const { handler, applied, platform } = setUp({ result: { outcome } });
    const response = await handler(signed(full));
    assertEquals([response.status, await response.json()], [200, { outcome }]);
    assertEquals(applied.length, 1);
    const { message_id, type, outcome: logged } = platform.entries[0]!;
    assertEquals([message_id, type, logged], ["msg_1", "user.created", outcome]);
  }
});

Deno.test("clerk-webhook does not log names, addresses or bodies", async () => {
  const { handler, platform } = setUp();
  await handler(signed(full));
  const log = JSON.stringify(platform.entries);
  for (const personal of ["Ada", "ada@", "Lovelace", "203.0.113.7", "pro"]) {
    assertEquals(log.includes(personal), false, log);
  }
});

Deno.test("clerk-webhook passes the delete mode to the database", async () => {
  const { handler, applied } = setUp();
  await handler(signed({ type: "user.deleted", data: { id: "user_ada", deleted: true } }));
  assertEquals(applied[0]?.delete_mode, "soft");
});

Deno.test("clerk-webhook ignores types that are not stored, and writes nothing", async () => {
  const { handler, applied } = setUp();
  for (
    const type of ["organizationInvitation.created", "organizationDomain.updated", "role.created", "permission.deleted"]
  ) {
    const response = await handler(signed({ type, data: { id: "org_1", organization_id: "org_1" } }));
    assertEquals([response.status, await response.json(), applied], [200, { outcome: "ignored" }, []], type);
  }
});

/** Documented values of each variable that clerk-webhook reads, and possible ids of Clerk's keys. */
const SETTINGS = {
  CLERK_INSTANCE_ID: [undefined, "ins_test", "ins_typo"],
  CLERK_DELETE_MODE: [undefined, "hard", "soft"],
  CLERK_KEEP_EVENTS: [undefined, "user.*,session.created,organization.*,organizationMembership.*,email.created"],
  keysFrom: [
    {},
    { CLERK_PUBLISHABLE_KEY: `pk_test_${btoa("example.clerk.accounts.dev$")}` },
    { CLERK_PUBLISHABLE_KEY: `pk_live_${btoa("clerk.example.com$")}` },
    { CLERK_ISSUER: "https://clerk.example.com,https://example.com/__clerk" },
    { CLERK_JWKS_URL: "https://keys.example/jwks" },
  ],
  keys: ["ins_test", "ins_other", undefined],
};

function* settings() {
  for (const CLERK_INSTANCE_ID of SETTINGS.CLERK_INSTANCE_ID) {
    for (const CLERK_DELETE_MODE of SETTINGS.CLERK_DELETE_MODE) {
      for (const CLERK_KEEP_EVENTS of SETTINGS.CLERK_KEEP_EVENTS) {
        for (const source of SETTINGS.keysFrom) {
          const variables = { CLERK_INSTANCE_ID, CLERK_DELETE_MODE, CLERK_KEEP_EVENTS, ...source };
          for (const kid of SETTINGS.keys) yield { kid, variables };
        }
      }
    }
  }
}

Deno.test("clerk-webhook ignores every example event of Clerk in every configuration, and writes nothing", async () => {
  let tried = 0;
  for (const { kid, variables } of settings()) {
    const { handler, applied } = configured(variables, kid);
    for (const event of examples) {
      const response = await handler(signed(event));
      const setting = JSON.stringify([event.type, kid, variables]);
      assertEquals([response.status, await response.json()], [200, { outcome: "ignored" }], setting);
      tried++;
    }
    assertEquals(applied, []);
  }
  assertEquals(tried, 3 * 3 * 2 * 5 * 3 * examples.length);
});

Deno.test("clerk-webhook recognizes an example by any of its published ids, in an event of any type", async () => {
  const { handler, applied } = setUp();
  for (const type of [...STORED_EVENTS, "organizationInvitation.created", "email.created"]) {
    for (const id of EXAMPLE_IDS) {
      const marks = id.startsWith("ins_")
        ? [{ instance_id: id, data: full.data }]
        : [{ id }, { user_id: id }, { organization: { id } }, { public_user_data: { user_id: id } }].map((data) => ({
          data: { ...full.data, ...data },
        }));
      for (const mark of marks) {
        const response = await handler(signed({ ...full, type, ...mark }));
        assertEquals([response.status, await response.json()], [200, { outcome: "ignored" }], JSON.stringify(mark));
      }
    }
  }
  assertEquals(applied, []);
});

Deno.test("clerk-webhook stores a real event with example ids in all fields that a user can write", async () => {
  const [id] = EXAMPLE_IDS.filter((id) => id.startsWith("user_"));
  const written = { username: id, first_name: id, public_metadata: { id, user_id: id, organization: { id } } };
  const { handler, applied } = setUp();
  for (
    const data of [
      { ...full.data, ...written, unsafe_metadata: written },
      { ...full.data, external_id: id, email_addresses: [{ id, email_address: `${id}@example.com` }] },
      { ...full.data, id: `${id}x` },
      { ...full.data, id: id!.toLowerCase() },
    ]
  ) assertEquals((await handler(signed({ ...full, data }))).status, 200);
  assertEquals(applied.length, 4);
});

Deno.test("clerk-webhook checks the signature of an example event first", async () => {
  const { handler } = setUp();
  const forged = signed(examples[0]);
  forged.headers.set("svix-signature", "v1,AAAA");
  await assertRefused(await handler(forged), 401, "WEBHOOK_SIGNATURE_INVALID", false);
});

Deno.test("clerk-webhook ignores a type that is not stored before it checks the instance", async () => {
  const { handler } = configured({ CLERK_INSTANCE_ID: "ins_test" }, "ins_test");
  const event = { type: "email.created", instance_id: "ins_other", data: { id: "ema_1" } };
  const response = await handler(signed(event));
  assertEquals([response.status, await response.json()], [200, { outcome: "ignored" }]);
});

Deno.test("clerk-webhook refuses a message with an invalid signature, and lets Svix retry", async () => {
  const { handler, applied } = setUp();
  const without = signed(full);
  without.headers.delete("svix-signature");
  await assertRefused(await handler(without), 400, "WEBHOOK_HEADERS_MISSING", false);
  const other = signWebhook(JSON.stringify(full), OTHER_SECRET, { messageId: "msg_1", sentAt: Date.now() });
  const { headers: ofOtherBody } = signed({ ...full, type: "user.deleted" });
  // The first is malformed. The others have the right form, so only the check of the signature itself refuses them.
  for (const signature of ["v1,AAAA", other["svix-signature"]!, ofOtherBody.get("svix-signature")!]) {
    const forged = signed(full);
    forged.headers.set("svix-signature", signature);
    await assertRefused(await handler(forged), 401, "WEBHOOK_SIGNATURE_INVALID", false);
  }
  const old = signed(full);
  old.headers.set("svix-timestamp", String(Math.floor(Date.now() / 1000) - 400));
  await assertRefused(await handler(old), 401, "WEBHOOK_TIMESTAMP_OUT_OF_TOLERANCE", false);
  assertEquals(applied, []);
});

Deno.test("clerk-webhook stops retries of a signed body that is not an event", async () => {
  const { handler, applied } = setUp();
  for (
    const body of [
      "",
      "null",
      "[]",
      "7",
      "{",
      '{"type":7,"data":{}}',
      '{"type":"user.created"}',
      '{"type":"a","data":[]}',
    ]
  ) {
    await assertRefused(await handler(signed(body)), 422, "EVENT_INVALID", true);
  }
  assertEquals(applied, []);
});

Deno.test("clerk-webhook stops retries of a body that is too long, before it checks the signature", async () => {
  const MIB = 1024 * 1024;
  const { handler } = setUp();
  const forged = signed(" ".repeat(MIB + 1));
  forged.headers.set("svix-signature", `v1,${"A".repeat(43)}=`);
  await assertRefused(await handler(forged), 413, "BODY_TOO_LARGE", true);
  const largest = JSON.stringify(full).padEnd(MIB);
  assertEquals((await handler(signed(largest))).status, 200);
  await assertRefused(await handler(signed(`${largest} `)), 413, "BODY_TOO_LARGE", true);
});

/** Creates a request whose body is never sent. `isRead` returns whether the body was requested. */
function withoutBody(headers: HeadersInit): { request: Request; isRead: () => boolean } {
  let isRead = false;
  const body = new ReadableStream({ pull: () => void (isRead = true) }, { highWaterMark: 0 });
  const request = new Request("http://localhost/clerk-webhook", { method: "POST", body, headers });
  return { request, isRead: () => isRead };
}

Deno.test("clerk-webhook refuses headers that no body could match before it reads the body", async () => {
  const good = Object.fromEntries(signed(full).headers);
  const minutes = (count: number) => String(Math.floor(Date.now() / 1000) - count * 60);
  const cases: Array<[changed: Record<string, string>, status: number, code: ErrorCode]> = [
    [{ "svix-id": "" }, 400, "WEBHOOK_HEADERS_MISSING"],
    [{ "svix-timestamp": "" }, 400, "WEBHOOK_HEADERS_MISSING"],
    [{ "svix-signature": "" }, 400, "WEBHOOK_HEADERS_MISSING"],
    [{ "svix-timestamp": "now" }, 401, "WEBHOOK_SIGNATURE_INVALID"],
    [{ "svix-timestamp": minutes(6) }, 401, "WEBHOOK_TIMESTAMP_OUT_OF_TOLERANCE"],
    [{ "svix-signature": "v1,AAAA" }, 401, "WEBHOOK_SIGNATURE_INVALID"],
    [{ "svix-signature": `v2,${"A".repeat(43)}=` }, 401, "WEBHOOK_SIGNATURE_INVALID"],
    [{ "content-length": String(1024 * 1024 + 1) }, 413, "BODY_TOO_LARGE"],
  ];
  for (const [changed, status, code] of cases) {
    const { request, isRead } = withoutBody({ ...good, ...changed });
    await assertRefused(await setUp().handler(request), status, code, status === 413);
    assertEquals(isRead(), false, code);
  }
});

Deno.test("clerk-webhook returns 408 for a body that takes more than 10 s, and lets Svix retry", async () => {
  const asked: number[] = [];
  const deadline = new AbortController();
  const after = (milliseconds: number) => {
    asked.push(milliseconds);
    deadline.abort();
    return { signal: deadline.signal, stop: () => {} };
  };
  const { request } = withoutBody(signed(full).headers);
  await assertRefused(await setUp({ surroundings: { after } }).handler(request), 408, "BODY_TOO_SLOW", false);
  assertEquals(asked, [10_000]);
});

Deno.test("clerk-webhook leaves no timer behind after it answered", async () => {
  const timers = manualTimers();
  const { handler } = setUp({ surroundings: { after: timers.after } });
  const forged = signed(full);
  forged.headers.set("svix-signature", `v1,${"A".repeat(43)}=`);
  assertEquals((await handler(signed(full))).status, 200);
  assertEquals((await handler(forged)).status, 401);
  assertEquals([timers.startedMs(), timers.runningMs()], [[10_000, 10_000], []]);
});

Deno.test("clerk-webhook refuses another instance's event after checking the signature", async () => {
  const { handler, applied } = setUp({ instanceId: "ins_production" });
  await assertRefused(await handler(signed(full)), 403, "WRONG_INSTANCE", true);
  const forged = signed(full);
  forged.headers.set("svix-signature", "v1,AAAA");
  assertEquals((await handler(forged)).status, 401);
  assertEquals(applied, []);
});

Deno.test("clerk-webhook refuses an instance that is not a string, and accepts an event without one", async () => {
  for (const instance_id of [7, ["ins_test"], {}]) {
    await assertRefused(await setUp().handler(signed({ ...full, instance_id })), 403, "WRONG_INSTANCE", true);
  }
  for (const instance_id of [undefined, null]) {
    assertEquals((await setUp().handler(signed({ ...full, instance_id }))).status, 200);
  }
});

Deno.test("clerk-webhook stores or refuses an event with thousands of nested levels, and never fails", async () => {
  const session = { type: "session.created", data: { user_id: "user_ada", created_at: 1 } };
  const bodies: Array<[body: unknown, status: number]> = [
    [{ ...full, instance_id: "DEEP" }, 403],
    [{ ...full, timestamp: "DEEP" }, 200],
    [{ ...full, type: "DEEP" }, 422],
    [{ ...full, object: "DEEP", event_attributes: "DEEP" }, 200],
    [{ ...full, data: ["DEEP"] }, 422],
    ...["public_metadata", "unsafe_metadata", "email_addresses", "primary_email_address_id", "first_name", "updated_at"]
      .map((field): [unknown, number] => [{ ...full, data: { ...full.data, [field]: "DEEP" } }, 200]),
    [{ ...full, data: { ...full.data, id: "DEEP" } }, 200],
    [{ ...full, data: { ...full.data, organization: "DEEP", user: { id: "DEEP" }, big: "BIG" } }, 200],
    [{ ...session, data: { ...session.data, user_id: "DEEP" } }, 200],
    [{ ...session, data: { ...session.data, actor: "DEEP" } }, 200],
  ];
  for (const [open, close] of [["[", "]"], ['{"a":', "}"]]) {
    const deep = open!.repeat(50_000) + "1" + close!.repeat(50_000);
    for (const [event, status] of bodies) {
      const { handler, applied } = setUp();
      const body = JSON.stringify(event).replaceAll('"DEEP"', deep).replaceAll('"BIG"', "12345678901234567890");
      assertEquals((await handler(signed(body))).status, status, body.slice(0, 200));
      // The input of the database must be serializable.
      JSON.stringify(applied);
    }
  }
});

Deno.test("clerk-webhook refuses invalid UTF-8, which a signature cannot cover", async () => {
  const { handler, applied } = setUp();
  const request = signed({ ...full, note: "\uFFFD" });
  const bytes = new Uint8Array(await request.clone().arrayBuffer());
  const at = bytes.findIndex((byte, index) => byte === 0xef && bytes[index + 1] === 0xbf && bytes[index + 2] === 0xbd);
  const changed = new Uint8Array([...bytes.slice(0, at), 0xff, ...bytes.slice(at + 3)]);
  const forged = new Request(request.url, { method: "POST", body: changed, headers: request.headers });
  await assertRefused(await handler(forged), 401, "WEBHOOK_SIGNATURE_INVALID", false);
  assertEquals([(await handler(request)).status, applied.length], [200, 1]);
});

Deno.test("clerk-webhook does not treat an unexpected error as a refusal", async () => {
  const { handler } = setUp({ result: { outcome: "refused", code: "CONFIG_MISSING" } });
  await assertRefused(await handler(signed(full)), 422, "CHANGE_INVALID", true);
});

Deno.test("clerk-webhook returns the code of a refusal by the database, and stops retries", async () => {
  const { handler, platform } = setUp({ result: { outcome: "refused", code: "TIME_IN_FUTURE" } });
  await assertRefused(await handler(signed(full)), 422, "TIME_IN_FUTURE", true);
  assertEquals(platform.entries[0]!.outcome, "TIME_IN_FUTURE");
});

Deno.test("clerk-webhook names the constraint that refused the user, and lets Svix retry", async () => {
  const detail = { sqlstate: "23514", table: "public.users", constraint: "short_name" };
  const { handler, platform } = setUp({ result: { outcome: "refused", code: "SCHEMA_REFUSED", detail } });
  const response = await handler(signed(full));
  assertEquals((await response.clone().json()).detail.includes("23514 public.users short_name"), true);
  await assertRefused(response, 500, "SCHEMA_REFUSED", false);
  assertEquals(platform.entries[0]!.cause, "23514 public.users short_name");
});

Deno.test("clerk-webhook acknowledges a deletion whose row is kept, and logs the reason", async () => {
  const detail = { sqlstate: "23503", table: "public.accounts", constraint: "account_of" };
  const { handler, platform } = setUp({ result: { outcome: "deleted", code: "DELETE_BLOCKED", detail } });
  const response = await handler(signed({ type: "user.deleted", data: { id: "user_ada", deleted: true } }));
  assertEquals([response.status, await response.json()], [200, { outcome: "deleted" }]);
  assertEquals(platform.entries[0]!.cause, "DELETE_BLOCKED 23503 public.accounts account_of");
});

Deno.test("clerk-webhook refuses an event of another instance than the bound one, and lets Svix retry", async () => {
  const { handler } = setUp({ result: { outcome: "refused", code: "WRONG_INSTANCE", detail: { bound: "ins_other" } } });
  await assertRefused(await handler(signed(full)), 403, "WRONG_INSTANCE", false);
});

Deno.test("clerk-webhook lets Svix retry after a failure of the database", async () => {
  const unavailable = new ApiError("DATABASE_UNAVAILABLE", "down");
  await assertRefused(await setUp({ result: unavailable }).handler(signed(full)), 503, "DATABASE_UNAVAILABLE", false);
  const misconfigured = new ApiError("DATABASE_MISCONFIGURED", "no function");
  await assertRefused(
    await setUp({ result: misconfigured }).handler(signed(full)),
    500,
    "DATABASE_MISCONFIGURED",
    false,
  );
});

Deno.test("clerk-webhook supports only POST, and has no CORS", async () => {
  const { handler } = setUp();
  for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
    const response = await handler(new Request("http://localhost/clerk-webhook", { method }));
    assertEquals([response.headers.get("allow"), response.headers.has("access-control-allow-origin")], ["POST", false]);
    await assertProblem(response, 405, "METHOD_NOT_ALLOWED");
  }
});

const SUBSCRIPTION = {
  type: "subscription.updated",
  data: { id: "sub_1", status: "active" },
  timestamp: 1744276393644,
};

Deno.test("clerk-webhook keeps an event whose type is kept, with its data", async () => {
  const { handler, applied } = setUp({
    result: { outcome: "kept" },
    mapping: { keepsType: (type) => type === SUBSCRIPTION.type },
  });
  const response = await handler(signed(SUBSCRIPTION));
  assertEquals([response.status, await response.json()], [200, { outcome: "kept" }]);
  assertEquals([applied[0]?.data, applied[0]?.user_id], [SUBSCRIPTION.data, undefined]);
  assertEquals(await (await handler(signed({ ...SUBSCRIPTION, type: "email.created" }))).json(), {
    outcome: "ignored",
  });
  assertEquals(applied.length, 1);
});

Deno.test("clerk-webhook refuses an event of another instance if its type is kept, and ignores it otherwise", async () => {
  const foreign = { ...SUBSCRIPTION, instance_id: "ins_other" };
  const { handler, applied } = setUp({ mapping: { keepsType: () => true } });
  await assertRefused(await handler(signed(foreign)), 403, "WRONG_INSTANCE", true);
  assertEquals((await setUp().handler(signed(foreign))).status, 200);
  assertEquals(applied, []);
});

Deno.test("clerk-webhook returns 500 and the name of a refused own column, so that Svix retries", async () => {
  const result: Outcome = { outcome: "refused", code: "OWN_COLUMN_INVALID", detail: { column: "phone_number" } };
  const { handler, platform } = setUp({ result });
  const response = await handler(signed(full));
  assertEquals(response.headers.get("webhook-delivery"), null);
  const detail = await assertProblem(response, 500, "OWN_COLUMN_INVALID");
  assertEquals(
    detail,
    "Cannot write own column phone_number: compare clerk_columns.ts with the columns of public.users",
  );
  const { outcome, cause } = platform.entries[0]!;
  assertEquals([outcome, cause], ["OWN_COLUMN_INVALID", "column phone_number"]);
});

/** Returns the response to a membership's event with these outcomes of its organization and of itself. */
async function answerMembership(...results: Outcome[]): Promise<Response> {
  const organization = { id: "org_a" };
  const data = { id: "orgmem_1", role: "org:admin", organization, public_user_data: { user_id: "user_ada" } };
  const handler = createClerkWebhookHandler({
    ...setUp().platform,
    verifyWebhook: createWebhookVerifier([SECRET], Date.now),
    guardInstance: () => Promise.resolve(),
    applyChanges: () => Promise.resolve(results),
    ...PLAIN,
  });
  return await handler(signed({ type: "organizationMembership.created", data }));
}

Deno.test("clerk-webhook returns a membership's own outcome, unless the schema refuses its organization", async () => {
  const refused = { outcome: "refused", code: "SCHEMA_REFUSED", detail: { table: "public.organizations" } } as const;
  const invalid = { outcome: "refused", code: "ROLE_INVALID" } as const;
  const answer = async (...results: Outcome[]) => {
    const response = await answerMembership(...results);
    const { outcome, code } = await response.json();
    return [response.status, outcome ?? code];
  };
  assertEquals(await answer({ outcome: "created" }, { outcome: "pending" }), [200, "pending"]);
  assertEquals(await answer({ outcome: "stale" }, { outcome: "duplicate" }), [200, "duplicate"]);
  assertEquals(await answer({ outcome: "created" }, invalid), [422, "ROLE_INVALID"]);
  assertEquals(await answer(refused, { outcome: "pending" }), [500, "SCHEMA_REFUSED"]);
  assertEquals(await answer(refused, invalid), [422, "ROLE_INVALID"]);
});

Deno.test("clerk-webhook points to the ledger only for a membership's own refusal", async () => {
  const invalid = { outcome: "refused", code: "TIME_INVALID" } as const;
  const carried = await answerMembership(invalid, { outcome: "pending" });
  const { detail } = await carried.clone().json();
  assertEquals(detail, "Change refused: the membership was stored, but not the organization in the same event");
  await assertRefused(carried, 422, "TIME_INVALID", true);
  const own = await (await answerMembership(invalid, invalid)).json();
  assertEquals(own.detail, "Change refused: the database recorded the reason under the message's id");
});
