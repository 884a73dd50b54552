/**
 * The largest bodies of the most costly shapes, within the platform's limits of 2 s of CPU time and 256 MB. The
 * processes have that much heap, as on the platform.
 */
import { assertEquals } from "@std/assert";
import { signWebhook } from "../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import { MAX_BODY_BYTES as WEBHOOK_LIMIT } from "../../supabase/functions/clerk-webhook/handler.ts";
import { MAX_BODY_BYTES as RECONCILE_LIMIT } from "../../supabase/functions/clerk-reconcile/input.ts";
import { MAX_BODY_BYTES as RESUME_LIMIT, MAX_CONTENT_CHARS } from "../../supabase/functions/resumes/input.ts";
import full from "../../project/user_created.json" with { type: "json" };
import { createToken, createUser } from "../helpers/clerk/clerk.ts";
import { COSTLY, fill } from "../helpers/costly_json.ts";
import { assertWithinLimits } from "../helpers/stack/limits.ts";
import { listeningPorts } from "../../project/process_usage.ts";
import { reconcile } from "../helpers/stack/reconcile.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";
import { testsOf } from "../helpers/shared_test.ts";

const stack = await startTestStack();
const test = testsOf("");

/** Size of each of a user's three kinds of metadata. */
const CLERK_METADATA = 8 * 1024;

/** An event of exactly the webhook's largest size, filled up by one field of its user. */
function largestEvent(field: string, value: (room: number) => string): string {
  const data = { ...full.data, updated_at: Date.now(), [field]: "@" };
  const [before = "", after = ""] = JSON.stringify({ ...full, instance_id: undefined, data }).split('"@"');
  return (before + value(WEBHOOK_LIMIT - before.length - after.length) + after).padEnd(WEBHOOK_LIMIT);
}

for (const [name, value] of Object.entries(COSTLY)) {
  test(`clerk-webhook accepts 1 MiB of metadata, ${name}, within the platform's limits`, async () => {
    const event = largestEvent("public_metadata", value);
    assertEquals(event.length, WEBHOOK_LIMIT);
    await assertWithinLimits(stack, "clerk-webhook", 200, () => stack.deliver(event));
  });
}

test("clerk-webhook accepts 1 MiB of addresses within the platform's limits", () => {
  const event = largestEvent("email_addresses", (room) => fill("[", (number) => `{"id":"${number}"}`, "]", room));
  return assertWithinLimits(stack, "clerk-webhook", 200, () => stack.deliver(event));
});

test("clerk-webhook refuses 1 MiB without a valid signature within the platform's limits", () => {
  const secret = `whsec_${btoa("x".repeat(32))}`;
  return assertWithinLimits(stack, "clerk-webhook", 401, () => stack.deliver("[".repeat(WEBHOOK_LIMIT), { secret }));
});

// Deno returns even a short chunk as a view of a buffer of 64 KiB.
for (
  const [what, chunks, status] of [["accepts", WEBHOOK_LIMIT / 128, 401], ["refuses", WEBHOOK_LIMIT, 413]] as const
) {
  test(`clerk-webhook ${what} ${chunks} chunks of one byte within the platform's limits`, async () => {
    await assertWithinLimits(stack, "clerk-webhook", status, () => sendChunks(chunks));
  });
}

/** Sends chunks of one byte with a wrong signature directly to the process, because a gateway may join them. */
async function sendChunks(count: number): Promise<Response> {
  const [port] = await eventually(async () => {
    const ports = await listeningPorts(await stack.workers.pid("clerk-webhook"));
    assertEquals(ports.length, 1);
    return ports;
  });
  const caller = await Deno.connect({ hostname: "127.0.0.1", port: port! });
  const signed = signWebhook("", `whsec_${btoa("x".repeat(32))}`, { messageId: "msg_1", sentAt: Date.now() });
  const head = [
    "POST /clerk-webhook HTTP/1.1",
    "host: function",
    ...Object.entries(signed).map(([name, value]) => `${name}: ${value}`),
    "transfer-encoding: chunked",
    "connection: close\r\n\r\n",
  ].join("\r\n");
  const request = new Blob([head, "1\r\nx\r\n".repeat(count), "0\r\n\r\n"]).stream();
  const [answer] = await Promise.all([
    new Response(caller.readable).text(),
    // The function may close the connection before all chunks are written.
    request.pipeTo(caller.writable, { preventClose: true }).catch(() => {}),
  ]);
  return new Response(answer, { status: Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]) });
}

