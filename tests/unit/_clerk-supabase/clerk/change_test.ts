import { assertEquals } from "@std/assert";
import type { ClerkChange } from "../../../../supabase/functions/_clerk-supabase/database/change.ts";
import { changeFromUser, type EventMapping } from "../../../../supabase/functions/_clerk-supabase/clerk/change.ts";
import { type ClerkEvent, parseEvent } from "../../../../supabase/functions/_clerk-supabase/clerk/event.ts";
import { createTypeTest } from "../../../../supabase/functions/_clerk-supabase/formats/type_patterns.ts";
import { createOwnColumnsMapping } from "../../../../supabase/functions/_clerk-supabase/clerk/own_columns.ts";
import { changeFromEvent, PLAIN } from "../../../helpers/clerk/mapping.ts";
import full from "../../../../project/user_created.json" with { type: "json" };
import specification from "../../../fixtures/specification_payload.json" with { type: "json" };

const DELIVERY = { messageId: "msg_1", sentAt: 1744276400_000 };

function change(event: unknown, mapping: Partial<EventMapping> = {}): ClerkChange | undefined {
  return changeFromEvent(parseEvent(JSON.stringify(event)) as ClerkEvent, DELIVERY, { ...PLAIN, ...mapping });
}

function ofUser(data: Record<string, unknown>): ClerkChange {
  return change({ ...full, data: { ...full.data, ...data } })!;
}

Deno.test("changesFromEvent() maps every column of a full payload", () => {
  assertEquals(change(full), {
    type: "user.created",
    message_id: "msg_1",
    sent_at: 1744276400_000,
    event_at: 1744276393644,
    user_id: "user_ada",
    updated_at: 1744276393626,
    created_at: 1744276393608,
    last_sign_in_at: 1744276393610,
    email: "ada@example.com",
    email_verified: true,
    first_name: "Ada",
    last_name: "Lovelace",
    username: "ada",
    profile_image_url: "https://img.clerk.com/ada",
    metadata: { plan: "pro" },
  });
});

Deno.test("changesFromEvent() does not read private metadata, unsafe metadata or the request's address", () => {
  const text = JSON.stringify(change(full));
  for (const hidden of ["private-secret-value", "unsafe-value", "203.0.113.7"]) {
    assertEquals(text.includes(hidden), false);
  }
});

Deno.test("changesFromEvent() maps the specification's payload", () => {
  const { email, email_verified, updated_at, event_at, created_at } = change(specification)!;
  assertEquals({ email, email_verified, updated_at, event_at, created_at }, {
    email: "user@example.com",
    email_verified: false,
    updated_at: undefined,
    event_at: undefined,
    created_at: undefined,
  });
});

Deno.test("changesFromEvent() reads only the address that primary_email_address_id names", () => {
  assertEquals(ofUser({ primary_email_address_id: "idn_old" }).email, "old@example.com");
  assertEquals(ofUser({ primary_email_address_id: null }).email, null);
  assertEquals(ofUser({ primary_email_address_id: "idn_absent" }).email, null);
  assertEquals(ofUser({ email_addresses: [] }).email, null);
  assertEquals(ofUser({ email_addresses: null }).email, null);
});

Deno.test("changesFromEvent() without primary_email_address_id reads the marked entry, else the first", () => {
  const entries = [{ email_address: "first@example.com" }, { email_address: "marked@example.com", primary: true }];
  assertEquals(ofUser({ primary_email_address_id: undefined, email_addresses: entries }).email, "marked@example.com");
  const [first] = entries;
  assertEquals(ofUser({ primary_email_address_id: undefined, email_addresses: [first] }).email, "first@example.com");
});

Deno.test("changesFromEvent() sets email_verified only for a verified address", () => {
  for (const verification of [null, { status: "unverified" }, { status: "expired" }, "verified", undefined]) {
    const entry = { id: "idn_primary", email_address: "ada@example.com", verification };
    assertEquals(ofUser({ email_addresses: [entry] }).email_verified, false);
  }
});

Deno.test("changesFromEvent() reads a user's times as milliseconds, even for an old user", () => {
  const data = { created_at: 978_307_200_000, updated_at: 999_999_999_999, last_sign_in_at: 86_400_000 };
  const { created_at, updated_at, last_sign_in_at } = ofUser(data);
  assertEquals({ created_at, updated_at, last_sign_in_at }, data);
});

Deno.test("changesFromEvent() reads times of users and sessions in seconds", () => {
  const data = { created_at: 1_744_276_393, updated_at: 1_744_276_393.626, last_sign_in_at: 100_000_000 };
  const { created_at, updated_at, last_sign_in_at } = ofUser(data);
  assertEquals([created_at, updated_at, last_sign_in_at], [1_744_276_393_000, 1_744_276_393_626, 100_000_000_000]);
  const session = { type: "session.created", data: { user_id: "user_ada", created_at: 1_744_276_390 } };
  assertEquals(change(session)!.last_sign_in_at, 1_744_276_390_000);
  assertEquals(
    changeFromUser({ id: "user_ada", updated_at: 1_744_276_393 }, 1, undefined).updated_at,
    1_744_276_393_000,
  );
});

