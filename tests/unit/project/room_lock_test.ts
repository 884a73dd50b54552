/** The lock file of a room, derived from the whole one. */
import { assertEquals, assertThrows } from "@std/assert";
import { lockOfFiles, lockOfRoom } from "../../../project/jsr/room_lock.ts";

const LOCK = {
  version: "5",
  specifiers: { "jsr:@x/status@1.0.0": "1.0.0", "npm:@a/server@1.0.0": "1.0.0_peer@3.0.0", "npm:b@2.0.0": "2.0.0" },
  jsr: { "@x/status@1.0.0": { integrity: "x" } },
  npm: {
    "@a/server@1.0.0_peer@3.0.0": { integrity: "a", dependencies: ["c@1.0.0", "cli", "peer"], optionalPeers: ["gone"] },
    "b@2.0.0": { integrity: "b", dependencies: ["c@2.0.0"] },
    "c@1.0.0": { integrity: "c1", dependencies: ["@a/server"] },
    "c@2.0.0": { integrity: "c2" },
    "cli@1.0.0": { integrity: "cli" },
    "peer@3.0.0": { integrity: "peer" },
  },
};
const MAP = {
  imports: { "@x/status": "jsr:@x/status@1.0.0" },
  scopes: { "./dev/": { "@a/server/part": "npm:@a/server@1.0.0/part" }, "./tests/": { b: "npm:b@2.0.0" } },
};

Deno.test("a room's lock file has the packages that the room imports, their dependencies and their hashes", () => {
  const { npm, specifiers, jsr } = lockOfRoom(LOCK, MAP, { folders: ["dev", "project"], without: [] });
  assertEquals(Object.keys(npm), ["@a/server@1.0.0_peer@3.0.0", "c@1.0.0", "cli@1.0.0", "peer@3.0.0"]);
  assertEquals(npm["c@1.0.0"], { integrity: "c1", dependencies: ["@a/server"] });
  assertEquals(specifiers, { "jsr:@x/status@1.0.0": "1.0.0", "npm:@a/server@1.0.0": "1.0.0_peer@3.0.0" });
  assertEquals(jsr, LOCK.jsr);
});

Deno.test("a room's lock file lacks the packages that the room leaves out", () => {
  const { npm } = lockOfRoom(LOCK, MAP, { folders: ["dev"], without: ["cli", "c"] });
  assertEquals(Object.entries(npm), [
    ["@a/server@1.0.0_peer@3.0.0", { integrity: "a", dependencies: ["peer"], optionalPeers: ["gone"] }],
    ["peer@3.0.0", { integrity: "peer" }],
  ]);
});

Deno.test("a room's lock file lacks a package that the room imports and leaves out", () => {
  const { npm, specifiers } = lockOfRoom(LOCK, MAP, { folders: ["dev"], without: ["@a/server"] });
  assertEquals([npm, specifiers], [{}, { "jsr:@x/status@1.0.0": "1.0.0" }]);
});

Deno.test("a lock file for files of a package has its hash and no other npm package", () => {
  const { npm, specifiers } = lockOfFiles(LOCK, "npm:@a/server@1.0.0");
  assertEquals(npm, { "@a/server@1.0.0": { integrity: "a" } });
  assertEquals(specifiers, { "jsr:@x/status@1.0.0": "1.0.0", "npm:@a/server@1.0.0": "1.0.0" });
});

Deno.test("lockOfFiles() fails for a package without a hash in deno.lock", () => {
  assertThrows(() => lockOfFiles(LOCK, "npm:new@1.0.0"), Error, "deno.lock has no hash for it");
});
