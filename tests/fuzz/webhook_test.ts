/**
 * Sends random bodies and headers to the webhook's handler, signed and unsigned, with the real SQL function on a real
 * PostgreSQL. No response may be a 5xx, and no unsigned request may reach the database.
 *
 * INPUTS=100000 sets the number of inputs; a failure prints the seed that reproduces it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createClerkWebhookHandler } from "../../supabase/functions/clerk-webhook/handler.ts";
import type { ClerkChange } from "../../supabase/functions/_clerk-supabase/database/change.ts";
import { STORED_EVENTS } from "../../supabase/functions/_clerk-supabase/clerk/event.ts";
import { createInstanceGuard } from "../../supabase/functions/_clerk-supabase/clerk/event_instance.ts";
import { createWebhookVerifier, signWebhook } from "../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import type { Handler } from "../../supabase/functions/_clerk-supabase/http/handle.ts";
import type { Outcome } from "../../supabase/functions/_clerk-supabase/database/apply_changes.ts";
import full from "../../project/user_created.json" with { type: "json" };
import { PLAIN } from "../helpers/clerk/mapping.ts";
import { createPlatform } from "../helpers/stack/platform.ts";
import { connectTo, createMigratedDatabase } from "../helpers/database/postgres.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const INPUTS = Number(Deno.env.get("INPUTS") ?? 4_000);
/** The number of inputs that run at the same time. */
const AT_ONCE = 8;

const strange = fc.oneof(
  fc.constantFrom<unknown[]>(
    null,
    true,
    "",
    "\u0000",
    "\uD800",
    "\uDC00\uD800",
    [],
    {},
    0,
    -0,
    -1,
    1e12,
    9e15,
    1e308,
    -1e308,
  ),
  fc.string({ unit: "binary", maxLength: 50 }),
  fc.integer({ min: 1_744_276_300_000, max: 1_744_276_500_000 }),
  fc.double(),
  fc.nat({ max: 5_000 }).map((length) => "x".repeat(length)),
  fc.integer({ min: 1, max: 3_000 }).map((depth) => JSON.parse("[".repeat(depth) + "]".repeat(depth))),
  fc.jsonValue({ maxDepth: 4 }),
);

/** Usually Clerk's value. */
const usually = (value: unknown) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: strange });

const TYPES = [...STORED_EVENTS, "organizationInvitation.created", "", "user.*"];

/** Clerk's objects. Their ids repeat, so that events concern the same users and organizations. */
const OBJECTS = {
  user: (index: number) => ({ ...full.data, id: `user_${index}` }),
  session: (index: number) => ({ id: "sess_1", user_id: `user_${index}`, created_at: full.timestamp }),
  organization: (index: number): Record<string, unknown> => ({
    ...{ id: `org_${index % 50}`, name: "Acme", slug: "acme", image_url: "https://img.example/a", public_metadata: {} },
    ...{ created_at: full.timestamp - 9_000, updated_at: full.timestamp - index },
  }),
  organizationMembership: (index: number) => ({
    ...{
      id: `orgmem_${index % 150}`,
      role: "org:member",
      public_metadata: {},
      organization: OBJECTS.organization(index),
    },
    ...{ public_user_data: { user_id: `user_${index}` }, created_at: full.timestamp - index },
    updated_at: full.timestamp,
  }),
};

/** Returns the object of an event's type. */
function objectOf(type: unknown, index: number): Record<string, unknown> {
  const kind = typeof type === "string" ? type.split(".")[0]! : "user";
  return OBJECTS[Object.hasOwn(OBJECTS, kind) ? kind as keyof typeof OBJECTS : "user"](index);
}

/** A field of the event's object by its position, or any other field. */
const field = fc.oneof(
  { weight: 3, arbitrary: fc.nat({ max: 999 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...Object.keys(full.data), "user_id", "actor", "deleted", "__proto__", "constructor"),
  },
);

/** Fields of an embedded organization and of a member's public data. */
const EMBEDDED = ["id", "name", "slug", "created_at", "updated_at", "public_metadata", "user_id"];

/** A Clerk event with strange values in some fields. */
const event = fc.record({
  type: fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...TYPES) }, { weight: 1, arbitrary: strange }),
  timestamp: usually(full.timestamp),
  instance_id: usually("ins_test"),
  fields: fc.array(fc.tuple(field, strange), { maxLength: 4 }),
  embedded: fc.array(fc.tuple(fc.constantFrom(...EMBEDDED), strange), { maxLength: 2 }),
  email: fc.option(fc.record({ id: strange, email_address: strange, verification: strange }), { freq: 1 }),
  index: fc.nat({ max: 300 }),
}).map(({ fields, embedded, email, index, ...envelope }) => {
  const object = objectOf(envelope.type, index);
  const inside = Object.entries(object)
    .filter(([name]) => name === "organization" || name === "public_user_data")
    .map(([name, value]) => [name, Object.fromEntries([...Object.entries(value as object), ...embedded])]);
  const names = Object.keys(object);
  const changed = fields.map(([name, value]) => [typeof name === "number" ? names[name % names.length] : name, value]);
  const data = Object.fromEntries([...Object.entries(object), ...inside, ...changed]);
  if (email) data.email_addresses = [{ ...email, id: data.primary_email_address_id }, email];
  return JSON.stringify({ ...full, ...envelope, data });
});

