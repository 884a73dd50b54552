/** The runtime of the functions: the local stack provides exactly what the Edge Runtime provides. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createToken, createUser } from "../helpers/clerk/clerk.ts";
import { listeningPorts } from "../../project/process_usage.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { eventually, startTestStack, type Variant } from "../helpers/stack/stack.ts";

const test = testsOf("a function ");

/** Creates a function with only this code. */
const code = (source: string, options: Partial<Variant> = {}): Variant => ({
  of: "hello",
  variables: {},
  entrypoint: new URL(`data:application/javascript,${encodeURIComponent(source)}`),
  ...options,
});
/** Creates a function that returns the value of an expression, or the name of the error. */
const valueOf = (expression: string, before = "") =>
  code(`${before}
    export default { fetch: async (request) => {
      try { return Response.json(${expression}) } catch (error) { return Response.json(error.name + ": " + error.message) }
    } }`);

const ABSENT = [
  ...["Deno.inspect", "Deno.noColor", "Deno.openKv", "Deno.cron", "Deno.test", "Deno.bench", "Deno.watchFs"],
  ...["Deno.listenTls", "Deno.listenDatagram", "Deno.dlopen", "Deno.execPath", "Deno.telemetry", "Deno.lint"],
  ...["Worker", "localStorage", "sessionStorage", "BroadcastChannel", "EventSource", "WebSocketStream"],
  ...["CacheStorage", "Cache", "Temporal", "Buffer", "global", "setImmediate", "QuotaExceededError"],
  ...["DisposableStack", "AsyncDisposableStack", "Uint8Array.fromBase64", "Uint8Array.prototype.toHex"],
  ...["RegExp.escape", "Error.isError", "Math.sumPrecise", "Map.prototype.getOrInsert", "Atomics.pause"],
];
const PRESENT = [
  ...["Deno.env", "Deno.serve", "Deno.readTextFile", "Deno.writeFile", "Deno.errors", "Deno.connect", "Deno.pid"],
  ...["EdgeRuntime.waitUntil", "caches", "WebSocket", "crypto.subtle", "FormData", "process", "Promise.try"],
];
const TYPES = (names: string[]) =>
  `{ ${names.map((name) => `"${name}": typeof ${name.replaceAll(".", "?.")}`).join(", ")} }`;

/** Responds to the work in the background while its function is being replaced. */
const replaced = Promise.withResolvers<void>();
const background = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async () => {
  await replaced.promise;
  return new Response();
});

const stack = await startTestStack({
  "absent": valueOf(TYPES(ABSENT)),
  "present": valueOf(TYPES(PRESENT)),
  "spawn": valueOf("await new Deno.Command('true').output()"),
  "rename": valueOf("await Deno.rename('a', 'b')"),
  "exit": valueOf("(Deno.exit(1), Deno.kill(Deno.pid), Deno.addSignalListener('SIGTERM', () => {}), 'goes on')"),
  "blocking": valueOf(
    "Deno.readTextFileSync(file)",
    "const file = Deno.cwd() + '/LICENSE'; Deno.readTextFileSync(file)",
  ),
  "facts": valueOf("[Deno.version.deno, Deno.args, SharedArrayBuffer === ArrayBuffer]"),
  "serve": code("Deno.serve((request, info) => Response.json(info.remoteAddr.hostname))"),
  "serve-port": code("Deno.serve({ port: 1, hostname: 'example.com' }, () => Response.json(1))"),
  "serve-object": code("Deno.serve({ handler: () => Response.json(2), onListen() {} })"),
  "exported": code("export default { fetch: (...given) => Response.json(given.length) }"),
  "neither": code("Deno.env.get('HOME')"),
  "throws": code("export default { fetch: () => { throw new Error('private') } }"),
  "no-response": code("export default { fetch: () => 'text' }"),
  "page": code("export default { fetch: () => new Response('<p>', { headers: { 'content-type': 'text/html' } }) }"),
  "request": valueOf("{ url: request.url, host: request.headers.get('x-forwarded-host') }"),
  "variables": valueOf("Deno.env.get('SUPABASE_URL')"),
  "locked": code("export default { fetch: () => new Response('reached') }", { verifyJwt: true }),
  "background": code(
    `export default { fetch: () => {
    EdgeRuntime.waitUntil(fetch(Deno.env.get("GO")).then((go) => go.text()).then(() => console.log("background done")));
    return new Response(null, { status: 202 });
  } }`,
    { variables: { GO: `http://127.0.0.1:${background.addr.port}` } },
  ),
});

