/** Unusual input by HTTP: it is stored in a usable form or permanently refused, and the next message is stored. */
import { assert, assertEquals } from "@std/assert";
import full from "../../project/user_created.json" with { type: "json" };
import { apply, forget, profile, rows } from "../helpers/database/changes.ts";
import { startTestStack } from "../helpers/stack/stack.ts";
import { testsOf } from "../helpers/shared_test.ts";

const stack = await startTestStack();

/** Fields of the user or a whole event, with the expected row or the expected code. */
type Case = [name: string, given: Record<string, unknown>, expected: Record<string, unknown> | string];

const email = (entry: Record<string, unknown>) => ({
  primary_email_address_id: "idn_1",
  email_addresses: [{ id: "idn_1", verification: { status: "verified" }, ...entry }],
});

const CASES: Case[] = [
  ["NUL and lone surrogates in names", { first_name: "A\u0000da", last_name: "\uD800Love" }, {
    first_name: "Ada",
    last_name: "\uFFFDLove",
  }],
  ["NUL and lone surrogates in metadata", { public_metadata: { "k\u0000": "\uDC00" } }, { metadata: { k: "\uFFFD" } }],
  ["NUL in the user's id", { id: "user_\u0000ada" }, { first_name: "Ada" }],
  ["a name of 10,000 characters", { first_name: "n".repeat(10_000) }, { first_name: "n".repeat(10_000) }],
  ["an address in capitals", email({ email_address: "ADA@Example.COM" }), { email: "ADA@Example.COM" }],
  ["an address of 10,000 characters", email({ email_address: `${"a".repeat(10_000)}@x.com` }), "EMAIL_TOO_LONG"],
  ["unknown fields", { birthday: "1815-12-10", nested: { deep: [1] } }, { first_name: "Ada" }],
  ["missing optional fields", { first_name: undefined, username: undefined, email_addresses: undefined }, {
    first_name: null,
    email: null,
  }],
  ["numbers where strings belong", { first_name: 42, username: 7 }, { first_name: "42", username: "7" }],
  ["objects where strings belong", { first_name: {}, username: ["x"] }, { first_name: null, username: null }],
  ["metadata that is not an object", { public_metadata: "pro" }, { metadata: {} }],
  ["metadata 50,000 levels deep", { public_metadata: JSON.parse(`{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`) }, {
    first_name: "Ada",
  }],
  ["the year 9999", { updated_at: 253_402_300_799_000 }, "TIME_IN_FUTURE"],
  ["a time that is text", { updated_at: "2026-11-23T00:00:00Z" }, "TIME_INVALID"],
  ["a time that is NUL", { updated_at: "\u0000" }, "TIME_INVALID"],
  ["a time before 1970", { created_at: -1 }, { created_at: "1970-01-01T00:00:00+00:00" }],
  ["no address", { primary_email_address_id: null, email_addresses: [] }, { email: null }],
  ["an unverified address", email({ email_address: "ada@x.com", verification: null }), { email: "ada@x.com" }],
  ["a primary id that is absent from the list", { primary_email_address_id: "idn_absent" }, { email: null }],
  ["an id that is not a string", { id: 7 }, "USER_ID_INVALID"],
  ["an id of 10,000 characters", { id: "u".repeat(10_000) }, "USER_ID_INVALID"],
];

function event(data: Record<string, unknown>): Record<string, unknown> {
  return { ...full, instance_id: undefined, data: { ...full.data, ...data } };
}

const test = testsOf("", () => forget(stack.database));

for (const [name, given, expected] of CASES) {
  test(`clerk-webhook handles ${name}`, async () => {
    const response = await stack.deliver(event(given));
    const answer = await response.json();
    if (typeof expected === "string") {
      assertEquals([response.status, answer.code, response.headers.get("webhook-delivery")], [
        422,
        expected,
        "abort-message",
      ]);
      assertEquals(await rows(stack.database), {});
    } else {
      assertEquals([response.status, answer.outcome], [200, "created"]);
      const [row] = Object.values(await rows(stack.database));
      assertEquals(Object.fromEntries(Object.keys(expected).map((key) => [key, row![key]])), expected);
    }
    const next = await stack.deliver(event({ id: "user_next", email_addresses: [] }));
    assertEquals((await next.json()).outcome, "created", "the next message is taken");
  });
}

test("clerk-webhook accepts a timestamp in seconds", async () => {
  const deleted = { type: "user.deleted", data: { id: "user_ada", deleted: true }, timestamp: 1_744_276_393 };
  assertEquals((await (await stack.deliver(deleted)).json()).outcome, "deleted");
  const [row] = await stack.database.query("select to_jsonb(deleted_at) as at from clerk.users");
  assertEquals(row!.at, "2025-04-10T09:13:13+00:00");
});

test("apply_clerk_changes() applies 500 changes except the poisoned ones among them", async () => {
  const bad = [
    ...[7, null, "text", [], {}, { type: "user.updated" }, { ...profile("user_x", 1), updated_at: {} }],
    ...[{ ...profile("user_x", 1), email: "e".repeat(10_000) }, {
      ...profile("user_x", 1),
      user_id: { id: 1 },
      sent_at: "x",
    }],
    ...[{ ...profile("user_x", 1), sent_at: 1e308 }, { ...profile("user_x", 1), updated_at: 9e15 }],
  ];
  const changes = [...bad, ...Array.from({ length: 500 - bad.length }, (_, index) => profile(`user_${index}`, 1))];
  const outcomes = await apply(stack.database, ...changes);
  assert(
    outcomes.slice(0, bad.length).every((outcome) => outcome.startsWith("refused ")),
    outcomes.slice(0, bad.length).join(),
  );
  assertEquals(new Set(outcomes.slice(bad.length)), new Set(["created"]));
});

test("the stack stops", () => stack.stop());
