import { assertEquals } from "@std/assert";
import { ask, codeOf, describeSilence } from "../../../../cli/doctor/ask.ts";

Deno.test("ask() tells an answer, whatever its status, from silence", async () => {
  const answered = await ask(() => Promise.resolve(new Response("{}", { status: 418 })), "https://example.com");
  assertEquals([answered.answer?.status, answered.answer?.body], [418, {}]);
  const silent = await ask(() => Promise.reject(new TypeError("leak: Connection refused")), "https://example.com");
  assertEquals(silent, { silence: "the connection is refused" });
});

Deno.test("ask() follows no redirect, so that no key goes anywhere else", async () => {
  const seen: Array<RequestInit | undefined> = [];
  await ask((_, init) => {
    seen.push(init);
    return Promise.resolve(new Response());
  }, "https://example.com");
  assertEquals(seen[0]?.redirect, "error");
});

Deno.test("describeSilence() says why in words of its own", () => {
  const silences: Array<[unknown, string]> = [
    [new TypeError("https://leak: tcp connect error: Connection refused (os error 111)"), "the connection is refused"],
    [new TypeError("fetch failed", { cause: new Error("leak: Connection refused") }), "the connection is refused"],
    [new DOMException("The operation was aborted due to timeout", "TimeoutError"), "there is no answer within 15 s"],
    [new TypeError("dns error: failed to lookup address information"), "its host is not known"],
    [new TypeError("invalid peer certificate: leak"), "its certificate is not accepted"],
    [
      new TypeError("Encountered redirect while redirect mode is set to 'error'"),
      "it redirects, which is not followed",
    ],
    [new RangeError("Cannot read answer: longer than 1 bytes"), "its answer is too long"],
    [new Error("leak"), "there is no usable answer"],
    ["leak", "there is no usable answer"],
  ];
  for (const [error, silence] of silences) assertEquals(describeSilence(error), silence);
});

Deno.test("codeOf() takes codes of PostgREST and PostgreSQL, and repeats nothing else", () => {
  for (const code of ["PGRST202", "42501", "PGRST301", "57P03"]) assertEquals(codeOf({ code }), code);
  for (const body of [{ code: "sb_secret_leak" }, { code: 42501 }, {}, "PGRST202", undefined]) {
    assertEquals(codeOf(body), "");
  }
});
