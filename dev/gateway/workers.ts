/**
 * Manages the functions' processes: starts them on first use or after a source change, replaces them without
 * dropping a request, and stops them with the stack.
 *
 * @module
 */
import { ProjectError } from "../../project/errors.ts";
import type { FunctionConfig } from "../../project/project.ts";

/** Options of the functions' processes. */
export interface WorkersOptions {
  /** The functions by name. */
  functions: ReadonlyMap<string, FunctionConfig>;
  /** The environment of a function. */
  environment: (name: string) => Promise<Record<string, string>>;
  /** The executable and the arguments before the script: the configuration that resolves imports. */
  deno: { executable: string; config: readonly string[] };
  /** The configuration of one function, if each has its own. */
  argumentsOf?: ((one: FunctionConfig) => Promise<readonly string[]>) | undefined;
  /** A folder that functions may read in addition to their own. */
  project?: URL | undefined;
  /** Whether a loaded function may not read files and may reach only this machine. */
  sealed?: boolean | undefined;
  /** Whether their output may contain color codes, as on a terminal; false unless given. */
  hasColors?: boolean | undefined;
  /** Called with each line that a function prints. */
  print: (line: string) => void;
}

/** The functions' processes. */
export interface Workers {
  /** Forwards a request to the function's process; answers 503 if the process does not start. */
  fetch: (name: string, request: Request) => Promise<Response>;
  /** Starts every stopped function, so that the first request does not wait. */
  warm: () => Promise<void>;
  /** Replaces the running processes with new ones. */
  replace: () => void;
  /** The process id of a function, for a debugger or for a test that kills it. */
  pid: (name: string) => Promise<number>;
  stop: () => Promise<void>;
}

/** A function's process. */
interface Worker {
  pid: Promise<number>;
  /** The address it listens on; rejects if the process ends first. */
  port: Promise<number>;
  ended: Promise<unknown>;
  /** Asks the process to end after it has answered its requests. */
  retire: () => Promise<void>;
}

/** Prefix of the line in which a process reports its port. All other output belongs to the function. */
const LISTENING = `listening-${crypto.randomUUID()}`;
const WORKER = new URL("worker.ts", import.meta.url);
const ROOT = new URL("../../", import.meta.url);
/** Milliseconds that a retired process has for its last requests. */
const GRACE_MS = 2_000;

/**
 * Creates the manager of the processes without starting any.
 *
 * @param options Functions, environment and executable.
 * @returns The manager.
 */
export function createWorkers(options: WorkersOptions): Workers {
  const running = new Map<string, Worker>();

  function workerOf(name: string): Worker {
    const known = running.get(name);
    if (known) return known;
    const started = start(options, name);
    running.set(name, started);
    // A process that fails to start, or ends, is removed so that the next request starts another.
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
      } catch (error) {
        const why = error instanceof ProjectError ? `: ${error.message}` : " (see its log)";
        return Response.json({ code: "BOOT_ERROR", message: `Function failed to start${why}` }, { status: 503 });
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
  // Faults of a function's files concern this function only: no rejection may go unhandled and end the stack.
  spawned.catch((error) => options.print(`[${name}] ${error instanceof Error ? error.message : error}`));
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
  const pid = spawned.then((child) => child.pid);
  pid.catch(() => {});
  return { pid, port, ended, retire };
}

async function spawn(options: WorkersOptions, name: string) {
  const { functions, environment, deno, sealed = false, hasColors = false, argumentsOf, project = ROOT } = options;
  const one = functions.get(name)!;
  const { entrypoint } = one;
  if (one.fault !== undefined) throw new ProjectError(one.fault);
  // The project may be in another folder: a function needs its own folder and its siblings.
  const readable = [ROOT, project, ...(entrypoint.protocol === "file:" ? [new URL("../", entrypoint)] : [])];
  const read = allowRead(readable.map(({ pathname }) => decodeURIComponent(pathname)));
  const net = sealed ? "--allow-net=127.0.0.1,localhost" : "--allow-net";
  const config = await argumentsOf?.(one) ?? deno.config;
  return new Deno.Command(deno.executable, {
    args: [
      ...["run", "--quiet", "--no-prompt", ...config, net, "--allow-env", read],
      ...[WORKER.href, entrypoint.href, LISTENING, ...(sealed ? ["sealed"] : [])],
    ],
    clearEnv: true,
    env: { ...ownVariables(), ...(hasColors ? {} : { NO_COLOR: "1" }), ...await environment(name) },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Returns the permission to read these folders. Deno splits its value at each comma, and has no way to quote one. */
function allowRead(paths: readonly string[]): string {
  const split = paths.find((path) => path.includes(","));
  if (split === undefined) return `--allow-read=${paths.join(",")}`;
  throw new ProjectError(`Cannot run a function in ${split}: Deno's permissions accept no path with a comma`);
}

/** Waits for the line with the port. All other lines are the function's own output. */
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

/** Variables that Deno needs to find its cache. */
function ownVariables(): Record<string, string> {
  const names = ["HOME", "PATH", "DENO_DIR", "XDG_CACHE_HOME", "NPM_CONFIG_REGISTRY"];
  return Object.fromEntries(names.flatMap((name) => Deno.env.has(name) ? [[name, Deno.env.get(name)!]] : []));
}
