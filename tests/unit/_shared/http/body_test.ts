import { assertEquals } from "@std/assert";
import { readText } from "../../../../supabase/functions/_shared/http/body.ts";

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

const bytes = (...values: number[]) => new Uint8Array(values);

Deno.test("readText() joins chunks, even inside a character", async () => {
  assertEquals(await readText(request([bytes(0x41, 0xc3), bytes(0xbc)]).request, 10), "Aü");
});

Deno.test("readText() keeps a byte order mark, since the signature covers it", async () => {
  assertEquals(await readText(request([bytes(0xef, 0xbb, 0xbf, 0x41)]).request, 10), "\uFEFFA");
});

Deno.test("readText() takes as many bytes as the limit, and not one more", async () => {
  assertEquals((await readText(request([new Uint8Array(10)]).request, 10))?.length, 10);
  assertEquals(await readText(request([new Uint8Array(10), bytes(1)]).request, 10), undefined);
});

Deno.test("readText() stops reading where the limit is passed", async () => {
  const endless = Array.from({ length: 1_000 }, () => new Uint8Array(10));
  const { request: given, state } = request(endless);
  assertEquals([await readText(given, 25), state.cancelled], [undefined, true]);
  assertEquals(endless.length > 990, true);
});

Deno.test("readText() believes a length that is too great, and no other", async () => {
  assertEquals(await readText(request([bytes(1)], { "content-length": "11" }).request, 10), undefined);
  assertEquals(await readText(request([new Uint8Array(11)], { "content-length": "1" }).request, 10), undefined);
});

Deno.test("readText() of no body is empty", async () => {
  assertEquals(await readText(new Request("http://localhost/"), 10), "");
});
