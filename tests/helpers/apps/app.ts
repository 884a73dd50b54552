/**
 * The apps in `examples/`, started as their developers start them.
 *
 * @module
 */
import { assert } from "@std/assert";
import { frameworkOf } from "../../../dev/apps/frameworks.ts";
import type { AppSettings } from "../../../dev/apps/frameworks.ts";
import { eventually } from "../../../project/eventually.ts";
import { ROOT } from "../../../project/root.ts";

/** A running app. */
export interface App {
  url: string;
  output: () => string;
  stop: () => Promise<void>;
}

/** How an app is started on a port. */
export type Start = (port: number) => { args: string[]; env?: Record<string, string> };

/** supabase-js expects the global `WebSocket` of Node.js 22; the flag changes nothing there. */
const WEB_SOCKET = "--experimental-websocket";

/** What each example's `npm run dev` starts. Vite and Next.js take the port as a flag, Hono's server as a variable. */
export const EXAMPLES = {
  react: (port) => ({ args: ["node_modules/vite/bin/vite.js", ...at("--host", port)] }),
  nextjs: (port) => ({
    args: [WEB_SOCKET, "node_modules/next/dist/bin/next", "dev", "--hostname", "localhost", "--port", String(port)],
  }),
  hono: (port) => ({
    args: [WEB_SOCKET, "--import", "tsx", "src/index.ts"],
    env: { HOST: "127.0.0.1", PORT: String(port) },
  }),
} satisfies Record<string, Start>;

const at = (host: string, port: number) => [host, "127.0.0.1", "--port", String(port)];

/**
 * Starts an example with the variables that `dev --write-env` writes for it.
 *
 * @param name The folder in `examples/`.
 * @param settings The stack's.
 * @param start The command; the example's own unless given.
 */
export async function startExample(
  name: keyof typeof EXAMPLES,
  settings: AppSettings,
  start: Start = EXAMPLES[name],
): Promise<App> {
  const folder = new URL(`examples/${name}/`, ROOT);
  const framework = frameworkOf(await Deno.readTextFile(new URL("package.json", folder)));
  assert(framework);
  const variables = Object.entries(framework.variables(settings)).filter((entry) => entry[1] !== undefined);
  const port = freePort();
  const { args, env } = start(port);
  return await startServer(port, "node", {
    args,
    cwd: folder,
    env: { ...Object.fromEntries(variables), ...env } as Record<string, string>,
  });
}

/** Starts a program that serves a page on a port, and waits for the page. */
export async function startServer(
  port: number,
  program: string,
  options: Pick<Deno.CommandOptions, "args" | "cwd" | "env">,
): Promise<App> {
  const child = new Deno.Command(program, { ...options, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  let output = "";
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  };
  let hasEnded = false;
  const ended = Promise.all([read(child.stdout), read(child.stderr), child.status]).then(() => hasEnded = true);
  const stop = async () => {
    if (!hasEnded) child.kill("SIGTERM");
    await ended;
  };
  const url = `http://localhost:${port}`;
  try {
    await eventually(async () => {
      assert(!hasEnded, output);
      await (await fetch(url, { redirect: "manual" })).body?.cancel();
    });
  } catch (error) {
    await stop();
    throw new Error(`Cannot start the app: ${output}`, { cause: error });
  }
  return { url, output: () => output, stop };
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}
