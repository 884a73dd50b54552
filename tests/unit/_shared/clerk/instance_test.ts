import { assertEquals, assertRejects } from "@std/assert";
import { createInstanceGuard } from "../../../../supabase/functions/_shared/clerk/instance.ts";
import type { ClerkEvent } from "../../../../supabase/functions/_shared/clerk/event.ts";
import { ApiError } from "../../../../supabase/functions/_shared/errors.ts";
import { besideTimers } from "../../../helpers/timers.ts";

const event = (instanceId?: string): ClerkEvent => ({
  type: "user.created",
  data: {},
  timestamp: undefined,
  instanceId,
});
const jwksUrl = "https://example.clerk.accounts.dev/.well-known/jwks.json";
const answer = (...kids: string[]) => () =>
  Promise.resolve(Response.json({ keys: kids.map((kid) => ({ kty: "RSA", kid, n: "A".repeat(342), e: "AQAB" })) }));
const noFetch = () => Promise.reject(new Error("no network"));

Deno.test("createInstanceGuard() lets the configured instance pass, and stops retries of another", async () => {
  const guard = createInstanceGuard({ instanceId: "ins_a", jwksUrl }, noFetch, Date.now);
  await guard(event("ins_a"));
  await guard(event());
  const error = await assertRejects(() => guard(event("ins_b")), ApiError);
  assertEquals([error.code, error.headers["webhook-delivery"]], ["WRONG_INSTANCE", "abort-message"]);
});

Deno.test("createInstanceGuard() learns the instance from its keys, and then lets Svix retry", async () => {
  const guard = createInstanceGuard({ instanceId: undefined, jwksUrl }, answer("ins_a", "ins_old"), Date.now);
  await guard(event("ins_a"));
  await guard(event("ins_old"));
  const error = await assertRejects(() => guard(event("ins_b")), ApiError);
  assertEquals([error.code, error.headers["webhook-delivery"]], ["WRONG_INSTANCE", undefined]);
});

Deno.test("createInstanceGuard() keeps what it learned when the keys cannot be fetched any more", async () => {
  let [time, fetches] = [0, 0];
  const fetch = () => ++fetches === 1 ? answer("ins_a")() : noFetch();
  const guard = createInstanceGuard({ instanceId: undefined, jwksUrl }, fetch, () => time);
  await guard(event("ins_a"));
  time += 24 * 60 * 60_000;
  await guard(event("ins_a"));
  assertEquals(fetches, 1);
  await assertRejects(() => guard(event("ins_b")), ApiError);
});

Deno.test("createInstanceGuard() checks nothing where nothing can be learned", async () => {
  await createInstanceGuard({ instanceId: undefined, jwksUrl: undefined }, noFetch, Date.now)(event("ins_b"));
  await createInstanceGuard({ instanceId: undefined, jwksUrl }, noFetch, Date.now)(event("ins_b"));
  await createInstanceGuard({ instanceId: undefined, jwksUrl }, answer("key-1"), Date.now)(event("ins_b"));
});

Deno.test("createInstanceGuard() waits no longer than 2 s for the keys", async () => {
  const pending = Promise.withResolvers<Response>();
  const guard = createInstanceGuard({ instanceId: undefined, jwksUrl }, () => pending.promise, Date.now);
  const { fired } = await besideTimers([1_900, 2_100], () => guard(event("ins_b")));
  assertEquals(fired, [true, false]);
  pending.resolve(new Response("{}"));
});
