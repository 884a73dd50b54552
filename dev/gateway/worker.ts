/**
 * Runs one unmodified function entry point in its own process, as the Edge Runtime runs it in its own isolate. It
 * prints its port in a line that starts with the gateway's marker, and exits when its standard input closes, so that
 * it never outlives the gateway.
 *
 * @module
 */
import { becomeEdgeWorker } from "../edge_runtime/boot.ts";

const [entrypoint, word, mode] = Deno.args;
if (entrypoint === undefined) throw new TypeError("Cannot run a function: no entry point given");

// The function does not get these APIs, but this module still needs them.
const { serve, stdin, exit, permissions } = Deno;
const worker = becomeEdgeWorker();
const fetch = await worker.load(entrypoint);
// Only loading the entry point needs file access.
if (mode === "sealed") await permissions.revoke({ name: "read" });

const server = serve({
  hostname: "127.0.0.1",
  port: 0,
  // deno-lint-ignore no-console -- the line that the gateway waits for
  onListen: ({ port }) => console.log(`${word} ${port}`),
}, (request) => fetch(request));

// deno-lint-ignore no-empty
for await (const _ of stdin.readable) {}
await server.shutdown();
await worker.settled();
exit(0);
