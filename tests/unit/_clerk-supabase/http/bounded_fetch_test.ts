import { assertEquals, assertRejects } from "@std/assert";
import { boundedFetch } from "../../../../supabase/functions/_clerk-supabase/http/bounded_fetch.ts";
import { besideTimers } from "../../../helpers/timers.ts";

const BOUNDS = { timeoutMs: 200, maxBytes: 10 };
/** Two timers, in milliseconds. The ones that have fired show when the deadline came. */
const AROUND_THE_TIMEOUT = [BOUNDS.timeoutMs - 20, BOUNDS.timeoutMs + 20];

Deno.test("boundedFetch() returns status, headers and body, and follows no redirect", async () => {
  let seen: RequestInit | undefined;
  const fetch = boundedFetch((_, init) => {
    seen = init;
    return Promise.resolve(new Response("0123456789", { status: 201, headers: { "x-test": "1" } }));
  }, BOUNDS);
  const response = await fetch("https://a.example", { method: "POST" });
  assertEquals([response.status, response.headers.get("x-test"), await response.text()], [201, "1", "0123456789"]);
  assertEquals([seen?.redirect, seen?.method], ["error", "POST"]);
});

Deno.test("boundedFetch() returns a response without a body", async () => {
  assertEquals(
    (await boundedFetch(() => Promise.resolve(new Response(null, { status: 204 })), BOUNDS)("https://a.example")).body,
    null,
  );
});

Deno.test("boundedFetch() refuses a longer body", async () => {
  const fetch = boundedFetch(() => Promise.resolve(new Response("0123456789x")), BOUNDS);
  await assertRejects(() => fetch("https://a.example"), RangeError);
});

Deno.test("boundedFetch() includes a slow body in its time limit", async () => {
  const fetch = boundedFetch((_, init) => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(1));
        init?.signal?.addEventListener("abort", () => controller.error(init.signal?.reason));
      },
    });
    return Promise.resolve(new Response(body));
  }, BOUNDS);
  const { fired } = await besideTimers(
    AROUND_THE_TIMEOUT,
    () => assertRejects(() => fetch("https://a.example"), DOMException),
  );
  assertEquals(fired, [true, false]);
});

Deno.test("boundedFetch() returns a response of known length unread, and its deadline ends reading it", async () => {
  let signal: AbortSignal | null | undefined;
  const fetch = boundedFetch((_, init) => {
    signal = init?.signal;
    const body = new ReadableStream({
      start: (controller) => init?.signal?.addEventListener("abort", () => controller.error(init.signal?.reason)),
    });
    return Promise.resolve(new Response(body, { headers: { "content-length": "10" } }));
  }, BOUNDS);
  const { fired } = await besideTimers(AROUND_THE_TIMEOUT, async () => {
    const response = await fetch("https://a.example");
    assertEquals(signal?.aborted, false);
    await assertRejects(() => response.text(), DOMException);
  });
  assertEquals(fired, [true, false]);
});

Deno.test("boundedFetch() ignores the declared length of a compressed response", async () => {
  const headers = { "content-length": "5", "content-encoding": "gzip" };
  const fetch = boundedFetch(() => Promise.resolve(new Response("0123456789x", { headers })), BOUNDS);
  await assertRejects(() => fetch("https://a.example"), RangeError);
});

Deno.test("boundedFetch() ends if its caller gives up", async () => {
  const fetch = boundedFetch((_, init) => Promise.reject(init?.signal?.reason), BOUNDS);
  await assertRejects(
    () => fetch("https://a.example", { signal: AbortSignal.abort(new DOMException("stop", "AbortError")) }),
    DOMException,
  );
});
