import { assertEquals, assertThrows } from "@std/assert";
import { createWebhookVerifier, signWebhook } from "../../../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import { ApiError } from "../../../../supabase/functions/_clerk-supabase/errors.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const BODY = '{"test": 2432232314}';
const DELIVERY = { messageId: "msg_p5jXN8AQM9LWM0D4loKWxJek", sentAt: Math.floor(Date.now() / 1000) * 1000 };

function headers(overrides: Record<string, string | undefined> = {}, secret = SECRET): Headers {
  const entries = Object.entries({ ...signWebhook(BODY, secret, DELIVERY), ...overrides });
  return new Headers(entries.flatMap(([name, value]) => value === undefined ? [] : [[name, value]]));
}

function verify(given: Headers, { body = BODY, secrets = [SECRET], now = Date.now } = {}) {
  return createWebhookVerifier(secrets, now)(body, given);
}

function assertRefused(code: string, given: Headers, options = {}): void {
  assertEquals(assertThrows(() => verify(given, options), ApiError).code, code);
}

Deno.test("signWebhook() reproduces the signature of Svix's published example", () => {
  const signed = signWebhook(BODY, SECRET, { messageId: DELIVERY.messageId, sentAt: 1614265330_000 });
  assertEquals(signed["svix-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  assertEquals(signed["svix-timestamp"], "1614265330");
});

Deno.test("createWebhookVerifier() returns the message id and the time of the attempt", () => {
  assertEquals(verify(headers()), DELIVERY);
});

Deno.test("createWebhookVerifier() accepts webhook-* headers", () => {
  const given = new Headers();
  for (const [name, value] of headers()) given.set(name.replace("svix-", "webhook-"), value);
  assertEquals(verify(given), DELIVERY);
});

Deno.test("createWebhookVerifier() accepts a signature by any of several secrets", () => {
  assertEquals(verify(headers({}, OTHER), { secrets: [SECRET, OTHER] }), DELIVERY);
  assertRefused("WEBHOOK_SIGNATURE_INVALID", headers({}, OTHER));
});

Deno.test("createWebhookVerifier() accepts a secret without its prefix", () => {
  assertEquals(verify(headers(), { secrets: [SECRET.replace("whsec_", "")] }), DELIVERY);
});

Deno.test("createWebhookVerifier() finds the matching one of several signatures and ignores other versions", () => {
  const right = headers().get("svix-signature")!;
  const noise = right.replace("v1,", "v2,");
  assertEquals(verify(headers({ "svix-signature": `v1,AAAA ${noise} ${right}` })), DELIVERY);
  assertRefused("WEBHOOK_SIGNATURE_INVALID", headers({ "svix-signature": `v1,AAAA ${noise}` }));
});

Deno.test("createWebhookVerifier() refuses a message without one of its headers", () => {
  for (const name of ["svix-id", "svix-timestamp", "svix-signature"]) {
    assertRefused("WEBHOOK_HEADERS_MISSING", headers({ [name]: undefined }));
    assertRefused("WEBHOOK_HEADERS_MISSING", headers({ [name]: "" }));
  }
  assertRefused("WEBHOOK_HEADERS_MISSING", new Headers());
});

Deno.test("createWebhookVerifier() does not mix svix-* and webhook-* headers", () => {
  const given = headers({ "svix-id": undefined });
  given.set("webhook-id", DELIVERY.messageId);
  assertRefused("WEBHOOK_HEADERS_MISSING", given);
});

Deno.test("createWebhookVerifier() refuses signatures that are partial, empty or of another version", () => {
  const right = headers().get("svix-signature")!;
  for (
    const signature of [
      right.slice(0, 8),
      "v1,",
      "v1",
      right.replace("v1,", "v2,"),
      right.replace("v1,", ""),
      "nonsense",
    ]
  ) {
    assertRefused("WEBHOOK_SIGNATURE_INVALID", headers({ "svix-signature": signature }));
  }
});

Deno.test("createWebhookVerifier() refuses a body, id or time that was not signed", () => {
  assertRefused("WEBHOOK_SIGNATURE_INVALID", headers(), { body: BODY + " " });
  assertRefused("WEBHOOK_SIGNATURE_INVALID", headers(), { body: "" });
  assertRefused("WEBHOOK_SIGNATURE_INVALID", headers({ "svix-id": "msg_other" }));
  assertRefused("WEBHOOK_SIGNATURE_INVALID", headers({ "svix-timestamp": String(DELIVERY.sentAt / 1000 - 1) }));
});

Deno.test("createWebhookVerifier() refuses a timestamp that is not a plain number", () => {
  const seconds = String(DELIVERY.sentAt / 1000);
  for (const timestamp of [`${seconds}abc`, `${seconds}.0`, `-${seconds}`, "NaN", "1e9", `0x${seconds}`]) {
    assertRefused("WEBHOOK_SIGNATURE_INVALID", headers({ "svix-timestamp": timestamp }));
  }
});

Deno.test("createWebhookVerifier() accepts a difference of 300 s and not one second more", () => {
  const seconds = DELIVERY.sentAt / 1000;
  // svix also compares with the real clock and the same limit, so only accepted messages can be tested here.
  for (const offset of [301, -301, 3600]) {
    assertRefused("WEBHOOK_TIMESTAMP_OUT_OF_TOLERANCE", headers(), { now: () => (seconds + offset) * 1000 });
  }
  for (const offset of [300, -300]) assertEquals(verify(headers(), { now: () => (seconds + offset) * 1000 }), DELIVERY);
});

Deno.test("createWebhookVerifier() also limits the age of messages by the real clock", () => {
  const old = { messageId: "msg_old", sentAt: Date.now() - 310_000 };
  const given = new Headers(signWebhook(BODY, SECRET, old));
  assertRefused("WEBHOOK_SIGNATURE_INVALID", given, { now: () => old.sentAt });
});
