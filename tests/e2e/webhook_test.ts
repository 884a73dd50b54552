/** `clerk-webhook` by HTTP: the unmodified entry point, real signatures, a real database. */
import { assertEquals } from "@std/assert";
import { signWebhook } from "../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import type { ErrorCode } from "../../supabase/functions/_clerk-supabase/errors.ts";
import examples from "../fixtures/dashboard_examples.json" with { type: "json" };
import full from "../../project/user_created.json" with { type: "json" };
import specification from "../fixtures/specification_payload.json" with { type: "json" };
import { forge } from "../helpers/clerk/clerk.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import { createIssuer } from "../../dev/clerk/issuer.ts";
import { forget, rows } from "../helpers/database/changes.ts";
import { eventually, startTestStack, type TestStack } from "../helpers/stack/stack.ts";
import { testsOf } from "../helpers/shared_test.ts";

const OTHER_SECRET = `whsec_${btoa("another secret of 24 bytes or more")}`;
const NOWHERE = "http://127.0.0.1:1";

/** Serves another instance's keys as its issuer would. */
const others = await createIssuer({ kid: "ins_production" });
const keyServer = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => Response.json(others.jwks));
/** A Data API that only records requests. */
const recorded: string[] = [];
const recorder = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
  recorded.push(await request.text());
  return Response.json([{ outcome: "created" }]);
});

const stack: TestStack = await startTestStack({
  "two-secrets": { of: "clerk-webhook", variables: { CLERK_WEBHOOK_SIGNING_SECRET: OTHER_SECRET } },
  "soft-delete": { of: "clerk-webhook", variables: { CLERK_DELETE_MODE: "soft" } },
  "pinned-instance": { of: "clerk-webhook", variables: { CLERK_INSTANCE_ID: "ins_production" } },
  "pinned-and-confirmed": {
    of: "clerk-webhook",
    variables: {
      CLERK_INSTANCE_ID: "ins_production",
      CLERK_JWKS_URL: `http://127.0.0.1:${keyServer.addr.port}/jwks`,
    },
  },
  "no-jwks": { of: "clerk-webhook", variables: { CLERK_JWKS_URL: `${NOWHERE}/jwks` } },
  "no-secret": { of: "clerk-webhook", variables: { CLERK_WEBHOOK_SECRET: undefined } },
  "bad-secret": { of: "clerk-webhook", variables: { CLERK_WEBHOOK_SECRET: "whsec_changeme" } },
  "recorded-database": {
    of: "clerk-webhook",
    variables: { SUPABASE_URL: `http://127.0.0.1:${recorder.addr.port}` },
  },
  "no-database": { of: "clerk-webhook", variables: { SUPABASE_URL: NOWHERE } },
});

const instanceId = stack.clerk.state.instance.id;
const created = { ...full, instance_id: instanceId };

const test = testsOf("clerk-webhook ", () => forget(stack.database));

async function outcome(response: Response): Promise<string> {
  const text = await response.text();
  assertEquals(response.status, 200, text);
  return JSON.parse(text).outcome;
}

/** Asserts the refusal, and that nothing was written. */
async function assertRefused(response: Response, status: number, code: ErrorCode, abort = false): Promise<void> {
  assertEquals(response.headers.get("webhook-delivery"), abort ? "abort-message" : null);
  assertEquals(response.headers.has("access-control-allow-origin"), false);
  await assertProblem(response, status, code);
  assertEquals(await rows(stack.database), {});
}

test("stores the specification's payload", async () => {
  assertEquals(await outcome(await stack.deliver(specification)), "created");
  const { email, first_name, last_name, username, profile_image_url, metadata } = (await rows(stack.database))
    .user_specification!;
  assertEquals(
    { email, first_name, last_name, username, profile_image_url, metadata },
    {
      email: "user@example.com",
      first_name: "John",
      last_name: "Doe",
      username: "johndoe",
      profile_image_url: "https://img.clerk.com/specification",
      metadata: {},
    },
  );
});

