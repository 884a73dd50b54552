import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  createInstanceGuard,
  type GuardInstance,
} from "../../../../supabase/functions/_clerk-supabase/clerk/event_instance.ts";
import type { ClerkEvent } from "../../../../supabase/functions/_clerk-supabase/clerk/event.ts";
import { ApiError } from "../../../../supabase/functions/_clerk-supabase/errors.ts";
import { manualTimers } from "../../../helpers/timers.ts";

const event = (instanceId?: string): ClerkEvent => ({
  type: "user.created",
  data: {},
  timestamp: undefined,
  instanceId,
});
const jwksUrls = ["https://example.clerk.accounts.dev/.well-known/jwks.json"];
const answer = (...kids: string[]) => () =>
  Promise.resolve(Response.json({ keys: kids.map((kid) => ({ kty: "RSA", kid, n: "w".repeat(342), e: "AQAB" })) }));
const noFetch = () => Promise.reject(new Error("no network"));

async function refusal(guard: GuardInstance, instanceId: string): Promise<[string, string | undefined, string]> {
  const { code, headers, message } = await assertRejects(() => guard(event(instanceId)), ApiError);
  return [code, headers["webhook-delivery"], message];
}

Deno.test("createInstanceGuard() accepts the configured instance without fetching keys", async () => {
  const guard = createInstanceGuard({ instanceId: "ins_a", jwksUrls }, () => {
    throw new Error("network used");
  }, Date.now);
  await guard(event("ins_a"));
  await guard(event());
});

Deno.test("createInstanceGuard() aborts retries of another instance if CLERK_INSTANCE_ID and the keys agree", async () => {
  const guard = createInstanceGuard({ instanceId: "ins_a", jwksUrls }, answer("ins_a"), Date.now);
  const [code, delivery] = await refusal(guard, "ins_b");
  assertEquals([code, delivery], ["WRONG_INSTANCE", "abort-message"]);
});

Deno.test("createInstanceGuard() lets Svix retry if CLERK_INSTANCE_ID is not the keys' instance, and names both", async () => {
  const guard = createInstanceGuard({ instanceId: "ins_labx", jwksUrls }, answer("ins_lab"), Date.now);
  for (const claimed of ["ins_lab", "ins_other", "ins_labx "]) {
    const [code, delivery, message] = await refusal(guard, claimed);
    assertEquals([code, delivery], ["WRONG_INSTANCE", undefined]);
    for (const part of ["CLERK_INSTANCE_ID", "ins_labx", "ins_lab."]) assertStringIncludes(message, part);
  }
});

Deno.test("createInstanceGuard() lets Svix retry an event of any instance that owns one of the signing keys", async () => {
  const urls = ["https://a.example/jwks", "https://b.example/jwks"];
  const apart = (url: string) => (url === urls[0] ? answer("ins_a") : answer("ins_b"))();
  for (const fetch of [apart, answer("ins_a", "ins_b")]) {
    const guard = createInstanceGuard({ instanceId: "ins_a", jwksUrls: urls }, fetch, Date.now);
    const [code, delivery, message] = await refusal(guard, "ins_b");
    assertEquals([code, delivery], ["WRONG_INSTANCE", undefined]);
    for (const part of ["CLERK_INSTANCE_ID", "ins_a", "ins_b"]) assertStringIncludes(message, part);
    assertEquals((await refusal(guard, "ins_c"))[1], "abort-message");
  }
});

Deno.test("createInstanceGuard() lets Svix retry if no key confirms CLERK_INSTANCE_ID", async () => {
  const configs = [{ instanceId: "ins_a", jwksUrls: [] }, { instanceId: "ins_a", jwksUrls }];
  for (
    const [config, fetch] of [[configs[0]!, noFetch], [configs[1]!, noFetch], [configs[1]!, answer("key-1")]] as const
  ) {
    const [code, delivery] = await refusal(createInstanceGuard(config, fetch, Date.now), "ins_b");
    assertEquals([code, delivery], ["WRONG_INSTANCE", undefined]);
  }
});

Deno.test("createInstanceGuard() learns the instance from each of several key sets", async () => {
  const urls = ["https://a.example/jwks", "https://b.example/jwks", "https://gone.example/jwks"];
  const fetch = (url: string) => url === urls[0] ? answer("ins_a")() : url === urls[1] ? answer("ins_b")() : noFetch();
  const guard = createInstanceGuard({ instanceId: undefined, jwksUrls: urls }, fetch, Date.now);
  await guard(event("ins_a"));
  await guard(event("ins_b"));
  assertEquals((await refusal(guard, "ins_c"))[0], "WRONG_INSTANCE");
});

Deno.test("createInstanceGuard() learns the instance from its keys, and then lets Svix retry", async () => {
  const guard = createInstanceGuard({ instanceId: undefined, jwksUrls }, answer("ins_a", "ins_old"), Date.now);
  await guard(event("ins_a"));
  await guard(event("ins_old"));
  const error = await assertRejects(() => guard(event("ins_b")), ApiError);
  assertEquals([error.code, error.headers["webhook-delivery"]], ["WRONG_INSTANCE", undefined]);
});

Deno.test("createInstanceGuard() remembers the instance if the keys can no longer be fetched", async () => {
  let [time, fetches] = [0, 0];
  const fetch = () => ++fetches === 1 ? answer("ins_a")() : noFetch();
  const guard = createInstanceGuard({ instanceId: undefined, jwksUrls }, fetch, () => time);
  await guard(event("ins_a"));
  time += 24 * 60 * 60_000;
  await guard(event("ins_a"));
  assertEquals(fetches, 1);
  await assertRejects(() => guard(event("ins_b")), ApiError);
});

Deno.test("createInstanceGuard() accepts every event if the instance is unknown", async () => {
  await createInstanceGuard({ instanceId: undefined, jwksUrls: [] }, noFetch, Date.now)(event("ins_b"));
  await createInstanceGuard({ instanceId: undefined, jwksUrls }, noFetch, Date.now)(event("ins_b"));
  await createInstanceGuard({ instanceId: undefined, jwksUrls }, answer("key-1"), Date.now)(event("ins_b"));
});

Deno.test("createInstanceGuard() waits no longer than 2 s for the keys", async () => {
  const pending = Promise.withResolvers<Response>();
  const timers = manualTimers();
  const config = { instanceId: undefined, jwksUrls };
  const guard = createInstanceGuard(config, () => pending.promise, Date.now, timers.after);
  const guarded = guard(event("ins_b"));
  assertEquals(timers.startedMs().sort(), [2_000, 3_000]);
  timers.fire(2_000);
  await guarded;
  pending.resolve(new Response("{}"));
});
