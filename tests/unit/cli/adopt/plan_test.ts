import { assertEquals } from "@std/assert";
import { hashOf } from "../../../../project/hash.ts";
import { OWN_COLUMNS } from "../../../../project/adopted/contents.ts";
import { makePlan } from "../../../../cli/adopt/plan.ts";

const FILE = "supabase/functions/profile/handler.ts";
const MIGRATION = "supabase/migrations/20261123000100_create_users.sql";

/** What is done with one file: as the bundle has it, as the project has it, as it was written the last time. */
async function decide(
  { path = FILE, wanted, present, known }: { path?: string; wanted?: string; present?: string; known?: string },
): Promise<string> {
  const map = (text?: string) => new Map(text === undefined ? [] : [[path, text]]);
  const files = known === undefined ? {} : { [path]: await hashOf(known) };
  const { writes, deletes, kept, conflicts, files: after } = await makePlan(map(wanted), map(present), files);
  const remembered = path in after ? after[path] === await hashOf(wanted ?? "") ? "new" : "old" : "nothing";
  const done = [
    ...[...writes.values()].map((text) => `write ${text}`),
    ...deletes.map(() => "delete"),
    ...kept.map(({ outdated }) => outdated ? "keep, outdated" : "keep"),
    ...conflicts.map(() => "conflict"),
  ];
  return `${done.join("; ") || "nothing"}; remember ${remembered}`;
}

Deno.test("makePlan() writes what is not there, and refuses what is the adopter's", async () => {
  assertEquals(await decide({ wanted: "1" }), "write 1; remember new");
  assertEquals(await decide({ wanted: "1", present: "theirs" }), "conflict; remember nothing");
  // As after a run that was broken off.
  assertEquals(await decide({ wanted: "1", present: "1" }), "nothing; remember new");
});

Deno.test("makePlan() replaces a file that is as it was written, and leaves an edited or deleted one", async () => {
  assertEquals(await decide({ wanted: "2", present: "1", known: "1" }), "write 2; remember new");
  assertEquals(await decide({ wanted: "1", present: "edited", known: "1" }), "keep; remember new");
  assertEquals(await decide({ wanted: "2", present: "edited", known: "1" }), "keep, outdated; remember old");
  assertEquals(await decide({ wanted: "2", known: "1" }), "keep, outdated; remember old");
  assertEquals(await decide({ wanted: "2", present: "2", known: "1" }), "nothing; remember new");
});

Deno.test("makePlan() deletes what the bundle has no more, unless it was edited", async () => {
  assertEquals(await decide({ present: "1", known: "1" }), "delete; remember nothing");
  assertEquals(await decide({ present: "edited", known: "1" }), "keep, outdated; remember nothing");
  assertEquals(await decide({ known: "1" }), "nothing; remember nothing");
});

Deno.test("makePlan() never changes or deletes a migration that was written", async () => {
  const path = MIGRATION;
  assertEquals(await decide({ path, wanted: "1" }), "write 1; remember new");
  assertEquals(await decide({ path, wanted: "2", present: "1", known: "1" }), "keep, outdated; remember old");
  assertEquals(await decide({ path, present: "1", known: "1" }), "nothing; remember old");
});

Deno.test("makePlan() writes the file of own columns once, never changes it, and deletes it only as it was written", async () => {
  const path = OWN_COLUMNS;
  assertEquals(await decide({ path, wanted: "1" }), "write 1; remember new");
  assertEquals(await decide({ path, wanted: "2", present: "1", known: "1" }), "nothing; remember old");
  assertEquals(await decide({ path, wanted: "2", present: "theirs", known: "1" }), "nothing; remember old");
  // It was kept by remove, or written before the first add.
  assertEquals(await decide({ path, wanted: "1", present: "theirs" }), "nothing; remember new");
  // No function would start without it.
  assertEquals(await decide({ path, wanted: "2", known: "1" }), "write 2; remember new");
  assertEquals(await decide({ path, present: "1", known: "1" }), "delete; remember nothing");
  assertEquals(await decide({ path, present: "theirs", known: "1" }), "keep, outdated; remember nothing");
});

Deno.test("makePlan() restores only what it is told to, and what the project lost", async () => {
  const [block, file] = ["supabase/config.toml#clerk-supabase", FILE];
  const wanted = new Map([[block, "1"], [file, "1"]]);
  const known = Object.fromEntries([[block, await hashOf("0")], [file, await hashOf("0")]]);
  const isBlock = (path: string) => path === block;
  for (const present of [new Map(), new Map([[block, "edited"], [file, "edited"]])]) {
    const { writes, restored, kept, files } = await makePlan(wanted, present, known, isBlock);
    assertEquals([[...writes], restored, kept], [[[block, "1"]], [block], [{ path: file, outdated: true }]]);
    assertEquals(files, { [block]: await hashOf("1"), [file]: known[file] });
  }
  const { writes, restored } = await makePlan(wanted, wanted, known, isBlock);
  assertEquals([writes.size, restored], [0, []]);
});

Deno.test("makePlan() restores nothing that the bundle never wrote", async () => {
  const { writes, conflicts } = await makePlan(new Map([[FILE, "1"]]), new Map([[FILE, "theirs"]]), {}, () => true);
  assertEquals([writes.size, conflicts], [0, [FILE]]);
});
