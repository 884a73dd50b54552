/**
 * Runs `export default { fetch }` as plainly as Deno can, so that what is measured is the module and not its host.
 * Tells its port in its first line, and ends when its input does.
 *
 * @module
 */

const { default: { fetch } } = await import(Deno.args[0]!);
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  // deno-lint-ignore no-console -- the line that the measurement waits for
  onListen: ({ port }) => console.log(port),
}, (request) => fetch(request));

// deno-lint-ignore no-empty
for await (const _ of Deno.stdin.readable) {}
await server.shutdown();
Deno.exit(0);
