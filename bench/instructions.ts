/**
 * `deno task bench instructions`: the CPU instructions that a change costs in the database, counted and not timed, so that
 * two versions of the SQL can be compared on a busy machine. A single-user backend runs calls under valgrind's cachegrind
 * in two lengths, and the difference is what the calls between them cost. Repeats agree within 1 %.
 *
 * @module
 */
import { readMigrations } from "../project/migrations.ts";
import { connect, makeUserBase, profileOf } from "./users.ts";
import { startPostgres } from "../project/postgres_server.ts";
import type { Table } from "./table.ts";

const USERS = 10_000;
const MIGRATIONS = "supabase/migrations";

/** Calls of one kind: what the n-th holds, how many changes that is, and the two lengths of a run. */
interface Kind {
  name: string;
  changes: (call: number) => unknown[];
  size: number;
  lengths: [short: number, long: number];
}

const KINDS: Kind[] = [
  { name: "a profile", changes: (call) => [profileOf(call * 37 % USERS)], size: 1, lengths: [60, 160] },
  { name: "a new user", changes: (call) => [profileOf(1e9 + call)], size: 1, lengths: [60, 160] },
  { name: "a sign-in", changes: (call) => [signIn(call * 37 % USERS)], size: 1, lengths: [60, 160] },
  {
    name: "a profile of a batch of 500",
    changes: (call) => Array.from({ length: 500 }, (_, index) => fetched((call * 500 + index) * 3 % USERS)),
    size: 500,
    lengths: [2, 4],
  },
];

function fetched(user: number): unknown {
  const { message_id: _, ...rest } = profileOf(user);
  return { ...rest, type: "user.fetched" };
}

function signIn(user: number): unknown {
  const { message_id, user_id, sent_at, event_at } = profileOf(user);
  return { type: "session.created", message_id, user_id, sent_at, event_at, last_sign_in_at: event_at };
}

/**
 * Counts the instructions of the migrations as they are, beside those of a commit.
 *
 * @param before A git commit or tag to compare with; undefined counts the migrations as they are alone.
 * @returns The table.
 * @throws {Error} If PostgreSQL or valgrind is not installed.
 */
export async function benchInstructions(before: string | undefined): Promise<Table[]> {
  const now = await countAll((await readMigrations()).map(({ sql }) => sql));
  const then = before === undefined ? undefined : await countAll(await migrationsOf(before));
  return [{
    title: "Instructions of a change in the database, in thousands",
    columns: ["what", "now", ...then ? [before!, "ratio"] : []],
    rows: KINDS.map(({ name }) => [
      name,
      Math.round(now[name]! / 1_000).toLocaleString("en"),
      ...then ? [Math.round(then[name]! / 1_000).toLocaleString("en"), (now[name]! / then[name]!).toFixed(3)] : [],
    ]),
  }];
}

async function migrationsOf(commit: string): Promise<string[]> {
  const names = await run("git", ["ls-tree", "--name-only", commit, `${MIGRATIONS}/`]);
  const files = names.split("\n").filter((name) => name.endsWith(".sql")).sort();
  return await Promise.all(files.map((file) => run("git", ["show", `${commit}:${file}`])));
}

async function countAll(migrations: readonly string[]): Promise<Record<string, number>> {
  const server = await startPostgres();
  const folder = await Deno.makeTempDir({ prefix: "instructions-" });
  try {
    const { sql } = await makeUserBase(server.url, USERS, migrations);
    await sql.end();
    const admin = connect(server.url);
    const [paths] = await admin`
      select current_setting('data_directory') as data, (select setting from pg_config where name = 'BINDIR') as bin`;
    await admin`checkpoint`;
    await admin.end();
    const counts: Record<string, number> = {};
    for (const { name, changes, size, lengths: [short, long] } of KINDS) {
      const count = (calls: number) => countCalls({ folder, data: paths!.data, bin: paths!.bin, calls, changes });
      counts[name] = (await count(long) - await count(short)) / ((long - short) * size);
    }
    return counts;
  } finally {
    await Deno.remove(folder, { recursive: true });
    await server.stop();
  }
}

interface Run {
  folder: string;
  /** The idle server's data, which is copied: the copy recovers as after a crash, in both lengths alike. */
  data: string;
  bin: string;
  calls: number;
  changes: Kind["changes"];
}

async function countCalls({ folder, data, bin, calls, changes }: Run): Promise<number> {
  const copy = `${folder}/data`;
  await Deno.remove(copy, { recursive: true }).catch(() => {});
  await run("cp", ["-a", data, copy]);
  await Deno.remove(`${copy}/postmaster.pid`);
  const { uid, gid } = await Deno.stat(data);
  if (Deno.uid() === 0) await Deno.chown(folder, uid, gid);
  const lines = Array.from({ length: calls }, (_, call) =>
    // A new line ends a command of a single-user backend.
    `select public.apply_clerk_changes('${JSON.stringify(changes(call)).replaceAll("'", "''")}')\n`);
  const settings = ["fsync=off", "autovacuum=off", "jit=off"].flatMap((setting) => ["-c", setting]);
  const command = new Deno.Command("valgrind", {
    args: [
      ...["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"],
      ...[`${bin}/postgres`, "--single", "-D", copy, ...settings, `users_${USERS}`],
    ],
    ...Deno.uid() === 0 ? { uid: uid!, gid: gid! } : {},
    cwd: "/",
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = spawn(command);
  const writer = child.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(`set role service_role\n${lines.join("")}`)).then(() =>
    writer.close()
  );
  const [{ stdout, stderr }] = await Promise.all([child.output(), written]);
  const said = new TextDecoder().decode(stderr);
  const [, refs] = /I\s+refs:\s+([\d,]+)/.exec(said) ?? [];
  if (!refs || /ERROR|FATAL/.test(said) || /refused|duplicate|stale/.test(new TextDecoder().decode(stdout))) {
    throw new Error(
      `Cannot count instructions: a call failed. ${said.split("\n").find((line) => /ERROR|FATAL/.test(line)) ?? ""}`,
    );
  }
  return Number(refs.replaceAll(",", ""));
}

function spawn(command: Deno.Command): Deno.ChildProcess {
  try {
    return command.spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error("Cannot count instructions without valgrind: install it, for example by apt-get install valgrind");
  }
}

async function run(command: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: new URL("..", import.meta.url),
  }).output();
  if (!success) throw new Error(`Cannot run ${command}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}
