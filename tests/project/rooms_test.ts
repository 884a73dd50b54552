/** The allowed imports between rooms: code that several rooms need is in a room below, and imports have no cycles. */
import { assertEquals } from "@std/assert";
import { type Import, importsIn, reachedFrom, readImports } from "../helpers/project/imports.ts";

const SHARED = "supabase/functions/_clerk-supabase";
const FUNCTIONS = "supabase/functions";

/** The rooms that an operator's command may import from. */
const COMMAND = ["cli", "project", SHARED];

/** The rooms that each room may import from. A path belongs to the room with the longest matching name. */
const ARROWS: Record<string, readonly string[]> = {
  [SHARED]: [],
  [FUNCTIONS]: [SHARED],
  "project": [SHARED],
  "web": [],
  "dev": ["project", SHARED],
  "cli": ["project", SHARED],
  "cli/adopt": COMMAND,
  "cli/deploy": [...COMMAND, "cli/doctor"],
  "cli/doctor": COMMAND,
  "cli/reconcile": [...COMMAND, FUNCTIONS],
  "cli/send": COMMAND,
  "cli/status": [...COMMAND, FUNCTIONS],
  "cli/types": ["cli", "project"],
  "cli/program.ts": [
    ...COMMAND,
    ...["cli/adopt", "cli/deploy", "cli/doctor", "cli/reconcile", "cli/send", "cli/status", "cli/types"],
  ],
  "cli/main.ts": [...COMMAND, "cli/program.ts", "cli/deploy"],
  "bench": ["dev", "project", FUNCTIONS, SHARED],
  "tools": ["dev", "project", SHARED],
};

/** The rooms of the shared code: each may import from those before it. A file at the top level is also a room. */
const ORDER = [
  "formats",
  "errors.ts",
  "log.ts",
  "version.ts",
  "config.ts",
  "http",
  "auth",
  "database",
  "clerk",
  "openapi",
];

const isIn = (path: string, room: string) => path === room || path.startsWith(`${room}/`);

function roomOf(path: string): string | undefined {
  const rooms = ["tests", ...Object.keys(ARROWS)].filter((room) => isIn(path, room));
  return rooms.sort((a, b) => b.length - a.length)[0];
}

/** Returns the arrow of an import between two rooms; undefined within a room, and for tests. */
function arrowOf({ file, target }: Import): { from: string; to: string } | undefined {
  const [from, to] = [roomOf(file), roomOf(target)];
  return from === undefined || to === undefined || from === to || from === "tests" ? undefined : { from, to };
}

function isForbidden(one: Import): boolean {
  const arrow = arrowOf(one);
  return arrow !== undefined && !ARROWS[arrow.from]!.includes(arrow.to);
}

/** Returns whether a file of the shared code imports from a room that is not before its own. */
function isUpward({ file, target }: Import): boolean {
  if (!isIn(file, SHARED) || !isIn(target, SHARED)) return false;
  const [from, to] = [file, target].map((path) => ORDER.indexOf(path.slice(SHARED.length + 1).split("/")[0]!));
  return from === -1 || to === -1 || to! > from!;
}

/** Returns whether a function imports another one. Only `openapi` may, which collects every `openapi.ts`. */
function isBetweenFunctions({ file, target }: Import): boolean {
  if (roomOf(file) !== FUNCTIONS || roomOf(target) !== FUNCTIONS) return false;
  const [own, other] = [file, target].map((path) => path.split("/")[2]);
  if (own === other || other === "clerk_columns.ts") return false;
  return !(file === `${FUNCTIONS}/openapi/functions.ts` && target.endsWith("/openapi.ts"));
}

const imports = await readImports();
const byFile = Map.groupBy(imports, ({ file }) => file);
const describe = ({ file, target }: Import) => `${file} imports ${target}`;

Deno.test("rooms import only from the rooms in the table, and only tests import from tests", () => {
  assertEquals(imports.filter(isForbidden).map(describe), []);
});

Deno.test("every arrow in the table of rooms is used", () => {
  const used = new Set(imports.flatMap((one) => arrowOf(one) ?? []).map(({ from, to }) => `${from} -> ${to}`));
  const named = Object.entries(ARROWS).flatMap(([from, rooms]) => rooms.map((to) => `${from} -> ${to}`));
  assertEquals(named.filter((arrow) => !used.has(arrow)), []);
});

Deno.test("the rooms of the shared code import downwards only", () => {
  assertEquals(imports.filter(isUpward).map(describe), []);
});

Deno.test("no function imports another one, except for its description", () => {
  assertEquals(imports.filter(isBetweenFunctions).map(describe), []);
});

Deno.test("every module of the shared code has more than one user", () => {
  const userOf = (file: string) => isIn(file, FUNCTIONS) ? file.split("/").slice(0, 3).join("/") : roomOf(file)!;
  const users = new Map<string, Set<string>>();
  for (const file of byFile.keys()) {
    if (isIn(file, SHARED) || isIn(file, "tests") || roomOf(file) === undefined) continue;
    for (const target of reachedFrom(file, byFile)) {
      if (isIn(target, SHARED)) users.set(target, (users.get(target) ?? new Set()).add(userOf(file)));
    }
  }
  const modules = [...byFile.keys(), ...imports.map(({ target }) => target)].filter((path) => isIn(path, SHARED));
  const lonely = [...new Set(modules)].filter((path) => (users.get(path)?.size ?? 0) < 2);
  assertEquals(lonely, []);
});

Deno.test("no module imports itself through others", () => {
  assertEquals([...byFile.keys()].filter((file) => reachedFrom(file, byFile).has(file)), []);
});

Deno.test("the rules of the rooms find imports and URLs, and each kind of forbidden arrow", () => {
  const forbidden = (file: string, text: string) => importsIn(file, text).filter(isForbidden).length;
  assertEquals(forbidden("bench/load.ts", 'import { stack } from "../tests/helpers/stack/stack.ts";'), 1);
  assertEquals(forbidden("tools/types.ts", 'new URL("../tests/fixtures/x.json", import.meta.url)'), 1);
  assertEquals(forbidden("cli/target.ts", 'const { startStack } = await import("../dev/stack.ts");'), 1);
  assertEquals(forbidden("dev/stack.ts", 'import type { Target } from "../cli/command_context.ts";'), 1);
  assertEquals(forbidden("cli/adopt/add.ts", 'export * from "../doctor/report.ts";'), 1);
  assertEquals(forbidden("cli/doctor/report.ts", 'import "../adopt/plan.ts";'), 1);
  assertEquals(forbidden("project/root.ts", 'import "../dev/main.ts";'), 1);
  assertEquals(forbidden("tools/types.ts", 'import "../project/root.ts";\nimport "./fast.ts";'), 0);
  assertEquals(forbidden("tests/e2e/x_test.ts", 'import "../../cli/target.ts";\nimport "../helpers/browser.ts";'), 0);
  const upward = (file: string, path: string) => isUpward({ file: `${SHARED}/${file}`, target: `${SHARED}/${path}` });
  assertEquals(upward("database/apply_changes.ts", "clerk/change.ts"), true);
  assertEquals(upward("config.ts", "auth/token.ts"), true);
  assertEquals(upward("unknown/x.ts", "formats/json.ts"), true);
  assertEquals(upward("clerk/change.ts", "database/change.ts"), false);
});
