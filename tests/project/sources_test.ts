/** Facts that several places repeat agree with their source: outcomes, events, error codes, variables, the version. */
import { assert, assertEquals } from "@std/assert";
import { OUTCOMES } from "../../supabase/functions/clerk-webhook/handler.ts";
import { STORED_EVENTS } from "../../supabase/functions/_clerk-supabase/clerk/event.ts";
import { APPLIED } from "../../supabase/functions/_clerk-supabase/database/apply_changes.ts";
import { ERRORS, isErrorCode } from "../../supabase/functions/_clerk-supabase/errors.ts";
import { VERSION } from "../../supabase/functions/_clerk-supabase/version.ts";
import { describeAttempt, describeEvent } from "../../web/words.js";
import { changeFromEvent, PLAIN } from "../helpers/clerk/mapping.ts";
import { DOCUMENT } from "../helpers/stack/openapi.ts";
import { ROOT } from "../../project/root.ts";
import { filesBelow } from "../../project/repository_files.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const events = await read("docs/webhook-events.md");
const PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...await filesBelow("docs/", ".md")];

/** Returns the names in the first column of a table of docs/webhook-events.md. */
function firstColumn(heading: string): string[] {
  const [, rows] = new RegExp(`^\\| ${heading} .*\\n\\| -.*\\n((?:\\|.*\\n)+)`, "m").exec(events) ?? [];
  assert(rows, `docs/webhook-events.md has no table of ${heading}`);
  const cells = rows.split("\n").map((row) => row.split("|")[1] ?? "");
  return cells.flatMap((cell) => [...cell.matchAll(/`([\w.]+)`/g)].map(([, name]) => name!));
}

const migrations = (await Promise.all((await filesBelow("supabase/migrations/", ".sql")).map(read))).join("\n");

/** Returns the words of an SQL list after a text: `'created', 'updated'`. */
function sqlWords(before: string): string[] {
  const [, rest = ""] = migrations.split(before);
  const words = [...(/^\s*\(([^)]*)\)/.exec(rest)?.[1] ?? "").matchAll(/'([\w.]+)'/g)].map(([, word]) => word!);
  assert(words.length > 0, `no migration has a list after ${before}`);
  return words;
}

Deno.test("the documentation, the OpenAPI document, the demo page and the database have the outcomes of the webhook", () => {
  assertEquals(firstColumn("outcome"), [...OUTCOMES]);
  const { properties } = DOCUMENT.components.schemas.WebhookOutcome as { properties: { outcome: { enum: unknown } } };
  assertEquals(properties.outcome.enum, [...OUTCOMES]);
  for (const outcome of OUTCOMES) assert(describeAttempt({ status: 200, outcome }).meaning !== "", outcome);
  assertEquals(sqlWords("create type clerk.outcome as enum"), [
    ...APPLIED.filter((outcome) => outcome !== "duplicate"),
    "refused",
  ]);
});

Deno.test("the documentation, the demo page, the mapping and the database have the stored events", () => {
  const ofUsers = STORED_EVENTS.filter((type) => !type.startsWith("organization"));
  assertEquals(sqlWords("change.type not in").toSorted(), [...ofUsers, "user.fetched"].sort());
  assertEquals(firstColumn("event"), [...STORED_EVENTS]);
  const unknown = describeEvent("user.unknown");
  for (const type of STORED_EVENTS) {
    const event = { type, data: { id: "x" }, timestamp: undefined, instanceId: undefined };
    assertEquals(changeFromEvent(event, { messageId: "msg_1", sentAt: 0 }, PLAIN)?.type, type);
    assert(describeEvent(type) !== unknown, type);
  }
});

/** Returns the variables that config.ts reads, and those in the sources of commands and tools. */
async function variables(): Promise<Set<string>> {
  const functions = await read("supabase/functions/_clerk-supabase/config.ts");
  const commands = await Promise.all(
    ["cli/", "dev/", "project/", "tools/"].map(async (folder) =>
      await Promise.all((await filesBelow(folder, ".ts")).map(read))
    ),
  );
  const named = (source: string, pattern: RegExp) => [...source.matchAll(pattern)].map(([name]) => name);
  return new Set([
    ...named(functions, /\b[A-Z]+(_[A-Z]+)+\b/g),
    ...named(await read("dev/apps/frameworks.ts"), /\b[A-Z]+(_[A-Z]+)+\b/g),
    // Otherwise only the functions read variables for Clerk and CORS.
    ...commands.flat().flatMap((source) => named(source, /\b(?!CLERK|CORS)[A-Z]+(_[A-Z]+)+\b/g)),
  ]);
}

/** Codes in the ledger that are not errors. */
async function ledgerCodes(): Promise<Set<string>> {
  const files = await filesBelow("supabase/migrations/", ".sql");
  const sql = (await Promise.all(files.map(read))).join("\n");
  return new Set([...sql.matchAll(/'([A-Z]+(?:_[A-Z]+)+)'/g)].map(([, code]) => code!));
}

Deno.test("the documentation names only existing error codes and variables", async () => {
  const known = (await variables()).union(await ledgerCodes());
  const named = await Promise.all(
    PAGES.map(async (page) =>
      [...(await read(page)).matchAll(/`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`/g)].map(([, name]) => `${page}: ${name}`)
    ),
  );
  assert(named.flat().length > 100);
  const stale = named.flat().filter((line) => {
    const name = line.split(": ")[1]!;
    return !isErrorCode(name) && !known.has(name);
  });
  assertEquals(stale, []);
});

Deno.test("the documentation gives each error code its status", async () => {
  const pairs = await Promise.all(
    PAGES.map(async (page) =>
      [...(await read(page)).matchAll(/\b([45]\d{2}) `([A-Z_]+)`/g)].map(([, status, code]) => ({ page, status, code }))
    ),
  );
  assert(pairs.flat().length > 5);
  for (const { page, status, code } of pairs.flat()) {
    assertEquals(ERRORS[code as keyof typeof ERRORS]?.[0], Number(status), `${page}: ${status} ${code}`);
  }
});

Deno.test("CHANGELOG.md, the OpenAPI document and the npm package have the version of _clerk-supabase/version.ts", async () => {
  const [, newest] = /^## \[(\d.*)\] - \d{4}-\d{2}-\d{2}$/m.exec(await read("CHANGELOG.md")) ?? [];
  const { version } = JSON.parse(await read("bin/npm-package.json"));
  assertEquals([newest, DOCUMENT.info.version, version], [VERSION, VERSION, VERSION]);
});

Deno.test("the migration that removes the bundle names everything that is in the schema clerk", async () => {
  const removal = await read("cli/adopt/remove.sql");
  const made = migrations.matchAll(/^create (?:function|table|type) clerk\.(\w+)/gm);
  const names = [...new Set([...made].map(([, name]) => name!))].sort();
  assert(names.length > 10);
  const searched = /\\mclerk.*\((\w[^)]*)\)\\M'/s.exec(removal)?.[1]?.split(/[^\w]+/);
  assertEquals(searched?.filter((name) => name !== "").toSorted(), names);
  const dropped = (name: string) => removal.includes(`'${name}'`) || removal.includes(`if exists clerk.${name};`);
  assertEquals(names.filter((name) => !dropped(name)), []);
});
