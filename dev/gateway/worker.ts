/**
 * Runs one unmodified function entry point in a process of its own, as the Edge Runtime runs it in an isolate of
 * its own: either style of entry, `export default { fetch }` or `Deno.serve(handler)`. Tells its port in a line that
 * begins with a word of the gateway's, and ends when its input does, so that none outlives the gateway.
 *
 * @module
 */

type Fetch = (request: Request) => Response | Promise<Response>;

const [entrypoint, word] = Deno.args;
if (entrypoint === undefined) throw new TypeError("Cannot run a function: no entry point given");

const serve = Deno.serve;
let handler: Fetch | undefined;

/** Like the Edge Runtime: the handler counts; port, host and signal do not. */
function capture(...given: Array<unknown>): Partial<Deno.HttpServer> {
  const [first, second] = given;
  const inOptions = typeof first === "object" && first !== null && "handler" in first ? first.handler : undefined;
  handler = [first, second, inOptions].find((value) => typeof value === "function") as Fetch | undefined;
  return { finished: new Promise(() => {}), shutdown: () => Promise.resolve(), ref() {}, unref() {} };
}

Object.defineProperty(Deno, "serve", { value: capture });
const module = await import(entrypoint);
Object.defineProperty(Deno, "serve", { value: serve });

const fetch: Fetch | undefined = handler ?? module.default?.fetch?.bind(module.default);
if (!fetch) throw new TypeError(`Cannot run ${entrypoint}: it neither calls Deno.serve nor exports { fetch }`);

const server = serve({
  hostname: "127.0.0.1",
  port: 0,
  // deno-lint-ignore no-console -- the line that the gateway waits for
  onListen: ({ port }) => console.log(`${word} ${port}`),
}, (request) => fetch(request));

// deno-lint-ignore no-empty
for await (const _ of Deno.stdin.readable) {}
await server.shutdown();
Deno.exit(0);