test("fills every column from a full payload", async () => {
  assertEquals(await outcome(await stack.deliver(created)), "created");
  const { data, error } = await stack.admin.from("users").select().single();
  assertEquals(error, null);
  const { id, created_at, updated_at, last_sign_in_at, ...row } = data!;
  assertEquals(row, {
    clerk_user_id: "user_ada",
    email: "ada@example.com",
    email_verified: true,
    first_name: "Ada",
    last_name: "Lovelace",
    username: "ada",
    profile_image_url: "https://img.clerk.com/ada",
    metadata: { plan: "pro" },
    deleted_at: null,
  });
  assertEquals(id.length, 36);
  assertEquals([created_at, updated_at, last_sign_in_at!].map((time) => Date.parse(time)), [
    full.data.created_at,
    full.data.updated_at,
    full.data.last_sign_in_at,
  ]);
});

test("stores the address that primary_email_address_id names", async () => {
  const data = { ...full.data, primary_email_address_id: "idn_old" };
  assertEquals(await outcome(await stack.deliver({ ...created, data })), "created");
  assertEquals((await rows(stack.database)).user_ada!.email, "old@example.com");
});

test("does not store private metadata, unsafe metadata or the request's address", async () => {
  await outcome(await stack.deliver(created));
  for (const table of ["public.users", "clerk.users", "clerk.messages"]) {
    const text = JSON.stringify(await stack.database.query(`select * from ${table}`));
    assertEquals(text.includes("user_ada"), true, table);
    for (const hidden of ["private-secret-value", "unsafe-value", "203.0.113.7"]) {
      assertEquals(text.includes(hidden), false, table);
    }
  }
});

test("stores times that are given in seconds", async () => {
  const seconds = { created_at: 1_744_276_393, updated_at: 1_744_276_394, last_sign_in_at: 1_744_276_395 };
  assertEquals(await outcome(await stack.deliver({ ...created, data: { ...full.data, ...seconds } })), "created");
  const { data } = await stack.admin.from("users").select("created_at, updated_at, last_sign_in_at").single();
  assertEquals(Object.values(data!).map((time) => Date.parse(time!) / 1000), Object.values(seconds));
});

/** Uses a recorded request, because the local Data API rounds such numbers. PostgREST does not. */
test("sends integers beyond 2^53 with all digits, which the database keeps", async () => {
  const data = { ...full.data, public_metadata: { id: "BIG", ids: ["BIG"] } };
  const body = JSON.stringify({ ...created, data }).replaceAll('"BIG"', "12345678901234567891");
  assertEquals(await outcome(await stack.deliver(body, { name: "recorded-database" })), "created");
  await stack.database.query("select public.apply_clerk_changes($1::text::jsonb -> 'changes')", [recorded.at(-1)!]);
  assertEquals(await stack.database.query("select metadata::text as metadata from public.users"), [
    { metadata: '{"id": 12345678901234567891, "ids": [12345678901234567891]}' },
  ]);
});

test("updates, deletes, and recognizes a repeated message", async () => {
  assertEquals(await outcome(await stack.deliver(created, { id: "msg_1" })), "created");
  assertEquals(await outcome(await stack.deliver(created, { id: "msg_1" })), "duplicate");
  const later = {
    ...created,
    type: "user.updated",
    data: { ...full.data, first_name: "Augusta", updated_at: full.data.updated_at + 1 },
  };
  assertEquals(await outcome(await stack.deliver(later)), "updated");
  assertEquals(await outcome(await stack.deliver({ ...later, type: "user.created", data: full.data })), "stale");
  const deleted = {
    type: "user.deleted",
    data: { id: "user_ada", deleted: true, object: "user" },
    timestamp: full.timestamp,
  };
  assertEquals(await outcome(await stack.deliver(deleted)), "deleted");
  assertEquals(await outcome(await stack.deliver(later)), "stale");
  assertEquals(await rows(stack.database), {});
});

