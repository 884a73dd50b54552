import { assertEquals } from "@std/assert";
import { ask, codeOf, describeFailure } from "../../../../cli/doctor/ask.ts";

Deno.test("ask() returns an answer with any status, and describes a failure", async () => {
  const answered = await ask(() => Promise.resolve(new Response("{}", { status: 418 })), "https://example.com");
  assertEquals([answered.answer?.status, answered.answer?.body], [418, {}]);
  const silent = await ask(() => Promise.reject(new TypeError("leak: Connection refused")), "https://example.com");
  assertEquals(silent, { silence: "the connection was refused" });
});

Deno.test("ask() does not follow redirects, so that no key goes to another host", async () => {
  const seen: Array<RequestInit | undefined> = [];
  await ask((_, init) => {
    seen.push(init);
    return Promise.resolve(new Response());
  }, "https://example.com");
  assertEquals(seen[0]?.redirect, "error");
});

Deno.test("describeFailure() describes each failure without the error's text", () => {
  const silences: Array<[unknown, string]> = [
    [new TypeError("https://leak: tcp connect error: Connection refused (os error 111)"), "the connection was refused"],
    [new TypeError("fetch failed", { cause: new Error("leak: Connection refused") }), "the connection was refused"],
    [new DOMException("The operation was aborted due to timeout", "TimeoutError"), "no answer within 15 s"],
    [new TypeError("dns error: failed to lookup address information"), "its host name does not resolve"],
    [new TypeError("invalid peer certificate: leak"), "its certificate is not valid"],
    [
      new TypeError("Encountered redirect while redirect mode is set to 'error'"),
      "it answered with a redirect, which is not followed",
    ],
    [new RangeError("Cannot read response: longer than 1 bytes"), "its answer is too long"],
    [new Error("leak"), "no usable answer arrived"],
    ["leak", "no usable answer arrived"],
  ];
  for (const [error, silence] of silences) assertEquals(describeFailure(error), silence);
});

Deno.test("codeOf() returns codes of PostgREST and PostgreSQL, and nothing else", () => {
  for (const code of ["PGRST202", "42501", "PGRST301", "57P03"]) assertEquals(codeOf({ code }), code);
  for (const body of [{ code: "sb_secret_leak" }, { code: 42501 }, {}, "PGRST202", undefined]) {
    assertEquals(codeOf(body), "");
  }
});
