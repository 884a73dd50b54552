/**
 * A module that answers requests, in a process of its own whose cost the operating system tells.
 *
 * @module
 */

/** What to run. */
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
  cpu: () => Promise<number>;
  /** Resident memory, in bytes. */
  memory: () => Promise<number>;
  stop: () => Promise<void>;
}

/** What Deno itself needs to find its cache. */
const OWN = ["HOME", "PATH", "DENO_DIR", "XDG_CACHE_HOME"];
/** Ticks of `/proc/<pid>/stat` in a second: the same on every Linux of today. */
const TICKS = 100;

/**
 * Starts a process, and waits until it listens.
 *
 * @param served What to run.
 * @returns The process.
 */
export async function serve({ entrypoint, deno, env }: Served): Promise<Server> {
  const own = OWN.flatMap((name) => Deno.env.has(name) ? [[name, Deno.env.get(name)!]] : []);
  const script = new URL("serve.ts", import.meta.url);
  const child = new Deno.Command(deno.executable, {
    args: ["run", "--quiet", "--no-prompt", ...deno.config, "-A", script.href, entrypoint.href],
    clearEnv: true,
    env: { ...Object.fromEntries(own), ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const port = await firstLine(child.stdout);
  return {
    url: `http://127.0.0.1:${port}`,
    cpu: () => readCpu(child.pid),
    memory: () => readMemory(child.pid),
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

async function readCpu(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name may hold spaces and parentheses; the 12th and 13th field behind it are user and system time.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1000 / TICKS;
}

async function readMemory(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
