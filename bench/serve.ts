/**
 * Runs `export default { fetch }` in the simplest way, so that the module is measured and not its host. Prints its port
 * in the first line, and exits at the end of its input.
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
