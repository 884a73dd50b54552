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

/** Returns the CPU time of a process's threads so far, in milliseconds and their parts; threads that ended do not count. */
export async function threadsCpuMs(pid: number): Promise<number> {
  const tasks = `/proc/${pid}/task`;
  let nanoseconds = 0;
  for await (const { name } of Deno.readDir(tasks)) {
    // A thread may end meanwhile.
    const schedule = await Deno.readTextFile(`${tasks}/${name}/schedstat`).catch(() => "0");
    nanoseconds += Number(schedule.split(" ")[0]);
  }
  return nanoseconds / 1e6;
}

/** Megabytes that a process holds now, and the most that it held. */
export async function memoryMegabytes(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readStatus(pid);
  return { now: Number(status.get("VmRSS")) / 1024, peak: Number(status.get("VmHWM")) / 1024 };
}

/** The ports that a process listens on. */
export async function listeningPorts(pid: number): Promise<number[]> {
  return (await socketsOf(pid)).filter(({ state }) => state === LISTENS).map(({ port }) => port);
}

/** Whether a process has a connection from a port, and the other side has not hung up. */
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
    // A file may be closed meanwhile.
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
