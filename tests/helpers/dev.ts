/**
 * `deno task dev` as people run it.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";

/** A running `deno task dev`, the leader of a process group. */
export interface Dev {
  pid: number;
  output: () => string;
  status: Promise<Deno.CommandStatus>;
}

/** Starts it in a copy of the project. */
export function start(folder: string, flags: string[], env: Record<string, string> = {}): Dev {
  const child = new Deno.Command("setsid", {
    args: [Deno.execPath(), "task", "dev", ...flags],
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...env },
  }).spawn();
  let output = "";
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  };
  const done = Promise.all([read(child.stdout), read(child.stderr)]);
  return { pid: child.pid, output: () => output, status: done.then(() => child.status) };
}

/** Waits until the stack says that it is ready. */
export async function ready(dev: Dev): Promise<string> {
  const ended = dev.status.then(() => "ended");
  // However long it takes: a stack that cannot start says so, and ends.
  while (!dev.output().includes("Ctrl-C stops")) {
    const waited = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
    if (waited === "ended") break;
  }
  assertStringIncludes(dev.output(), "Ready in");
  return dev.output();
}

/** The processes of its group that are left. */
export async function processesOf({ pid }: Dev): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-o", "pgid=,args="] }).output();
  const group = new RegExp(`^\\s*${pid}\\s`);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => group.test(line) && !line.includes("defunct"));
}

/** What Ctrl-C does: an interrupt to the whole group. */
export async function interrupt(dev: Dev): Promise<void> {
  await new Deno.Command("kill", { args: ["-INT", "--", `-${dev.pid}`] }).output();
  await dev.status;
}

/** Runs what was printed to be pasted. */
export async function paste(output: string): Promise<string> {
  const commands = output.split("\n").filter((line) => /^ {2}(curl|TOKEN=)/.test(line));
  assertEquals(commands.length, 3, output);
  const { stdout } = await new Deno.Command("sh", { args: ["-c", commands.join("\n")] }).output();
  return new TextDecoder().decode(stdout);
}

/** A value of what was printed. */
export const valueOf = (output: string, label: string) => new RegExp(`${label} +(\\S+)`).exec(output)![1]!;
