import { assertEquals } from "@std/assert";
import { hashOf } from "../../../../project/hash.ts";
import { OWN_COLUMNS } from "../../../../project/adopted/contents.ts";
import { makePlan } from "../../../../cli/adopt/plan.ts";

const FILE = "supabase/functions/profile/handler.ts";
const MIGRATION = "supabase/migrations/20261123000100_create_users.sql";

/** Describes the plan for one file: `wanted` by the bundle, `present` in the project, `known` from the last run. */
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

Deno.test("makePlan() writes missing files, and refuses to overwrite the adopter's", async () => {
  assertEquals(await decide({ wanted: "1" }), "write 1; remember new");
  assertEquals(await decide({ wanted: "1", present: "theirs" }), "conflict; remember nothing");
  // As after an interrupted run.
  assertEquals(await decide({ wanted: "1", present: "1" }), "nothing; remember new");
});

Deno.test("makePlan() replaces an unedited file, and keeps an edited or deleted one", async () => {
  assertEquals(await decide({ wanted: "2", present: "1", known: "1" }), "write 2; remember new");
  assertEquals(await decide({ wanted: "1", present: "edited", known: "1" }), "keep; remember new");
  assertEquals(await decide({ wanted: "2", present: "edited", known: "1" }), "keep, outdated; remember old");
  assertEquals(await decide({ wanted: "2", known: "1" }), "keep, outdated; remember old");
  assertEquals(await decide({ wanted: "2", present: "2", known: "1" }), "nothing; remember new");
});

Deno.test("makePlan() deletes a file that the bundle no longer has, unless it was edited", async () => {
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

Deno.test("makePlan() writes the file of own columns once, never changes it, and deletes it only unedited", async () => {
  const path = OWN_COLUMNS;
  assertEquals(await decide({ path, wanted: "1" }), "write 1; remember new");
  assertEquals(await decide({ path, wanted: "2", present: "1", known: "1" }), "nothing; remember old");
  assertEquals(await decide({ path, wanted: "2", present: "theirs", known: "1" }), "nothing; remember old");
  // It was kept by remove, or written before the first add.
  assertEquals(await decide({ path, wanted: "1", present: "theirs" }), "nothing; remember new");
  // Without it, no function would start.
  assertEquals(await decide({ path, wanted: "2", known: "1" }), "write 2; remember new");
  assertEquals(await decide({ path, present: "1", known: "1" }), "delete; remember nothing");
  assertEquals(await decide({ path, present: "theirs", known: "1" }), "keep, outdated; remember nothing");
});

Deno.test("makePlan() restores only the selected files that were edited or deleted", async () => {
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

Deno.test("makePlan() does not restore a file that the bundle never wrote", async () => {
  const { writes, conflicts } = await makePlan(new Map([[FILE, "1"]]), new Map([[FILE, "theirs"]]), {}, () => true);
  assertEquals([writes.size, conflicts], [0, [FILE]]);
});