Deno.test("changesFromEvent() reads times from March 1973 to 2286 in seconds and in milliseconds", () => {
  const read = (updated_at: number) => ofUser({ updated_at }).updated_at;
  const kept = [0, 1, 86_400_000, 99_999_999, 1e10, 100_000_000_000, 999_999_999_999, -5, -1_744_276_393, 1e300];
  for (const value of kept) assertEquals(read(value), value);
  assertEquals([read(1e8), read(1e10 - 1)], [1e11, 9_999_999_999_000]);
});

Deno.test("changesFromEvent() reads milliseconds from May 1970 on, such as an imported join date", () => {
  // August 1971. As seconds, it would be refused as a time in the future.
  assertEquals(ofUser({ created_at: 50_000_000_000 }).created_at, 50_000_000_000);
  for (let days = 120; days < 20_000; days += 17) {
    const created_at = days * 86_400_000;
    assertEquals(ofUser({ created_at }).created_at, created_at);
  }
});

Deno.test("changesFromEvent() keeps every digit of an integer in the metadata", () => {
  const body = JSON.stringify({ ...full, data: { ...full.data, public_metadata: { id: "BIG", list: ["BIG", 7] } } })
    .replaceAll('"BIG"', "12345678901234567890");
  const { metadata } = changeFromEvent(parseEvent(body)!, DELIVERY, PLAIN)!;
  assertEquals(
    JSON.stringify({ metadata }),
    '{"metadata":{"id":12345678901234567890,"list":[12345678901234567890,7]}}',
  );
});

Deno.test("changesFromEvent() reads a long integer elsewhere as it reads any number", () => {
  const body = JSON.stringify({ ...full, data: { ...full.data, first_name: "BIG", updated_at: "BIG", id: "BIG" } })
    .replaceAll('"BIG"', "12345678901234567890");
  const { first_name, updated_at, user_id } = changeFromEvent(parseEvent(body)!, DELIVERY, PLAIN)!;
  assertEquals([first_name, updated_at, user_id], ["12345678901234567890", 12345678901234567890, ""]);
});

Deno.test("changesFromEvent() does not treat a long integer as an object or an address", () => {
  const BIG = "12345678901234567890";
  const read = (fields: string) =>
    changeFromEvent(parseEvent(`{"type":"user.created","data":{"id":"user_ada",${fields}}}`)!, DELIVERY, PLAIN)!;
  const entry = '{"id":"idn_1","email_address":"ada@example.com"}';
  assertEquals(read(`"email_addresses":[${BIG},${entry}]`).email, "ada@example.com");
  assertEquals(read(`"email_addresses":${BIG}`).email, null);
  const verified = entry.replace("}", `,"verification":${BIG}}`);
  assertEquals(read(`"email_addresses":[${verified}]`).email_verified, false);
  const numbered = entry.replace('"idn_1"', BIG);
  assertEquals(read(`"email_addresses":[${numbered}],"primary_email_address_id":${BIG}`).email, "ada@example.com");
  assertEquals(read(`"email_addresses":[${numbered}],"primary_email_address_id":${BIG}1`).email, null);
});

Deno.test("parseEvent() refuses a long integer in place of the event or its data", () => {
  for (const body of [" 12345678901234567890", '{"type":"user.created","data":12345678901234567890}']) {
    assertEquals(parseEvent(body), undefined);
  }
});

Deno.test("changesFromEvent() reads a timestamp in seconds, and marks other values as invalid", () => {
  assertEquals(change({ ...full, timestamp: 1744276393 })!.event_at, 1744276393_000);
  for (const value of ["yesterday", "a\u0000b", {}, [1], true]) {
    assertEquals(ofUser({ updated_at: value }).updated_at, "invalid");
    assertEquals(change({ ...full, timestamp: value })!.event_at, "invalid");
  }
  assertEquals(ofUser({ updated_at: null }).updated_at, undefined);
  assertEquals(changeFromUser(JSON.parse('{"id":"user_1","updated_at":1e999}'), 1, undefined).updated_at, "invalid");
  assertEquals(change({ ...full, timestamp: -1e308 })!.event_at, "invalid");
});

Deno.test("changesFromEvent() writes numbers as text in text fields, and drops other values", () => {
  assertEquals(ofUser({ first_name: 42 }).first_name, "42");
  for (const value of [{}, [], true, null, undefined]) assertEquals(ofUser({ first_name: value }).first_name, null);
});

Deno.test("changesFromEvent() makes text storable", () => {
  assertEquals(ofUser({ first_name: "A\u0000da\uD800" }).first_name, "Ada\uFFFD");
  assertEquals(ofUser({ public_metadata: { "k\u0000ey": ["\uDC00"] } }).metadata, { key: ["\uFFFD"] });
});

Deno.test("changesFromEvent() maps deletions, with an id or without", () => {
  const deleted = { type: "user.deleted", data: { id: "user_ada", deleted: true }, timestamp: 1744276393644 };
  assertEquals(change(deleted), {
    type: "user.deleted",
    message_id: "msg_1",
    sent_at: 1744276400_000,
    event_at: 1744276393644,
    user_id: "user_ada",
    delete_mode: "hard",
  });
  assertEquals(change({ type: "user.deleted", data: { deleted: true } })!.user_id, "");
  assertEquals(change({ type: "user.deleted", data: { id: 7 } })!.user_id, "");
});

