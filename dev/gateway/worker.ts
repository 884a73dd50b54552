/**
 * Runs one unmodified function entry point in a process of its own, as the Edge Runtime runs it in an isolate of
 * its own. Tells its port in a line that begins with a word of the gateway's, and ends when its input does, so that
 * none outlives the gateway.
 *
 * @module
 */
import { becomeEdgeWorker } from "../edge_runtime/boot.ts";

const [entrypoint, word, mode] = Deno.args;
if (entrypoint === undefined) throw new TypeError("Cannot run a function: no entry point given");

// What the function does not have, this module still needs.
const { serve, stdin, exit, permissions } = Deno;
const worker = becomeEdgeWorker();
const fetch = await worker.load(entrypoint);
// Only loading it took files.
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
