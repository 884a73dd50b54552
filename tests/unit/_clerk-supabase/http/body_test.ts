import { assertEquals } from "@std/assert";
import { readText } from "../../../../supabase/functions/_clerk-supabase/http/body.ts";

function request(chunks: Uint8Array[], headers: Record<string, string> = {}) {
  const state = { cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
    cancel() {
      state.cancelled = true;
    },
  });
  return { state, request: new Request("http://localhost/", { method: "POST", body, headers }) };
}

const TOO_LONG = { fault: "too long" as const };
const bytes = (...values: number[]) => new Uint8Array(values);
const ones = (count: number) => Array.from({ length: count }, () => bytes(0x41));

Deno.test("readText() joins chunks, even inside a character", async () => {
  assertEquals(await readText(request([bytes(0x41, 0xc3), bytes(0xbc)]).request, 10), { text: "Aü" });
});

Deno.test("readText() keeps a byte order mark, because the signature covers it", async () => {
  assertEquals(await readText(request([bytes(0xef, 0xbb, 0xbf, 0x41)]).request, 10), { text: "\uFEFFA" });
});

Deno.test("readText() joins more chunks than a first buffer holds", async () => {
  const text = Array.from({ length: 50_000 }, (_, index) => index % 10).join("");
  const chunks = Array.from(
    { length: 358 },
    (_, index) => new TextEncoder().encode(text.slice(140 * index, 140 * index + 140)),
  );
  assertEquals(await readText(request(chunks).request, 50_000), { text });
});

Deno.test("readText() accepts as many bytes as the limit, and not one more", async () => {
  assertEquals((await readText(request([new Uint8Array(10)]).request, 10)).text?.length, 10);
  assertEquals(await readText(request([new Uint8Array(10), bytes(1)]).request, 10), TOO_LONG);
});

Deno.test("readText() stops reading at the limit", async () => {
  const endless = Array.from({ length: 1_000 }, () => new Uint8Array(10));
  const { request: given, state } = request(endless);
  assertEquals([await readText(given, 25), state.cancelled], [TOO_LONG, true]);
  assertEquals(endless.length > 990, true);
});

Deno.test("readText() accepts one chunk for every 128 bytes of the limit, and not one more", async () => {
  assertEquals((await readText(request(ones(8_192)).request, 1024 * 1024)).text?.length, 8_192);
  const { request: given, state } = request(ones(20_000));
  assertEquals([await readText(given, 1024 * 1024), state.cancelled], [TOO_LONG, true]);
  // Long chunks that fill the limit, the last one short, stay within the number of chunks.
  const long = [...Array.from({ length: 16 }, () => new Uint8Array(65_535).fill(0x41)), ...ones(16)];
  assertEquals((await readText(request(long).request, 1024 * 1024)).text?.length, 1024 * 1024);
});

Deno.test("readText() accepts a short body in 128 chunks for any limit", async () => {
  assertEquals((await readText(request(ones(128)).request, 4 * 1024)).text?.length, 128);
  assertEquals(await readText(request(ones(129)).request, 4 * 1024), TOO_LONG);
});

Deno.test("readText() trusts a declared length only if it exceeds the limit", async () => {
  assertEquals(await readText(request([bytes(1)], { "content-length": "11" }).request, 10), TOO_LONG);
  assertEquals(await readText(request([new Uint8Array(11)], { "content-length": "1" }).request, 10), TOO_LONG);
});

Deno.test("readText() returns empty text without a body", async () => {
  assertEquals(await readText(new Request("http://localhost/"), 10), { text: "" });
});

Deno.test("readText() reports invalid UTF-8 instead of replacing it, because a signature covers the bytes", async () => {
  for (const bad of [bytes(0xff), bytes(0xe2, 0x82), bytes(0xc0, 0x80), bytes(0xed, 0xa0, 0x80)]) {
    assertEquals(await readText(request([bad]).request, 10), { fault: "not UTF-8" });
  }
  assertEquals(await readText(request([bytes(0xef, 0xbf, 0xbd)]).request, 10), { text: "\uFFFD" });
});

/** Creates a body that never ends after its first byte. */
function slow(headers: Record<string, string> = {}): Request {
  const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(bytes(0x41)) });
  return new Request("http://localhost/", { method: "POST", body, headers });
}

Deno.test("readText() gives up on a late body, with or without a declared length", async () => {
  for (const headers of [{}, { "content-length": "9" }]) {
    const deadline = new AbortController();
    const read = readText(slow(headers), 10, deadline.signal);
    deadline.abort();
    assertEquals(await read, { fault: "too slow" });
    assertEquals(await readText(slow(headers), 10, deadline.signal), { fault: "too slow" }, "it was late before");
  }
});

Deno.test("readText() reads a body that arrives in time", async () => {
  const { signal } = new AbortController();
  assertEquals(await readText(request([bytes(0x41)]).request, 10, signal), { text: "A" });
  assertEquals(await readText(new Request("http://localhost/", { method: "POST", body: "A" }), 10, signal), {
    text: "A",
  });
});
