/**
 * Counts the instructions of SQL under valgrind's cachegrind, in a single-user backend on a copy of a database. A busy
 * machine does not change the counts. It counts two lengths of the same work and uses the difference, so that the start
 * of the backend does not count.
 *
 * @module
 */
import { connect } from "./users.ts";

/** The data of an idle server, copied for each count: the copy recovers as after a crash, in both lengths alike. */
export interface Backend {
  database: string;
  data: string;
  bin: string;
}

/** Work of any length. */
export interface Calls {
  /** Statements that the session begins with. */
  before: readonly string[];
  /** The statements of the n-th call. */
  call: (n: number) => readonly string[];
  lengths: readonly [short: number, long: number];
}

/** Returns whether `countInstructions` can count. */
export async function isValgrindInstalled(): Promise<boolean> {
  try {
    return (await new Deno.Command("valgrind", { args: ["--version"], stdout: "null", stderr: "null" }).output())
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Writes a server's memory to its files, and returns their folder. */
export async function settle(url: string): Promise<Backend> {
  const sql = connect(url);
  const [paths] = await sql`
    select current_setting('data_directory') as data, (select setting from pg_config where name = 'BINDIR') as bin`;
  await sql`checkpoint`;
  await sql.end();
  return { database: new URL(url).pathname.slice(1), data: paths!.data, bin: paths!.bin };
}

/**
 * Counts the instructions of one call.
 *
 * @param backend Where the database is.
 * @param calls The SQL to run.
 * @returns The instructions of a call, on average.
 * @throws {Error} If valgrind is not installed, or a statement fails.
 */
export async function countInstructions(backend: Backend, calls: Calls): Promise<number> {
  const [short, long] = calls.lengths;
  const folder = await Deno.makeTempDir({ prefix: "instructions-" });
  try {
    const count = (length: number) => countRun(backend, `${folder}/data`, statementsOf(calls, length));
    return (await count(long) - await count(short)) / (long - short);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A new line ends a statement of a single-user backend. */
function statementsOf({ before, call }: Calls, length: number): string {
  const calls = Array.from({ length }, (_, n) => call(n)).flat();
  return [...before, ...calls].map((statement) => `${statement.replaceAll("\n", " ")}\n`).join("");
}

async function countRun({ database, data, bin }: Backend, copy: string, statements: string): Promise<number> {
  await Deno.remove(copy, { recursive: true }).catch(() => {});
  await run("cp", ["-a", data, copy]);
  await Deno.remove(`${copy}/postmaster.pid`);
  const { uid, gid } = await Deno.stat(data);
  const user = Deno.uid() === 0 ? { uid: uid!, gid: gid! } : {};
  if (Deno.uid() === 0) await Deno.chown(new URL("..", `file://${copy}/`).pathname, uid, gid);
  const settings = ["fsync=off", "autovacuum=off", "jit=off"].flatMap((setting) => ["-c", setting]);
  const child = spawn([`${bin}/postgres`, "--single", "-D", copy, ...settings, database], user);
  const writer = child.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(statements)).then(() => writer.close());
  const [{ stdout, stderr }] = await Promise.all([child.output(), written]);
  const said = new TextDecoder().decode(stderr);
  const [, refs] = /I\s+refs:\s+([\d,]+)/.exec(said) ?? [];
  const failure = said.split("\n").find((line) => /ERROR|FATAL/.test(line));
  if (failure) throw new Error(`Cannot count instructions: ${failure.trim()}`);
  if (!refs) throw new Error("Cannot count instructions: valgrind reports none");
  // A refused change is cheap and would improve our figures.
  const odd = /refused|duplicate|stale/.exec(new TextDecoder().decode(stdout));
  if (odd) throw new Error(`Cannot count instructions: a change is ${odd[0]}`);
  return Number(refs.replaceAll(",", ""));
}

function spawn(command: string[], user: { uid?: number; gid?: number }): Deno.ChildProcess {
  const tool = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];
  const options = { ...user, cwd: "/", stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  try {
    return new Deno.Command("valgrind", { args: [...tool, ...command], ...options }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error("Cannot count instructions without valgrind: install it, for example by apt-get install valgrind");
  }
}

async function run(command: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(`Cannot run ${command}: ${new TextDecoder().decode(stderr).trim()}`);
}
