/**
 * Runs a module that answers requests in its own process, whose cost the operating system reports.
 *
 * @module
 */
import { cpuSeconds, memoryMegabytes, threadsCpuMs } from "../project/process_usage.ts";

/** The module to run. */
export interface Served {
  /** Exports `{ fetch }` as default. */
  entrypoint: URL;
  deno: { executable: string; config: readonly string[] };
  env: Record<string, string>;
}

/** A running process. */
export interface Server {
  url: string;
  /** User and system time so far, in milliseconds; a tick of the kernel is 10 ms. */
  cpuMs: () => Promise<number>;
  /** The same of a process that has just started, whose threads all live, without rounding. */
  startCpuMs: () => Promise<number>;
  /** Resident memory, in megabytes. */
  memoryMegabytes: () => Promise<number>;
  stop: () => Promise<void>;
}

/** Variables that Deno itself needs to find its cache. */
const OWN = ["HOME", "PATH", "DENO_DIR", "XDG_CACHE_HOME"];
/**
 * Starts a process, and waits until it listens.
 *
 * @param served The module.
 * @returns The process.
 */
export async function serve({ entrypoint, deno, env }: Served): Promise<Server> {
  const own = OWN.flatMap((name) => Deno.env.has(name) ? [[name, Deno.env.get(name)!]] : []);
  const script = new URL("serve.ts", import.meta.url);
  const child = new Deno.Command(deno.executable, {
    // Without the code cache: the platform's isolates are not known to have one, and a process that fills it is slower.
    args: ["run", "--quiet", "--no-prompt", "--no-code-cache", ...deno.config, "-A", script.href, entrypoint.href],
    clearEnv: true,
    env: { ...Object.fromEntries(own), ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const port = await firstLine(child.stdout);
  return {
    url: `http://127.0.0.1:${port}`,
    cpuMs: async () => await cpuSeconds(child.pid) * 1000,
    startCpuMs: () => threadsCpuMs(child.pid),
    memoryMegabytes: async () => (await memoryMegabytes(child.pid)).now,
    stop: async () => {
      await child.stdin.close();
      await child.status;
    },
  };
}

/** The rest, such as log lines, is read and thrown away: a full pipe would stop the process. */
async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const [first, rest] = stream.tee();
  rest.pipeTo(new WritableStream()).catch(() => {});
  let text = "";
  for await (const chunk of first.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\n")) return text.split("\n")[0]!;
  }
  throw new Error("Cannot measure: the process ended before it listened");
}