Deno.test("changesFromEvent() reads a sign-in from a session's creation, except an impersonator's", () => {
  const data = { id: "sess_1", user_id: "user_ada", created_at: 1744276390_000 };
  const event = { type: "session.created", data, timestamp: 1744276393644 };
  const { user_id, last_sign_in_at } = change(event)!;
  assertEquals({ user_id, last_sign_in_at }, { user_id: "user_ada", last_sign_in_at: 1744276390_000 });
  for (const actor of [{ sub: "user_admin" }, "user_admin"]) {
    assertEquals(change({ ...event, data: { ...data, actor } }), undefined);
  }
  assertEquals(change({ ...event, data: { ...data, actor: null } })!.user_id, "user_ada");
  assertEquals(change({ ...event, data: { ...data, created_at: undefined } })!.last_sign_in_at, 1744276393644);
});

Deno.test("changesFromEvent() stores no other type", () => {
  for (const type of ["session.ended", "organizationInvitation.created", "role.updated", "user.createdAtEnd", ""]) {
    assertEquals(change({ ...full, type }), undefined);
  }
});

Deno.test("changeFromUser() uses the response's time as the event's, and has no message id", () => {
  const fetched = changeFromUser(full.data, 1744276500_000, undefined);
  assertEquals(
    [fetched.type, fetched.event_at, fetched.sent_at, fetched.message_id],
    ["user.fetched", 1744276500_000, 1744276500_000, undefined],
  );
});

const mapOwn = createOwnColumnsMapping({ external_id: (user) => user.external_id, banned: (user) => user.banned });

Deno.test("changesFromEvent() and changeFromUser() add the own columns to a profile, and to nothing else", () => {
  const own = { external_id: "7", banned: true };
  const data = { ...full.data, ...own };
  for (const type of ["user.created", "user.updated"]) {
    assertEquals(change({ ...full, type, data }, { mapOwn })!.own, own);
  }
  assertEquals(changeFromUser(data, 1, mapOwn).own, own);
  for (const type of ["user.deleted", "session.created"]) {
    assertEquals("own" in change({ ...full, type, data }, { mapOwn })!, false);
  }
});

Deno.test("a change has no key for own columns and kept data if there are none", () => {
  const keys = Object.keys(change(full)!);
  assertEquals(keys.filter((key) => ["own", "data", "problem", "detail"].includes(key)), []);
  assertEquals(Object.keys(changeFromUser(full.data, 1, undefined)).includes("own"), false);
});

Deno.test("a change names an own column that cannot be read, and still maps the base columns", () => {
  const broken = createOwnColumnsMapping({ phone_number: (user) => user.phone_numbers[0]!.phone_number });
  const { problem, detail, own, first_name } = change({ ...full, data: { ...full.data, phone_numbers: [] } }, {
    mapOwn: broken,
  })!;
  assertEquals([problem, detail, own, first_name], [
    "OWN_COLUMN_INVALID",
    { column: "phone_number" },
    undefined,
    full.data.first_name,
  ]);
});

Deno.test("an own column's function that changes the user changes no base column, and no kept data", () => {
  const spoil = createOwnColumnsMapping({ a: (user) => Object.assign(user, { first_name: "Eve", id: "user_eve" }).id });
  const { user_id, first_name, data } = change(full, { mapOwn: spoil, keepsType: () => true })!;
  assertEquals([user_id, first_name], [full.data.id, full.data.first_name]);
  assertEquals((data as typeof full.data).id, full.data.id);
});

Deno.test("changesFromEvent() keeps the whole data of an event whose type is kept, without a user", () => {
  const keepsType = createTypeTest(["email.created", "subscription.*"]);
  const data = { id: "sub_1", payer: { user_id: "user_ada", organization_id: "" }, note: "a\u0000b" };
  const event = { type: "subscription.updated", data, timestamp: 1744276393644 };
  assertEquals(change(event, { keepsType }), {
    type: "subscription.updated",
    message_id: "msg_1",
    sent_at: 1744276400_000,
    event_at: 1744276393644,
    data: { ...data, note: "ab" },
  });
  assertEquals(change({ ...event, type: "paymentAttempt.updated" }, { keepsType }), undefined);
});

Deno.test("changesFromEvent() keeps an event about a user besides mapping the user", () => {
  const keepsType = () => true;
  const { data, ...rest } = change(full, { keepsType })!;
  assertEquals(data, full.data as unknown);
  assertEquals(rest, change(full));
  // Without an id, it must be refused instead of only being kept.
  assertEquals(change({ type: "user.deleted", data: { deleted: true } }, { keepsType })!.user_id, "");
  const impersonated = { type: "session.created", data: { user_id: "user_ada", actor: { sub: "user_admin" } } };
  assertEquals("user_id" in change(impersonated, { keepsType })!, false);
});
