import { assertEquals } from "@std/assert";
import { findUnpinned } from "../../../../project/bundles/lock_file.ts";

const NONE = { npm: {}, jsr: {}, remote: {}, specifiers: {} };
const HTTP = { "@std/http@1.0.20": { integrity: "ab".repeat(32) } };
const LOCK = {
  npm: { "jose@6.2.17": { integrity: "sha512-x" } },
  jsr: HTTP,
  remote: { "https://example.com/mod.ts": "cd".repeat(32) },
  specifiers: { "jsr:@std/http@1.0.20": "1.0.20", "npm:jose@6.2.17": "6.2.17" },
};

Deno.test("findUnpinned() returns nothing for a bundle with only pinned packages", () => {
  assertEquals(findUnpinned(LOCK, LOCK), []);
  assertEquals(findUnpinned(LOCK, NONE), []);
});

Deno.test("findUnpinned() names every package and module that is missing from the lock file", () => {
  const names = ["jose@6.2.17", "@std/http@1.0.20", "https://example.com/mod.ts"];
  assertEquals(findUnpinned(NONE, LOCK), names);
});

Deno.test("findUnpinned() names a package of another hash, and one without a hash", () => {
  assertEquals(findUnpinned(LOCK, { ...LOCK, jsr: { "@std/http@1.0.20": { integrity: "ef".repeat(32) } } }), [
    "@std/http@1.0.20",
  ]);
  const unhashed = { ...LOCK, jsr: { "@std/http@1.0.20": {} } };
  assertEquals(findUnpinned(unhashed, unhashed), ["@std/http@1.0.20"]);
});

Deno.test("findUnpinned() names a specifier with another version than in the lock file", () => {
  const used = { ...LOCK, specifiers: { ...LOCK.specifiers, "npm:jose@6": "6.2.17" } };
  assertEquals(findUnpinned(LOCK, used), ["npm:jose@6"]);
});
