/**
 * The CPU time, memory and sockets of a process, as Linux reports them.
 *
 * @module
 */

/** Returns the CPU time that a process has used so far, in seconds. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name, in parentheses, may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Returns the CPU time of a process's running threads so far, in milliseconds with fractions. */
export async function threadsCpuMs(pid: number): Promise<number> {
  const tasks = `/proc/${pid}/task`;
  let nanoseconds = 0;
  for await (const { name } of Deno.readDir(tasks)) {
    // The thread may have ended meanwhile.
    const schedule = await Deno.readTextFile(`${tasks}/${name}/schedstat`).catch(() => "0");
    nanoseconds += Number(schedule.split(" ")[0]);
  }
  return nanoseconds / 1e6;
}

/** Returns the current and the peak memory of a process in megabytes. */
export async function memoryMegabytes(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readStatus(pid);
  return { now: Number(status.get("VmRSS")) / 1024, peak: Number(status.get("VmHWM")) / 1024 };
}

/** Returns the ports that a process listens on. */
export async function listeningPorts(pid: number): Promise<number[]> {
  return (await socketsOf(pid)).filter(({ state }) => state === LISTENS).map(({ port }) => port);
}

/** Returns whether a process has a connection from a port that the other side has not closed. */
export async function hasCaller(pid: number, port: number): Promise<boolean> {
  return (await socketsOf(pid)).some(({ state, peerPort }) => peerPort === port && state === ESTABLISHED);
}

interface Socket {
  state: string;
  port: number;
  /** The other side's port; 0 if it listens. */
  peerPort: number;
}

async function socketsOf(pid: number): Promise<Socket[]> {
  const own = new Set<string>();
  for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
    // The file may have been closed meanwhile.
    own.add(await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => ""));
  }
  const tables = await Promise.all(["tcp", "tcp6"].map((name) => Deno.readTextFile(`/proc/${pid}/net/${name}`)));
  const sockets = tables.flatMap((table) => table.trim().split("\n").slice(1)).map((line) => line.trim().split(/\s+/));
  const portOf = (address = "") => parseInt(address.split(":")[1]!, 16);
  return sockets
    .filter(([, , , , , , , , , inode]) => own.has(`socket:[${inode}]`))
    .map(([, address, peer, state = ""]) => ({ state, port: portOf(address), peerPort: portOf(peer) }));
}

const ESTABLISHED = "01";
const LISTENS = "0A";

async function readStatus(pid: number): Promise<Map<string, string>> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return new Map([...status.matchAll(/^(\w+):\s+(\w+)/gm)].map(([, name, value]) => [name!, value!]));
}
