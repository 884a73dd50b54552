import { assertEquals } from "@std/assert";
import { type Asking, awaitHealth } from "../../../../cli/deploy/health.ts";

/** Records the requests and the seconds that are waited. */
async function run(answers: number[], options: Partial<Asking> = {}, body: unknown = { status: "ok", parts: {} }) {
  const waits: number[] = [];
  const keys: Array<string | null> = [];
  const result = await awaitHealth({
    url: "https://abc.supabase.co",
    key: undefined,
    now: () => 0,
    stop: new AbortController().signal,
    sleep: (milliseconds) => Promise.resolve(void waits.push(milliseconds)),
    fetch: (_, init) => {
      keys.push(new Headers(init?.headers).get("apikey"));
      return Promise.resolve(Response.json(body, { status: answers[Math.min(keys.length, answers.length) - 1]! }));
    },
    ...options,
  });
  return { status: result.status, waits, keys };
}

Deno.test("awaitHealth() asks again while the functions start, with the key if there is one", async () => {
  assertEquals(await run([200]), { status: "ok", waits: [], keys: [null] });
  assertEquals(await run([404, 503, 200], { key: "sb_secret_x" }), {
    status: "ok",
    waits: [1000, 2000],
    keys: ["sb_secret_x", "sb_secret_x", "sb_secret_x"],
  });
});

Deno.test("awaitHealth() gives up after half a minute, and at once when it is stopped", async () => {
  const { status, waits } = await run([503]);
  assertEquals([status, waits.reduce((sum, wait) => sum + wait, 0)], ["failed", 30_000]);
  assertEquals((await run([503], { stop: AbortSignal.abort() })).waits, []);
});

Deno.test("awaitHealth() accepts only a health report", async () => {
  const withKey = { key: "sb_secret_x" };
  for (const body of [{}, [], "ok", { status: "unavailable" }]) {
    assertEquals((await run([200], {}, body)).status, "failed");
    assertEquals((await run([200], withKey, body)).status, "failed");
  }
  // The answer without the project's key has no parts.
  assertEquals((await run([200], {}, { status: "ok" })).status, "ok");
  assertEquals((await run([200], withKey, { status: "ok" })).status, "failed");
});
