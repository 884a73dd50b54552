/** The simulator's own routes: faults, timeline, replays and access by pages. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { JWK } from "jose";
import { keyIdOf } from "../../dev/clerk/keys.ts";
import type { TimelineEntry } from "../../dev/clerk/timeline.ts";
import { type TestSimulator, withSimulator } from "../helpers/clerk/simulator.ts";
import { eventually } from "../../project/eventually.ts";

const PAGE_ORIGIN = "http://127.0.0.1:8000";

/** Calls one of the simulator's own routes. */
async function ask({ url }: TestSimulator, method: string, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/dev/${path}`, { method, headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function createUser({ url, secretKey }: TestSimulator, email: string): Promise<string> {
  const response = await fetch(`${url}/v1/users`, {
    method: "POST",
    headers: { authorization: `Bearer ${secretKey}` },
    body: JSON.stringify({ email_address: [email] }),
  });
  return (await response.json()).id;
}

async function timelineOf(simulator: TestSimulator, query: string): Promise<TimelineEntry[]> {
  return (await ask(simulator, "GET", `messages?${query}`)).body;
}

Deno.test("an outage takes down every interface of Clerk but not the switch", () =>
  withSimulator({}, async (simulator) => {
    assertEquals((await ask(simulator, "POST", "outage?on=true")).body.outage, true);
    for (const path of ["/v1/users", "/v1/jwks", "/.well-known/jwks.json", "/__clerk/v1/client"]) {
      const response = await simulator.get(path);
      assertEquals([response.status, (await response.json()).errors[0].code], [503, "service_unavailable"], path);
    }
    assertEquals((await ask(simulator, "GET", "switches")).body.outage, true);
    assertEquals((await ask(simulator, "POST", "outage?on=false")).body.outage, false);
    const response = await simulator.get("/v1/users");
    assertEquals([response.status, await response.json()], [200, []]);
  }));

Deno.test("/dev/token answers an error without an address and for an unknown one", () =>
  withSimulator({}, async (simulator) => {
    const refused = async (path: string) => {
      const { status, body } = await ask(simulator, "POST", path);
      return [status, body.errors[0].code];
    };
    assertEquals(await refused("token"), [422, "form_param_missing"]);
    assertEquals(await refused("token?email="), [404, "resource_not_found"]);
    assertEquals(await refused("token?email=nobody@example.com"), [404, "resource_not_found"]);
  }));

Deno.test("webhooks are delayed until the delay is reset", () =>
  withSimulator({}, async (simulator) => {
    assertEquals((await ask(simulator, "POST", "delay?ms=2000")).body.delay_ms, 2_000);
    const late = await createUser(simulator, "late@example.com");
    await ask(simulator, "POST", "delay?ms=0");
    const soon = await createUser(simulator, "soon@example.com");
    await eventually(() => Promise.resolve(assertEquals(simulator.webhooks.length, 2)));
    const bodies = await Promise.all(simulator.webhooks.map((request) => request.json()));
    assertEquals(bodies.map(({ data }) => data.id), [soon, late]);
    // The timeline contains an attempt only after its response.
    const entry = await eventually(async () => {
      const [entry] = await timelineOf(simulator, `user_id=${late}`);
      assertEquals(entry?.attempts.length, 1);
      return entry!;
    });
    assert(entry.attempts[0]!.at - entry.created_at! >= 2_000);
  }));

Deno.test("rotating the keys replaces the only key with a new one", () =>
  withSimulator({}, async (simulator) => {
    const readKeys = async (): Promise<JWK[]> => (await (await simulator.get("/v1/jwks")).json()).keys;
    const [old] = await readKeys();
    const before = keyIdOf(simulator.state.instance);
    const { id } = simulator.state.instance;
    const { body } = await ask(simulator, "POST", "rotate-keys");
    const keys = await readKeys();
    assertEquals(keys.map(({ kid }) => kid), [body.key_id]);
    assert(body.key_id !== before);
    // The same key under a new id would still verify old tokens.
    assert(old?.n !== undefined && keys[0]!.n !== old.n, "the key is the old one");
    // The instance's id, which webhooks contain, does not change.
    assertEquals(simulator.state.instance.id, id);
  }));

Deno.test("a timeline lists a user's messages, and messages after a time", () =>
  withSimulator({}, async (simulator) => {
    const started = Date.now() - 1;
    const ada = await createUser(simulator, "ada@example.com");
    await fetch(`${simulator.url}/dev/token?email=ada@example.com`, { method: "POST" }).then((answer) => answer.text());
    await createUser(simulator, "eve@example.com");
    const entries = await eventually(async () => {
      const entries = await timelineOf(simulator, `user_id=${ada}&after=${started}`);
      assertEquals(entries.map(({ state }) => state), ["delivered", "delivered"]);
      return entries;
    });
    assertEquals(entries.map(({ type, user_id }) => [type, user_id]), [["user.created", ada], [
      "session.created",
      ada,
    ]]);
    assertEquals(entries.map(({ attempts }) => attempts.map(({ status, outcome }) => [status, outcome])), [
      [[200, null]],
      [[200, null]],
    ]);
    assertEquals((await timelineOf(simulator, `after=${started}`)).length, 3);
    assertEquals(await timelineOf(simulator, `after=${Date.now() + 1}`), []);
    assertMatch((await ask(simulator, "GET", "messages")).body[0].body, /ada@example\.com/);
    assertEquals((await ask(simulator, "GET", "messages?after=now")).status, 422);
  }));

Deno.test("a user's messages are replayed twice, in reverse, or with the oldest last", () =>
  withSimulator({}, async (simulator) => {
    const id = await createUser(simulator, "ada@example.com");
    for (const name of ["Ada", "Augusta"]) {
      await fetch(`${simulator.url}/v1/users/${id}`, {
        method: "PATCH",
        headers: { authorization: `Bearer ${simulator.secretKey}` },
        body: JSON.stringify({ first_name: name }),
      }).then((answer) => answer.body?.cancel());
    }
    await createUser(simulator, "eve@example.com");
    await eventually(() => Promise.resolve(assertEquals(simulator.webhooks.length, 4)));
    const sent = (await timelineOf(simulator, `user_id=${id}`)).map((entry) => entry.id);
    const orders = { twice: [0, 0, 1, 1, 2, 2], reversed: [2, 1, 0], late: [1, 2, 0] };
    for (const [order, expected] of Object.entries(orders)) {
      simulator.webhooks.length = 0;
      const { body } = await ask(simulator, "POST", `messages/replay?user_id=${id}&order=${order}`);
      const came = simulator.webhooks.map(({ headers }) =>
        sent.indexOf(headers.get("webhook-id") ?? headers.get("svix-id")!)
      );
      assertEquals([came, body.map((delivery: TimelineEntry) => sent.indexOf(delivery.id))], [expected, expected]);
      assert(body.every(({ status, at }: { status: number; at: number }) => status === 200 && at > 0));
    }
    simulator.webhooks.length = 0;
    await ask(simulator, "POST", `messages/replay?user_id=${id}&order=late&fresh_ids=true`);
    const ids = simulator.webhooks.map(({ headers }) => headers.get("webhook-id") ?? headers.get("svix-id")!);
    assertEquals([new Set(ids).size, ids.some((fresh) => sent.includes(fresh))], [3, false]);
    assertEquals((await ask(simulator, "POST", `messages/replay?user_id=${id}&order=sideways`)).status, 422);
    assertEquals((await ask(simulator, "POST", "messages/replay?order=late")).status, 422);
    assertEquals((await ask(simulator, "POST", "messages/msg_unknown/resend")).status, 404);
  }));

Deno.test("only pages of this machine may call the simulator", () =>
  withSimulator({}, async (simulator) => {
    for (const origin of [PAGE_ORIGIN, "http://localhost:8000"]) {
      for (const [method, path, status] of [["GET", "switches", 200], ["POST", "delay?ms=soon", 422]] as const) {
        const answer = await ask(simulator, method, path, { origin });
        assertEquals([answer.status, answer.headers.get("access-control-allow-origin")], [status, origin]);
        assertEquals(answer.headers.get("vary"), "origin");
      }
    }
    for (
      const origin of ["https://example.com", "http://127.0.0.1.example.com", "http://localhost:8000@evil", "null"]
    ) {
      const { status, headers, body } = await ask(simulator, "POST", "outage?on=true", { origin });
      assertEquals([status, body.errors[0].code], [400, "origin_invalid"]);
      assertEquals(headers.get("access-control-allow-origin"), null);
    }
    assertEquals((await ask(simulator, "GET", "switches")).body.outage, false);
  }));
