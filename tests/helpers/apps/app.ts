/**
 * Apps of Clerk's frameworks, started as their developers start them.
 *
 * @module
 */
import { assert } from "@std/assert";
import { type AppSettings, type Framework, frameworkOf } from "../../../dev/apps/frameworks.ts";
import { ROOT } from "../../../project/root.ts";

/** A running app. */
export interface App {
  url: string;
  output: () => string;
  stop: () => Promise<void>;
}

/** A program that serves an app on a port. */
export interface Program extends Pick<Deno.CommandOptions, "args" | "cwd"> {
  executable: string;
  env?: Record<string, string>;
}

/** supabase-js expects the global `WebSocket` of Node.js 22; the flag changes nothing there. */
const WEB_SOCKET = "--experimental-websocket";

/** What each example's `npm run dev` starts. Vite and Next.js take the port as a flag, Hono's server as a variable. */
const EXAMPLES = {
  react: (port) => ({ args: ["node_modules/vite/bin/vite.js", "--host", "localhost", "--port", `${port}`] }),
  nextjs: (port) => ({
    args: [WEB_SOCKET, "node_modules/next/dist/bin/next", "dev", "--hostname", "localhost", "--port", `${port}`],
    env: { NEXT_TELEMETRY_DISABLED: "1" },
  }),
  hono: (port) => ({ args: [WEB_SOCKET, "--import", "tsx", "src/index.ts"], env: { PORT: `${port}` } }),
} satisfies Record<string, (port: number) => Pick<Program, "args" | "env">>;

/** A busy machine needs less, even for Next.js, which compiles a page when it is first asked for. */
export const PATIENCE_MS = 3 * 60_000;

/** A folder in `examples/`. */
export type Example = keyof typeof EXAMPLES;

/** Starts an example. */
export async function startExample(name: Example, settings: AppSettings): Promise<App> {
  const cwd = new URL(`examples/${name}/`, ROOT);
  const framework = frameworkOf(await Deno.readTextFile(new URL("package.json", cwd)));
  assert(framework);
  return await startApp(framework, settings, (port) => ({ executable: "node", cwd, ...EXAMPLES[name](port) }));
}

/** Builds an example for production, which checks its types too; returns what the build says if it fails. */
export async function buildExample(name: Example): Promise<string> {
  const cwd = new URL(`examples/${name}/`, ROOT);
  const { variables } = frameworkOf(await Deno.readTextFile(new URL("package.json", cwd)))!;
  const settings = { supabaseUrl: "http://127.0.0.1:1", supabaseKey: "sb_publishable_none", secretKey: "sk_test_none" };
  const env = definedOnly(
    variables({ ...settings, publishableKey: "pk_test_MTI3LjAuMC4xOjEk", simulatorUrl: undefined }),
  );
  const { success, stdout, stderr } = await new Deno.Command("npm", {
    args: ["run", "build"],
    cwd,
    env: { ...env, NEXT_TELEMETRY_DISABLED: "1" },
  }).output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return success ? "" : `${out}${error}`;
}

const definedOnly = (variables: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(variables).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]));

/** Starts an app with the variables that `dev --write-env` writes for its framework, and waits for its page. */
export async function startApp(
  framework: Framework,
  settings: AppSettings,
  program: (port: number) => Program,
): Promise<App> {
  const port = freePort();
  const { executable, env, ...options } = program(port);
  const child = new Deno.Command(executable, {
    ...options,
    env: definedOnly({ ...framework.variables(settings), ...env }),
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  return await whenReady(`http://localhost:${port}`, child);
}

async function whenReady(url: string, child: Deno.ChildProcess): Promise<App> {
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
  const deadline = performance.now() + PATIENCE_MS;
  while (!await answers(url)) {
    if (!hasEnded && performance.now() < deadline) continue;
    await stop();
    throw new Error(`Cannot start the app: ${output}`);
  }
  return { url, output: () => output, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url, { redirect: "manual" })).body?.cancel();
    return true;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return false;
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}