test("writes no row if a newer version changes only fields that are not stored", async () => {
  await outcome(await stack.deliver(created));
  const version = () => stack.database.query("select xmin::text, updated_at from public.users");
  const before = await version();
  const unstored = {
    last_active_at: 1,
    unsafe_metadata: { theme: "dark" },
    private_metadata: {},
    two_factor_enabled: true,
  };
  const data = { ...full.data, ...unstored, updated_at: full.data.updated_at + 60_000 };
  assertEquals(await outcome(await stack.deliver({ ...created, type: "user.updated", data })), "unchanged");
  assertEquals(await version(), before);
});

test("stores the time of a sign-in, but not an impersonator's", async () => {
  await outcome(await stack.deliver(created));
  const data = { id: "sess_1", object: "session", user_id: "user_ada", created_at: full.data.created_at + 5_000 };
  const session = { type: "session.created", data, timestamp: full.timestamp };
  assertEquals(
    await outcome(await stack.deliver({ ...session, data: { ...data, actor: { sub: "user_admin" } } })),
    "ignored",
  );
  assertEquals(await outcome(await stack.deliver(session)), "updated");
  assertEquals(Date.parse((await rows(stack.database)).user_ada!.last_sign_in_at as string), data.created_at);
});

test("ignores other types and Clerk's example events in every configuration", async () => {
  assertEquals(await outcome(await stack.deliver({ type: "email.created", data: { id: "ema_1" } })), "ignored");
  for (const name of ["clerk-webhook", "pinned-instance", "pinned-and-confirmed", "no-jwks", "soft-delete"]) {
    for (const event of examples) assertEquals(await outcome(await stack.deliver(event, { name })), "ignored");
  }
  for (const table of ["public.users", "clerk.users", "clerk.messages"]) {
    assertEquals(await stack.database.query(`select * from ${table}`), [], table);
  }
});

test("accepts webhook-* headers as well as svix-*", async () => {
  const body = JSON.stringify(created);
  const signed = signWebhook(body, stack.clerk.state.instance.webhookSecret, {
    messageId: "msg_1",
    sentAt: Date.now(),
  });
  const headers = Object.fromEntries(
    Object.entries(signed).map(([name, value]) => [name.replace("svix", "webhook"), value]),
  );
  assertEquals(await outcome(await stack.deliver(body, { headers })), "created");
});

test("accepts a signature by any of its secrets", async () => {
  const by = (secret: string | undefined) =>
    stack.deliver(created, { name: "two-secrets", id: "msg_1", ...(secret && { secret }) });
  assertEquals(await outcome(await by(OTHER_SECRET)), "created");
  assertEquals(await outcome(await by(undefined)), "duplicate");
});

test("hides deleted users if the delete mode is soft", async () => {
  await outcome(await stack.deliver(created));
  const deleted = { type: "user.deleted", data: { id: "user_ada", deleted: true }, timestamp: full.timestamp };
  assertEquals(await outcome(await stack.deliver(deleted, { name: "soft-delete" })), "deleted");
  const row = (await rows(stack.database)).user_ada;
  assertEquals([row?.email, Date.parse(String(row?.deleted_at))], [null, full.timestamp]);
  const caller = stack.client(await forge(stack, { sub: "user_ada" }));
  assertEquals((await caller.from("users").select()).data, []);
});

test("refuses a message without its headers", async () => {
  await assertRefused(await stack.deliver(created, { headers: {} }), 400, "WEBHOOK_HEADERS_MISSING");
});

test("refuses a bad signature", async () => {
  await assertRefused(await stack.deliver(created, { secret: OTHER_SECRET }), 401, "WEBHOOK_SIGNATURE_INVALID");
});

test("refuses a message older or newer than 5 minutes", async () => {
  for (const offset of [-310_000, 310_000]) {
    const response = await stack.deliver(created, { sentAt: Date.now() + offset });
    await assertRefused(response, 401, "WEBHOOK_TIMESTAMP_OUT_OF_TOLERANCE");
  }
});

/**
 * Retries if the gateway lost the response: the function does not read such a body, so its connection may be reset
 * while the gateway still writes. The hosted gateway reads the whole body first.
 */
async function answered(send: () => Promise<Response>): Promise<Response> {
  return await eventually(async () => {
    const response = await send();
    if (response.status !== 503) return response;
    throw new Error(await response.text());
  });
}

