/**
 * The functions' processes: started when first needed or when their source changed, replaced without dropping a
 * request, ended with the stack.
 *
 * @module
 */
import type { FunctionConfig } from "../../project/project.ts";

/** What running functions takes. */
export interface WorkersOptions {
  /** The functions by name. */
  functions: ReadonlyMap<string, FunctionConfig>;
  /** The environment of a function. */
  environment: (name: string) => Promise<Record<string, string>>;
  /** The executable, and what comes before the script: the configuration to resolve imports with. */
  deno: { executable: string; config: readonly string[] };
  /** The configuration of one function, if each has its own. */
  argumentsOf?: ((one: FunctionConfig) => Promise<readonly string[]>) | undefined;
  /** A folder that functions may read, beside those that they are in. */
  project?: URL | undefined;
  /** Whether a function, once it is loaded, may read no file and reach nothing but this machine. */
  sealed?: boolean | undefined;
  /** Takes what a function prints. */
  print: (line: string) => void;
}

/** The functions' processes. */
export interface Workers {
  /** Answers a request by a function's process; 503 where it does not start. */
  fetch: (name: string, request: Request) => Promise<Response>;
  /** Starts every function that does not run, so that the first request does not wait. */
  warm: () => Promise<void>;
  /** Lets new processes take over from the ones that run. */
  replace: () => void;
  /** The process of a function, for a debugger or a test that kills it. */
  pid: (name: string) => Promise<number>;
  stop: () => Promise<void>;
}

/** A function's process. */
interface Worker {
  pid: Promise<number>;
  /** Where it listens; rejects where it ends before it does. */
  port: Promise<number>;
  ended: Promise<unknown>;
  /** Asks it to end when its requests are answered. */
  retire: () => Promise<void>;
}

/** Begins the line in which a process tells its port; whatever else it prints is the function's own. */
const LISTENING = `listening-${crypto.randomUUID()}`;
const WORKER = new URL("worker.ts", import.meta.url);
const ROOT = new URL("../../", import.meta.url);
/** What a retired process may take for its last requests, in milliseconds. */
const GRACE_MS = 2_000;

/**
 * Makes the processes' keeper. Nothing is started yet.
 *
 * @param options Functions, environment, executable.
 * @returns The keeper.
 */
export function createWorkers(options: WorkersOptions): Workers {
  const running = new Map<string, Worker>();

  function workerOf(name: string): Worker {
    const known = running.get(name);
    if (known) return known;
    const started = start(options, name);
    running.set(name, started);
    // One that does not start, or ends, leaves room for the next attempt.
    started.ended.then(() => running.get(name) === started && running.delete(name));
    return started;
  }

  async function proxy(name: string, request: Request): Promise<Response> {
    const port = await workerOf(name).port;
    const { pathname, search } = new URL(request.url);
    return await fetch(`http://127.0.0.1:${port}${pathname}${search}`, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: "manual",
    });
  }

  function retireAll(): Promise<unknown> {
    const retired = [...running.values()];
    running.clear();
    return Promise.all(retired.map((worker) => worker.retire()));
  }

  return {
    fetch: async (name, request) => {
      try {
        return await proxy(name, request);
      } catch {
        return Response.json({ code: "BOOT_ERROR", message: "Function failed to start (its log tells why)" }, {
          status: 503,
        });
      }
    },
    warm: async () => {
      await Promise.allSettled([...options.functions.keys()].map((name) => workerOf(name).port));
    },
    replace: () => void retireAll(),
    pid: (name) => workerOf(name).pid,
    stop: async () => void await retireAll(),
  };
}

function start(options: WorkersOptions, name: string): Worker {
  const spawned = spawn(options, name);
  const port = spawned.then((child) => readOutput(child, name, options.print));
  port.catch(() => {});
  const ended = spawned.then((child) => child.status).catch(() => {});
  const retire = async () => {
    const child = await spawned.catch(() => undefined);
    if (!child) return;
    await child.stdin.close().catch(() => {});
    const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
    await child.status;
    clearTimeout(timer);
  };
  return { pid: spawned.then((child) => child.pid), port, ended, retire };
}

async function spawn(options: WorkersOptions, name: string) {
  const { functions, environment, deno, sealed = false, argumentsOf, project = ROOT } = options;
  const one = functions.get(name)!;
  const { entrypoint } = one;
  // A project may be elsewhere: a function needs its own folder and those beside it.
  const readable = [ROOT, project, ...(entrypoint.protocol === "file:" ? [new URL("../", entrypoint)] : [])];
  const read = `--allow-read=${readable.map(({ pathname }) => decodeURIComponent(pathname)).join(",")}`;
  const net = sealed ? "--allow-net=127.0.0.1,localhost" : "--allow-net";
  const config = await argumentsOf?.(one) ?? deno.config;
  return new Deno.Command(deno.executable, {
    args: [
      ...["run", "--quiet", "--no-prompt", ...config, net, "--allow-env", read],
      ...[WORKER.href, entrypoint.href, LISTENING, ...(sealed ? ["sealed"] : [])],
    ],
    clearEnv: true,
    env: { ...ownVariables(), ...await environment(name) },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Waits for the line that tells the port; everything else is the function's own output. */
async function readOutput(child: Deno.ChildProcess, name: string, print: (line: string) => void): Promise<number> {
  forward(readLines(child.stderr), name, print);
  const output = readLines(child.stdout);
  for (let line = await output.next(); !line.done; line = await output.next()) {
    if (line.value.startsWith(LISTENING)) {
      forward(output, name, print);
      return Number(line.value.slice(LISTENING.length));
    }
    print(`[${name}] ${line.value}`);
  }
  throw new Error(`Cannot run ${name}: it ended before it listened`);
}

async function forward(lines: AsyncIterable<string>, name: string, print: (line: string) => void): Promise<void> {
  for await (const line of lines) print(`[${name}] ${line}`);
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** What Deno itself needs to find its cache. */
function ownVariables(): Record<string, string> {
  const names = ["HOME", "PATH", "DENO_DIR", "XDG_CACHE_HOME", "NPM_CONFIG_REGISTRY"];
  return Object.fromEntries(names.flatMap((name) => Deno.env.has(name) ? [[name, Deno.env.get(name)!]] : []));
}
