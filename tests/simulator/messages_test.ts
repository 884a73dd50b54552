/** The simulator's webhooks behave like Svix's. */
import { assert, assertEquals } from "@std/assert";
import { EXAMPLE_EVENTS } from "../../project/example_events.ts";
import { createSender, type Message, SVIX_SCHEDULE_MS } from "../../dev/clerk/webhooks.ts";
import { createWebhookVerifier } from "../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import { eventually } from "../../project/eventually.ts";
import { withSimulator } from "../helpers/clerk/simulator.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** An endpoint that returns the given responses in turn, then 200. */
async function withEndpoint(
  answers: Array<() => Response>,
  run: (send: () => Message, seen: Array<{ id: string; sentAt: number }>) => Promise<void>,
): Promise<void> {
  const seen: Array<{ id: string; sentAt: number }> = [];
  const verify = createWebhookVerifier([SECRET], Date.now);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { messageId, sentAt } = verify(await request.text(), request.headers);
    seen.push({ id: messageId, sentAt });
    return answers.shift()?.() ?? new Response("{}");
  });
  const sender = createSender({
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    secret: SECRET,
    messages: new Map(),
    schedule: [0, 20, 20],
    changed: () => {},
  });
  try {
    await run(() => sender.send("user.created", { type: "user.created" }), seen);
  } finally {
    await sender.stop();
    await server.shutdown();
  }
}

const state = (message: Message, expected: Message["state"]) =>
  eventually(() => Promise.resolve(assertEquals(message.state, expected)));

Deno.test("the schedule is Svix's: eight attempts over 27 h 35 min 5 s", () => {
  assertEquals([SVIX_SCHEDULE_MS.length, SVIX_SCHEDULE_MS.reduce((sum, delay) => sum + delay)], [
    8,
    (27 * 3600 + 35 * 60 + 5) * 1000,
  ]);
});

Deno.test("a message is signed again and retried under its id until it is accepted", () =>
  withEndpoint(
    [() => new Response(null, { status: 503 }), () => new Response(null, { status: 302 })],
    async (send, seen) => {
      const second = Math.floor(Date.now() / 1000) * 1000;
      const message = send();
      await state(message, "delivered");
      assertEquals(message.attempts.map(({ status }) => status), [503, 302, 200]);
      assertEquals(new Set(seen.map(({ id }) => id)), new Set([message.id]));
      assert(seen.every(({ sentAt }) => second <= sentAt && sentAt <= Date.now()));
    },
  ));

Deno.test("a message fails after its last attempt", () =>
  withEndpoint(Array.from({ length: 3 }, () => () => new Response(null, { status: 500 })), async (send) => {
    const message = send();
    await state(message, "failed");
    assertEquals(message.attempts.length, 3);
  }));

Deno.test("webhook-delivery: abort-message stops the retries", () =>
  withEndpoint(
    [() => new Response(null, { status: 422, headers: { "webhook-delivery": "abort-message" } })],
    async (send) => {
      const message = send();
      await state(message, "failed");
      assertEquals(message.attempts.length, 1);
    },
  ));

Deno.test("POST /dev/examples sends every example event, or those of one type", () =>
  withSimulator({}, async ({ url, webhooks }) => {
    const post = (query: string) => fetch(`${url}/dev/examples${query}`, { method: "POST" });
    const sent = await (await post("")).json();
    assertEquals(sent.length, EXAMPLE_EVENTS.length);
    await eventually(() => Promise.resolve(assertEquals(webhooks.length, EXAMPLE_EVENTS.length)));
    const bodies = await Promise.all(webhooks.map((request) => request.json()));
    const sorted = (events: readonly unknown[]) => events.map((event) => JSON.stringify(event)).sort();
    assertEquals(sorted(bodies), sorted(EXAMPLE_EVENTS));
    const deletions = await (await post("?type=user.deleted")).json();
    assertEquals(new Set(deletions.map(({ type }: { type: string }) => type)), new Set(["user.deleted"]));
    const wrong = await post("?type=user.gone");
    assertEquals([wrong.status, (await wrong.json()).errors[0].meta.param_name], [422, "type"]);
  }));

Deno.test("GET /dev/messages lists a user's messages and messages by id", () =>
  withSimulator({}, async ({ url, state, sender }) => {
    const event = (id: string) => ({ type: "user.updated", data: { id }, timestamp: 1 });
    const [ada, eve] = ["user_ada", "user_eve", "user_joan"].map((id) => sender.send("user.updated", event(id)));
    const list = async (query: string) =>
      (await (await fetch(`${url}/dev/messages?${query}`)).json()).map(({ id }: { id: string }) => id);
    assertEquals(await list("user_id=user_ada"), [ada!.id]);
    assertEquals(await list(`user_id=user_ada&id=${eve!.id}`), [ada!.id, eve!.id]);
    assertEquals(await list(`id=${eve!.id}`), [eve!.id]);
    assertEquals((await list("after=0")).length, state.messages.size);
  }));