test("permanently refuses a body over 1 MiB, with or without a declared length", async () => {
  const large = "x".repeat(1024 * 1024 + 1);
  await assertRefused(await answered(() => stack.deliver(large)), 413, "BODY_TOO_LARGE", true);
  // The signature of a body that is too long is not checked.
  const headers = signWebhook("{}", OTHER_SECRET, { messageId: "msg_large", sentAt: Date.now() });
  const response = await answered(() =>
    stack.call("clerk-webhook", { method: "POST", body: new Blob([large]).stream(), headers })
  );
  await assertRefused(response, 413, "BODY_TOO_LARGE", true);
});

test("permanently refuses a signed body that is not an event", async () => {
  await assertRefused(await stack.deliver("not json"), 422, "EVENT_INVALID", true);
});

test("permanently refuses a deletion without an id, and records it", async () => {
  await assertRefused(
    await stack.deliver({ type: "user.deleted", data: { deleted: true } }),
    422,
    "USER_ID_INVALID",
    true,
  );
  assertEquals((await stack.database.query("select code from clerk.messages")).map(({ code }) => code), [
    "USER_ID_INVALID",
  ]);
});

test("permanently refuses a time that would block later updates", async () => {
  const data = { ...full.data, updated_at: Date.now() + 25 * 3_600_000 };
  await assertRefused(await stack.deliver({ ...created, data }), 422, "TIME_IN_FUTURE", true);
});

test("refuses another instance's event, and aborts retries only if CLERK_INSTANCE_ID and the keys agree", async () => {
  await assertRefused(await stack.deliver(created, { name: "pinned-and-confirmed" }), 403, "WRONG_INSTANCE", true);
  await assertRefused(await stack.deliver(created, { name: "pinned-instance" }), 403, "WRONG_INSTANCE");
  await assertRefused(await stack.deliver({ ...created, instance_id: "ins_other" }), 403, "WRONG_INSTANCE");
});

test("refuses another instance than the bound one, even if the signing keys cannot be fetched", async () => {
  await stack.deliver(created);
  await forget(stack.database);
  const response = await stack.deliver({ ...created, instance_id: "ins_other" }, { name: "no-jwks" });
  await assertRefused(response, 403, "WRONG_INSTANCE");
});

test("names a missing or malformed variable", async () => {
  await assertRefused(await stack.deliver(created, { name: "no-secret" }), 500, "CONFIG_MISSING");
  await assertRefused(await stack.deliver(created, { name: "bad-secret" }), 500, "CONFIG_INVALID");
  assertEquals(
    (await (await stack.deliver(created, { name: "no-secret" })).json()).detail,
    "Cannot start: CLERK_WEBHOOK_SECRET is not set",
  );
});

test("lets Svix retry if the database cannot be reached", async () => {
  await assertRefused(await stack.deliver(created, { name: "no-database" }), 503, "DATABASE_UNAVAILABLE");
});

test("takes POST alone", async () => {
  for (const method of ["GET", "OPTIONS"]) {
    const response = await stack.call("clerk-webhook", { method });
    assertEquals(response.headers.get("allow"), "POST");
    await assertRefused(response, 405, "METHOD_NOT_ALLOWED");
  }
});

test("logs one line a request, without personal data", async () => {
  const before = stack.output.length;
  await outcome(await stack.deliver(created, { id: "msg_logged" }));
  const lines = stack.output.slice(before).filter((line) => line.includes("msg_logged"));
  assertEquals(lines.length, 1);
  const { function: name, outcome: logged, type, status } = JSON.parse(lines[0]!.replace("[clerk-webhook] ", ""));
  assertEquals([name, logged, type, status], ["clerk-webhook", "created", "user.created", 200]);
  for (const personal of ["Ada", "ada@", "user_ada", "pro"]) {
    assertEquals(lines[0]!.includes(personal), false, lines[0]);
  }
});

testsOf("")("the stack stops", async () => {
  await stack.stop();
  await Promise.all([keyServer.shutdown(), recorder.shutdown()]);
});
