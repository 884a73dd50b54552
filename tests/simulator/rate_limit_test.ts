/** The simulator enforces Clerk's rate limits. */
import { assert, assertEquals } from "@std/assert";
import { createRateLimit } from "../../dev/clerk/rate_limit.ts";
import { type TestSimulator, withSimulator } from "../helpers/clerk/simulator.ts";

/** Sends requests and returns how many were accepted. */
async function answered({ get }: TestSimulator, path: string, requests: number): Promise<number> {
  let count = 0;
  for (let request = 0; request < requests; request++) {
    const response = await get(path);
    if (response.ok) count++;
    await response.body?.cancel();
  }
  return count;
}

Deno.test("a request counts for ten seconds, and a rejected one does not count", () => {
  let now = 1_000;
  const limit = createRateLimit(2, () => now);
  const take = (time: number) => {
    now = time;
    return limit.take();
  };
  assertEquals([take(1_000), take(4_000)], [undefined, undefined]);
  assertEquals([take(4_001), take(10_999)], [7, 1]);
  assertEquals([take(11_000), take(11_001)], [undefined, 3]);
  assertEquals([take(14_000), take(14_000)], [undefined, 7]);
});

Deno.test("a development instance accepts 100 requests, then answers 429 in Clerk's format", () =>
  withSimulator({ rateLimit: true }, async (simulator) => {
    assert(simulator.variables.CLERK_SECRET_KEY?.startsWith("sk_test_"));
    assert(simulator.variables.CLERK_PUBLISHABLE_KEY?.startsWith("pk_test_"));
    assertEquals(await answered(simulator, "/v1/users", 100), 100);
    const response = await simulator.get("/v1/sessions?user_id=user_1");
    assertEquals([response.status, (await response.json()).errors[0].code], [429, "too_many_requests"]);
    const seconds = Number(response.headers.get("retry-after"));
    assert(Number.isInteger(seconds) && seconds >= 1 && seconds <= 10, String(seconds));
  }));

Deno.test("a production instance accepts 1,000 requests", () =>
  withSimulator({ rateLimit: true, kind: "live" }, async (simulator) => {
    assert(simulator.variables.CLERK_SECRET_KEY?.startsWith("sk_live_"));
    assert(simulator.variables.CLERK_PUBLISHABLE_KEY?.startsWith("pk_live_"));
    assertEquals(await answered(simulator, "/v1/users/count", 1_010), 1_000);
  }));

Deno.test("signing keys, the simulator's own routes and requests without the secret key do not count", () =>
  withSimulator({ rateLimit: true }, async (simulator) => {
    const stranger = { ...simulator, get: (path: string) => fetch(simulator.url + path) };
    assertEquals(await answered(stranger, "/v1/users", 110), 0);
    assertEquals(await answered(simulator, "/v1/jwks", 110), 110);
    assertEquals(await answered(simulator, "/dev/messages", 110), 110);
    assertEquals(await answered(simulator, "/v1/users", 110), 100);
    assertEquals(await answered(simulator, "/v1/jwks", 1), 1);
  }));

Deno.test("without the limit, the simulator answers every request", () =>
  withSimulator({}, async (simulator) => assertEquals(await answered(simulator, "/v1/users/count", 1_010), 1_010)));