/** Bypasses the check by the OpenAPI document, which does not contain these functions. */
const call = (name: string, init?: RequestInit) => fetch(`${stack.url}/functions/v1/${name}`, init);
const json = async (name: string) => await (await call(name)).json();

test("has no API that the Edge Runtime lacks", async () => {
  assertEquals(await json("absent"), Object.fromEntries(ABSENT.map((name) => [name, "undefined"])));
  for (const [name, type] of Object.entries(await json("present"))) assert(type !== "undefined", name);
});

test("cannot spawn, rename or exit", async () => {
  assertMatch(await json("spawn"), /^PermissionDenied: Spawning/);
  assertMatch(await json("rename"), /^PermissionDenied: Deno.rename is blocklisted/);
  assertEquals(await json("exit"), "goes on");
});

test("can read files synchronously only while its modules load", async () => {
  assertMatch(await json("blocking"), /^PermissionDenied: Deno.readTextFileSync is blocklisted/);
});

test("sees the runtime's version, no arguments and no shared memory", async () => {
  const [version, args, unshared] = await json("facts");
  assertMatch(version, /^supabase-edge-runtime-.* \(compatible with Deno v2\.1\.4\)$/);
  assertEquals([args, unshared], [[], true]);
});

test("may register its handler in either style; port, host and signal are ignored", async () => {
  assertEquals(await json("serve"), "0.0.0.0");
  assertEquals(await Promise.all(["serve-port", "serve-object", "exported"].map(json)), [1, 2, 1]);
  assertEquals((await call("neither")).status, 503);
});

test("that throws returns 500, and one without a response 502", async () => {
  const thrown = await call("throws");
  assertEquals([thrown.status, await thrown.text()], [500, "Internal Server Error"]);
  assertEquals((await call("no-response")).status, 502);
});

test("sees its name first in the path, without the platform's prefix", async () => {
  const { url, host } = await json("request/a/b?c=d");
  assertMatch(url, /^http:\/\/127\.0\.0\.1:\d+\/request\/a\/b\?c=d$/);
  assertEquals(host, "127.0.0.1");
});

test("sees another URL of the project than its callers", async () => {
  const inside = await json("variables");
  assert(inside !== stack.url, inside);
  assertEquals((await fetch(`${inside}/functions/v1/openapi`)).status, 200);
  const answers = await Promise.all(["openapi", "health", "hello", "profile"].map((name) => call(name)));
  for (const answer of answers) {
    const said = JSON.stringify([...answer.headers]) + await answer.text();
    assertEquals(said.includes(new URL(inside).host), false, answer.url);
  }
});

test("with verify_jwt accepts OPTIONS without a token, and no token of Clerk", async () => {
  assertEquals(await (await call("locked", { method: "OPTIONS" })).text(), "reached");
  const token = { authorization: `Bearer ${await createToken(stack, await createUser(stack, "ada@example.com"))}` };
  for (const [headers, fault] of [[{}, "Missing authorization header: "], [token, "Invalid JWT: "]] as const) {
    const answer = await call("locked", { headers });
    assertEquals([answer.status, answer.headers.get("sb-error-code")], [401, "UNAUTHORIZED_JWT"]);
    assertStringIncludes((await answer.json()).message, fault);
  }
});

test("answers HEAD of its own pages as GET, without a body", async () => {
  for (const path of ["/", "/config.json", "/docs", "/web/style.css"]) {
    const [head, get] = await Promise.all(["HEAD", "GET"].map((method) => fetch(`${stack.url}${path}`, { method })));
    assertEquals([head!.status, head!.headers.get("content-type")], [200, get!.headers.get("content-type")], path);
    assertEquals(await head!.text(), "", path);
    await get!.body?.cancel();
  }
});

test("serves no HTML page, and does not receive unknown methods", async () => {
  assertStringIncludes((await call("page")).headers.get("content-type") ?? "", "text/plain");
  const strange = await call("page", { method: "PROPFIND" });
  assertEquals([strange.status, strange.headers.get("sb-error-code")], [405, "METHOD_NOT_ALLOWED"]);
  await strange.body?.cancel();
});

test("finishes work of EdgeRuntime.waitUntil before it is replaced", async () => {
  assertEquals((await call("background")).status, 202);
  const isDone = () => stack.output.some((line) => line.includes("background done"));
  const pid = await stack.workers.pid("background");
  stack.workers.replace();
  await eventually(async () => assertEquals(await listeningPorts(pid), [], "it still takes requests"));
  assert(!isDone());
  replaced.resolve();
  await eventually(() => assert(isDone()));
});

test("stops with the stack", async () => {
  await stack.stop();
  await background.shutdown();
});