test("resumes accepts the largest resume, and refuses the most costly one, within the platform's limits", async () => {
  const userId = await createUser(stack, "ada@example.com");
  const authorization = `Bearer ${await createToken(stack, userId)}`;
  const post = (body: string) => stack.call("resumes", { method: "POST", headers: { authorization }, body });
  const largest = JSON.stringify({ title: "t", content: "😀".repeat(MAX_CONTENT_CHARS) });
  await eventually(async () => assertEquals((await post(largest)).status, 201));
  await assertWithinLimits(stack, "resumes", 201, () => post(largest));
  const costly = Object.values(COSTLY).map((value) => `{"title":"t","content":${value(RESUME_LIMIT - 25)}}`);
  await assertWithinLimits(stack, "resumes", 422, ...costly.map((body) => () => post(body)));
});

test("clerk-reconcile refuses its most costly bodies within the platform's limits", () => {
  const headers = { apikey: stack.keys.secret };
  const post = (body: string) => stack.call("clerk-reconcile", { method: "POST", headers, body });
  const costly = Object.values(COSTLY).map((value) => value(RECONCILE_LIMIT));
  return assertWithinLimits(stack, "clerk-reconcile", 422, ...costly.map((body) => () => post(body)));
});

for (
  const name of ["lists as deep as is stored", "objects of different keys", "empty objects", "integers beyond 2^53"]
) {
  test(`clerk-reconcile imports users with all the metadata that Clerk allows, ${name}, within the platform's limits`, async () => {
    const metadata = JSON.parse(COSTLY[name]!(CLERK_METADATA));
    stack.clerk.state.users.setAll(
      seedUsers(stack.clerk.state, 300).map((user) => ({
        ...user,
        public_metadata: metadata,
        private_metadata: metadata,
        unsafe_metadata: metadata,
      })),
    );
    await assertWithinLimits(
      stack,
      "clerk-reconcile",
      200,
      () => reconcile(stack, { task: "backfill", restart: true }),
    );
  });
}

test("clerk-reconcile runs slices of mixed users in one process within the platform's limits", async () => {
  const [text, nested] = [
    JSON.stringify({ text: "x".repeat(CLERK_METADATA - 11) }),
    COSTLY["lists as deep as is stored"]!(CLERK_METADATA),
  ].map((json) => JSON.parse(json));
  stack.clerk.state.users.setAll(
    seedUsers(stack.clerk.state, 600).map((user, index) => {
      const metadata = index < 250 ? text : nested;
      return { ...user, public_metadata: metadata, private_metadata: metadata, unsafe_metadata: metadata };
    }),
  );
  const slices = (task: string) => [true, false, false].map((restart) => () => reconcile(stack, { task, restart }));
  await assertWithinLimits(stack, "clerk-reconcile", 200, ...slices("backfill"), ...slices("sweep"));
});

test("clerk-webhook handles four of the most costly bodies at a time without running out of memory", async () => {
  const pid = await stack.workers.pid("clerk-webhook");
  const bodies = Object.values(COSTLY).map((value) => largestEvent("public_metadata", value));
  for (let first = 0; first < bodies.length; first += 4) {
    await Promise.all(bodies.slice(first, first + 4).map(deliverUntilTaken));
  }
  // A process that runs out of memory exits, and the next request starts another one.
  assertEquals(await stack.workers.pid("clerk-webhook"), pid);
});

/** Retries like Svix, because on a busy machine the database may be slower than the function's time limit. */
async function deliverUntilTaken(body: string): Promise<void> {
  await eventually(async () => {
    const answer = await stack.deliver(body);
    const text = await answer.text();
    if (answer.status === 503) throw new Error(text);
    assertEquals(answer.status, 200, text);
  });
}

test("the stack stops", () => stack.stop());
