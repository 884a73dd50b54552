/**
 * Starts a private PostgreSQL server from the installed binaries, for tests that need real concurrency or the Supabase
 * CLI. It listens on 127.0.0.1, and keeps its files in a temporary folder that is removed at the end.
 *
 * @module
 */

/** A running server. */
export interface PostgresServer {
  /** The URL of the maintenance database, `postgresql://…`, for a superuser. */
  url: string;
  stop: () => Promise<void>;
}

/** Returns whether `startPostgres` can start a server. */
export async function isPostgresInstalled(): Promise<boolean> {
  return await findBinaries() !== undefined;
}

/**
 * Starts a new server.
 *
 * @param settings Additional settings, such as `{ shared_preload_libraries: "pg_cron" }`.
 * @throws {Error} If PostgreSQL is not installed.
 */
export async function startPostgres(settings: Record<string, string> = {}): Promise<PostgresServer> {
  const bin = await findBinaries();
  if (!bin) throw new Error("PostgreSQL is not installed. Install it, for example by apt-get install postgresql.");
  const user = await unprivilegedUser();
  const folder = await Deno.makeTempDir({ prefix: "postgres-" });
  if (user.uid !== undefined) await Deno.chown(folder, user.uid, user.gid!);
  const port = freePort();
  await run(
    `${bin}/initdb`,
    ["-D", `${folder}/data`, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
    user,
  );
  // The data does not need to survive a power cut.
  const all = { listen_addresses: "127.0.0.1", fsync: "off", max_connections: "200", ...settings };
  const flags = Object.entries(all).map(([name, value]) => `-c ${name}=${value}`);
  const options = [`-p ${port}`, `-k ${folder}`, ...flags].join(" ");
  await run(`${bin}/pg_ctl`, ["-D", `${folder}/data`, "-o", options, "-l", `${folder}/log`, "-w", "start"], user);
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await run(`${bin}/pg_ctl`, ["-D", `${folder}/data`, "-m", "immediate", "-w", "stop"], user);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Finds the binaries. Debian keeps them outside of PATH, in a folder for each version. */
async function findBinaries(): Promise<string | undefined> {
  const candidates = [await output("pg_config", ["--bindir"])];
  for (let version = 20; version >= 15; version--) candidates.push(`/usr/lib/postgresql/${version}/bin`);
  for (const candidate of candidates) {
    if (candidate && await exists(`${candidate}/initdb`)) return candidate;
  }
}

/** Returns another user to run as if this is root, which PostgreSQL refuses. */
async function unprivilegedUser(): Promise<{ uid?: number; gid?: number }> {
  if (Deno.uid() !== 0) return {};
  const [uid, gid] = [await output("id", ["-u", "postgres"]), await output("id", ["-g", "postgres"])];
  if (!uid || !gid) throw new Error("Cannot start PostgreSQL as root: there is no user named postgres");
  return { uid: Number(uid), gid: Number(gid) };
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

async function run(command: string, args: string[], user: { uid?: number; gid?: number }): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, {
    args,
    ...user,
    cwd: "/",
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) throw new Error(`Cannot run ${command}: ${new TextDecoder().decode(stderr).trim()}`);
}

async function output(command: string, args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(command, { args, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
