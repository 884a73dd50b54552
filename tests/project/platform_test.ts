/** The functions use nothing that the Edge Runtime lacks or forbids, or that only a newer Deno has. */
import { assertEquals } from "@std/assert";
import { ROOT } from "../../project/root.ts";
import { filesBelow } from "../../project/repository_files.ts";

/** Globals that the Edge Runtime does not have. Others, such as `Deno.serve`, exist but behave differently. */
const ABSENT = [
  ...["Temporal", "Buffer", "setImmediate", "clearImmediate"],
  ...["Worker", "SharedWorker", "BroadcastChannel", "EventSource", "WebSocketStream", "Cache", "CacheStorage"],
  ...["localStorage", "sessionStorage", "DisposableStack", "AsyncDisposableStack", "QuotaExceededError"],
];
/** Methods that are newer than its Deno. */
const NEWER = [
  ...["RegExp.escape", "Error.isError", "Math.sumPrecise", "Iterator.concat", "Uint8Array.fromBase64"],
  ...["Uint8Array.fromHex", ".toBase64", ".toHex", ".setFromBase64", ".setFromHex", ".getOrInsert"],
  ...[".getOrInsertComputed"],
];
/** The only member of `Deno` that functions use: no port, no signal, no file, no process. */
const OF_DENO = ["env"];

const escape = (text: string) => text.replaceAll(/[.$]/g, "\\$&");
const RULES: RegExp[] = [
  ...ABSENT.map((name) => new RegExp(`(?<![\\w$."'-])${name}(?![\\w$"'-]| +[a-z])`)),
  ...ABSENT.map((name) => new RegExp(`\\bglobalThis\\??\\.${name}\\b`)),
  ...NEWER.map((name) => new RegExp(`${name.startsWith(".") ? "" : "\\b"}${escape(name)}\\s*\\(`)),
  new RegExp(`\\bDeno\\b(?!\\s*\\.\\s*(${OF_DENO.join("|")})\\b)`),
  // Node's names: `global` is absent; `process` has files, signals and an exit.
  /(?<![\w$."'-])(global|process)\s*[.[]/,
  // The Supabase CLI does not find every dynamic import.
  /\bimport\s*\(/,
  /\bwith\s*\{\s*type\b/,
  /["']node:/,
  /text\/html/,
];

/** Returns the forbidden names in a source, except in comments. */
function faultsOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$|\s\/\/ .*$/gm, "");
  return RULES.flatMap((rule) => rule.exec(code)?.[0] ?? []);
}

Deno.test("the functions use nothing that the Edge Runtime lacks or forbids", async () => {
  const files = await filesBelow("supabase/functions/", ".ts");
  const faults = await Promise.all(
    files.map(async (file) => [file, faultsOf(await Deno.readTextFile(new URL(file, ROOT)))] as const),
  );
  assertEquals(faults.filter(([, found]) => found.length > 0), []);
});

Deno.test("the check of the functions finds each name that the Edge Runtime lacks or forbids, except in comments", () => {
  const planted = [
    ...ABSENT.flatMap((name) => [`const x = ${name};`, `new globalThis.${name}()`]),
    ...NEWER.map((name) => `${name.startsWith(".") ? "value" : ""}${name}(x)`),
    ...["Deno.listen({})", "new Deno.Command(x)", "const { listen } = Deno;", 'Deno["serve"]'],
    ...['await import("./x.ts")', 'import x from "./x.txt" with { type: "text" };', 'import fs from "node:fs";'],
    ...["global.x = 1", 'process.on("SIGTERM", f)', '{ "content-type": "text/html" }'],
  ];
  assertEquals(planted.filter((source) => faultsOf(source).length === 0), []);
  assertEquals(["/** A Worker. */", "x; // Deno.listen", '"Cache-Control"'].flatMap(faultsOf), []);
});
