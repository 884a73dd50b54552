/** Who may read what only the stack's own pages may. */
import { assertEquals } from "@std/assert";
import { isOwnPage } from "../../../dev/gateway/own_page.ts";

const STACK = "http://192.0.2.7:54321";

for (
  const [who, url, headers, expected] of [
    ["the stack's page", `${STACK}/tables.json`, { "sec-fetch-site": "same-origin" }, true],
    ["the stack's page on localhost", "http://localhost:54321/", { origin: "http://localhost:54321" }, true],
    ["a command", "http://127.0.0.1:54321/", {}, true],
    ["a page of another port", "http://127.0.0.1:54321/", { origin: "http://127.0.0.1:3000" }, false],
    ["a page of another site", "http://127.0.0.1:54321/", { "sec-fetch-site": "cross-site" }, false],
    ["a page whose name has this machine's address", "http://evil.example:54321/", {}, false],
  ] as const
) {
  Deno.test(`${who} ${expected ? "is" : "is not"} an own page of the stack`, () => {
    assertEquals(isOwnPage(new Request(url, { headers }), STACK), expected);
  });
}
