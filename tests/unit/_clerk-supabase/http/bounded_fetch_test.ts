import { assertEquals, assertRejects } from "@std/assert";
import { boundedFetch } from "../../../../supabase/functions/_clerk-supabase/http/bounded_fetch.ts";
import { manualTimers } from "../../../helpers/timers.ts";

const BOUNDS = { timeoutMs: 200, maxBytes: 10 };

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

/** A network whose body sends one byte and then hangs until the request is aborted. */
const hanging = (headers: HeadersInit = {}) => (_: string, init?: RequestInit) => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(1));
      init?.signal?.addEventListener("abort", () => controller.error(init.signal?.reason));
    },
  });
  return Promise.resolve(new Response(body, { headers }));
};

Deno.test("boundedFetch() includes a slow body in its time limit", async () => {
  const timers = manualTimers();
  const pending = boundedFetch(hanging(), BOUNDS, timers.after)("https://a.example");
  assertEquals(timers.runningMs(), [200]);
  timers.fire(200);
  await assertRejects(() => pending, DOMException);
});

Deno.test("boundedFetch() returns a response of known length unread, and its deadline ends reading it", async () => {
  const timers = manualTimers();
  const fetch = boundedFetch(hanging({ "content-length": "10" }), BOUNDS, timers.after);
  const response = await fetch("https://a.example");
  const text = response.text();
  assertEquals(timers.runningMs(), [200]);
  timers.fire(200);
  await assertRejects(() => text, DOMException);
});

Deno.test("boundedFetch() leaves no timer behind after a response was read, or after a failure", async () => {
  const timers = manualTimers();
  const framed = { headers: { "content-length": "2" } };
  const networks = [
    () => Promise.resolve(new Response("{}", framed)),
    () => Promise.resolve(new Response("{}")),
    () => Promise.resolve(new Response("0123456789x")),
    () => Promise.reject(new TypeError("network")),
  ];
  for (const network of networks) {
    const fetch = boundedFetch(network, BOUNDS, timers.after);
    await fetch("https://a.example").then((response) => response.text()).catch(() => {});
  }
  assertEquals([timers.startedMs().length, timers.runningMs()], [networks.length, []]);
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
