/** What the Edge Runtime lacks or forbids, and a newer Deno has, is not named in the functions' source. */
import { assertEquals } from "@std/assert";
import { DOCUMENT } from "../helpers/openapi.ts";
import { filesBelow, ROOT } from "../helpers/project_files.ts";

/** Globals that the Edge Runtime does not have. Others, such as `Deno.serve`, it treats otherwise. */
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
/** All that a function needs of Deno: no port, no signal, no file, no process. */
const OF_DENO = ["env"];

const escape = (text: string) => text.replaceAll(/[.$]/g, "\\$&");
const RULES: RegExp[] = [
  ...ABSENT.map((name) => new RegExp(`(?<![\\w$."'-])${name}(?![\\w$"'-]| +[a-z])`)),
  ...ABSENT.map((name) => new RegExp(`\\bglobalThis\\??\\.${name}\\b`)),
  ...NEWER.map((name) => new RegExp(`${name.startsWith(".") ? "" : "\\b"}${escape(name)}\\s*\\(`)),
  new RegExp(`\\bDeno\\b(?!\\s*\\.\\s*(${OF_DENO.join("|")})\\b)`),
  // Node's names: `global` is absent; `process` has files, signals and an exit.
  /(?<![\w$."'-])(global|process)\s*[.[]/,
  // The Supabase CLI does not see every import that is no statement of its own.
  /\bimport\s*\(/,
  /\bwith\s*\{\s*type\b/,
  /["']node:/,
  /text\/html/,
];

/** What a source names that it must not. */
function faultsOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$|\s\/\/ .*$/gm, "");
  return RULES.flatMap((rule) => rule.exec(code)?.[0] ?? []);
}

Deno.test("the functions name nothing that the Edge Runtime lacks or forbids", async () => {
  const files = await filesBelow("supabase/functions/", ".ts");
  const faults = await Promise.all(
    files.map(async (file) => [file, faultsOf(await Deno.readTextFile(new URL(file, ROOT)))] as const),
  );
  assertEquals(faults.filter(([, found]) => found.length > 0), []);
});

Deno.test("each of the things that the Edge Runtime lacks or forbids is found", () => {
  const planted = [
    ...ABSENT.map((name) => `const x = ${name};`),
    ...ABSENT.map((name) => `new globalThis.${name}()`),
    ...NEWER.map((name) => `${name.startsWith(".") ? "value" : ""}${name}(x)`),
    ...["listen({})", "serve({ port: 1 }, handler)", "addSignalListener('SIGINT', f)", "readFile(x)", "open(x)"]
      .map((call) => `Deno.${call}`),
    ...["new Deno.Command(x)", "Deno.exit(0)", "Deno.inspect(x)", "const { listen } = Deno;", 'Deno["serve"]'],
    ...['await import("./x.ts")', 'import x from "./x.txt" with { type: "text" };', 'import fs from "node:fs";'],
    ...["global.x = 1", 'process.on("SIGTERM", f)'],
    '{ "content-type": "text/html" }',
  ];
  assertEquals(planted.filter((source) => faultsOf(source).length === 0), []);
});

Deno.test("words of messages and comments are no use of a global", () => {
  const innocent = ["/** A Worker. */", "x; // Deno.listen", '"process.env"', '"Cache-Control"', "a global: b"];
  assertEquals(innocent.flatMap(faultsOf), []);
});

Deno.test("the OpenAPI document has no text/html", () => {
  assertEquals(JSON.stringify(DOCUMENT).includes("text/html"), false);
});
