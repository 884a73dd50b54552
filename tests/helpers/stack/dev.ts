/**
 * Runs `deno task dev` as people do.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { eventually } from "../../../project/eventually.ts";

/** A running `deno task dev`, which leads a process group. */
export interface Dev {
  pid: number;
  output: () => string;
  /** Waits until it has printed a text; fails at once if it ends before that. */
  says: (text: string) => Promise<void>;
  status: Promise<Deno.CommandStatus>;
}

/** Even the busiest machine needs less time for any of its output. */
const HANGS_MS = 5 * 60_000;

/** Arguments that let the system choose two free ports. */
export const FREE_PORTS = ["--port", "0", "--clerk-port", "0"];

/** Starts it in a copy of the project. */
export function start(folder: string, flags: readonly string[], env: Record<string, string> = {}): Dev {
  return startCommand([Deno.execPath(), "task", "dev", ...flags], folder, env);
}

/** Starts a command in a process group of its own. */
export function startCommand(command: readonly string[], folder: string, env: Record<string, string> = {}): Dev {
  const child = new Deno.Command("setsid", {
    args: [...command],
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // deno task passes its caller's INIT_CWD on, and these tests may run in a task too.
    env: { NO_COLOR: "1", INIT_CWD: folder, ...env },
  }).spawn();
  let output = "";
  let printed = Promise.withResolvers<void>();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      output += text;
      printed.resolve();
      printed = Promise.withResolvers();
    }
  };
  let hasEnded = false;
  const status = Promise.all([read(child.stdout), read(child.stderr)]).then(() => child.status).finally(() => {
    hasEnded = true;
    printed.resolve();
  });
  const says = async (text: string) => {
    const deadline = setTimeout(
      () => printed.reject(new Error(`deno task dev did not print ${text} in time:\n${output}`)),
      HANGS_MS,
    );
    try {
      while (!output.includes(text)) {
        assert(!hasEnded, `${command.join(" ")} ended without printing ${text}:\n${output}`);
        await printed.promise;
      }
    } finally {
      clearTimeout(deadline);
    }
  };
  return { pid: child.pid, output: () => output, says, status };
}

/** Waits until the stack reports that it is ready; returns the output. */
export async function ready(dev: Dev): Promise<string> {
  await dev.says("Ready in");
  await dev.says("Ctrl-C stops everything");
  return dev.output();
}

/** Returns the processes of its group that still run. */
export async function processesOf({ pid }: Dev): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-o", "pgid=,args="] }).output();
  const group = new RegExp(`^\\s*${pid}\\s`);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => group.test(line) && !line.includes("defunct"));
}

/** Interrupts the whole group, as Ctrl-C does. */
export async function interrupt(dev: Dev): Promise<void> {
  await new Deno.Command("kill", { args: ["-INT", "--", `-${dev.pid}`] }).output();
  await dev.status;
}

/** Runs the three printed commands as if pasted; returns their output. */
export async function paste(output: string): Promise<string> {
  const commands = output.split("\n").filter((line) => /^ {2}(curl|TOKEN=)/.test(line));
  assertEquals(commands.length, 3, output);
  return await runShell(commands);
}

/**
 * Runs only the printed commands that get a token and read the profile, until they read the row of the created user. On
 * a busy machine, `profile` may return 503 first.
 */
export async function readsProfile(output: string): Promise<void> {
  const commands = output.split("\n").filter((line) => /^ {2}(curl \S+ \S+ \S+\/functions|TOKEN=)/.test(line));
  assertEquals(commands.length, 2, output);
  await eventually(async () =>
    assertMatch(await runShell(commands), /"clerk_user_id":"user_\w+","email":"ada@example.com"/)
  );
}

async function runShell(commands: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", commands.join("\n")] }).output();
  return new TextDecoder().decode(stdout);
}

/** Returns the value that it printed after a label. */
export const valueOf = (output: string, label: string) => new RegExp(`${label} +(\\S+)`).exec(output)![1]!;