/** Bodies that are not an event, from JSON to binary data. */
const noise = fc.oneof(
  fc.json({ maxDepth: 5 }),
  fc.string({ unit: "binary", maxLength: 300 }),
  event.chain((text) => fc.nat({ max: text.length }).map((length) => text.slice(0, length))),
);

const header = fc.option(
  fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom("v1,", "v1", "v2,AAAA", "123abc", "0", "-1", "9".repeat(400))),
);

const input = fc.record({
  body: fc.oneof({ weight: 5, arbitrary: event }, { weight: 1, arbitrary: noise }),
  signed: fc.boolean(),
  id: fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 20_000 }).map((number) => `msg_${number}`) }, {
    weight: 1,
    arbitrary: fc.string({ minLength: 1, maxLength: 300 }).map(printable),
  }),
  spoiled: fc.record({ "svix-id": header, "svix-timestamp": header, "svix-signature": header }),
});

/** Replaces the characters that a header cannot contain. */
function printable(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]/g, "_");
}

function requestOf(
  { body, signed, id, spoiled }: typeof input extends fc.Arbitrary<infer Input> ? Input : never,
): Request {
  const headers = new Headers(signWebhook(body, SECRET, { messageId: id, sentAt: Date.now() }));
  if (!signed) {
    for (const [name, value] of Object.entries(spoiled)) {
      if (value === null) headers.delete(name);
      else headers.set(name, printable(value));
    }
    headers.set("svix-signature", `v1,${btoa(printable(String(spoiled["svix-signature"])))}`);
  }
  return new Request("http://localhost/clerk-webhook", { method: "POST", body, headers });
}

Deno.test(`clerk-webhook responds to ${INPUTS} random inputs without a 5xx`, async () => {
  const database = await createMigratedDatabase();
  const connections = Array.from({ length: AT_ONCE }, () => connectTo(database.url));
  const counts: Record<string, number> = {};
  const handlers = connections.map((sql): { handler: Handler; reached: () => number } => {
    let reached = 0;
    const applyChanges = async (changes: readonly ClerkChange[]) => {
      reached++;
      // Passed as text like in supabase-js, so that the database parses it.
      const [row] = await sql`select public.apply_clerk_changes(${JSON.stringify(changes)}::text::jsonb) as outcomes`;
      return row!.outcomes as Outcome[];
    };
    const handler = createClerkWebhookHandler({
      ...createPlatform(),
      verifyWebhook: createWebhookVerifier([SECRET], Date.now),
      guardInstance: createInstanceGuard({ instanceId: "ins_test", jwksUrls: [] }, fetch, Date.now),
      applyChanges,
      ...PLAIN,
    });
    return { handler, reached: () => reached };
  });
  try {
    const batch = fc.array(input, { minLength: AT_ONCE, maxLength: AT_ONCE });
    await fc.assert(
      fc.asyncProperty(batch, (inputs) =>
        Promise.all(inputs.map(async (given, index) => {
          const { handler, reached } = handlers[index]!;
          const before = reached();
          const response = await handler(requestOf(given));
          const answer = await response.json();
          const key = `${response.status} ${answer.code ?? answer.outcome}`;
          counts[key] = (counts[key] ?? 0) + 1;
          assert(response.status < 500, `${key}: ${JSON.stringify(given).slice(0, 2_000)}`);
          if (!given.signed) {
            assertEquals([response.status >= 400, reached()], [true, before], "an unsigned request was accepted");
          }
        })).then(() => {})),
      { numRuns: Math.ceil(INPUTS / AT_ONCE) },
    );
  } finally {
    // deno-lint-ignore no-console -- the counts are part of the result
    console.log(`fuzz: ${Object.entries(counts).sort().map(([key, count]) => `${count} × ${key}`).join(", ")}`);
    await Promise.all(connections.map((sql) => sql.end()));
    await database.drop();
  }
  // Guards against a run whose requests are all rejected early.
  for (
    const outcome of [
      "200 created",
      "200 stale",
      "200 ignored",
      "200 deleted",
      "200 pending",
      "422 TIME_INVALID",
      "422 ORGANIZATION_ID_INVALID",
      "422 MEMBERSHIP_ID_INVALID",
      "401 WEBHOOK_SIGNATURE_INVALID",
    ]
  ) {
    assert((counts[outcome] ?? 0) > 0, `no response was ${outcome}`);
  }
});
