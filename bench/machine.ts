/**
 * The machine during a run: its load, and what other processes take of its processors. Figures from a busy machine are
 * printed, and not kept.
 *
 * @module
 */

/** Greatest share of the processors that other processes may use during a run with saved results. */
export const MOST_OTHERS_SHARE = 0.1;

/** A process at some time. Ticks are hundredths of a second, and count the children that it has waited for. */
export interface Process {
  pid: number;
  parent: number;
  name: string;
  ticks: number;
  /** Whether this run started it, although it is nobody's child any more: a daemon such as PostgreSQL. */
  isMarked: boolean;
}

/** The machine at some time. Steal, which the host's other machines take, is busy. */
export interface Snapshot {
  busyTicks: number;
  allTicks: number;
  processes: Process[];
}

/** The machine during a run. */
export interface MachineLoad {
  /** The load average of a minute, at the start and at the end. */
  loadAverages: [start: number, end: number];
  /** Share of all processors used by processes outside of this run, from 0 to 1. */
  othersShare: number;
  /** The other processes that took most, such as `rustc (pid 77)`. */
  busiest: string[];
}

/** Marks this process's children, and theirs, even after they have become daemons. */
const MARK = "BENCH_RUN";
const SAMPLE_MS = 1_000;
/** The other processes that a message names. */
const NAMED = 3;

/**
 * Begins to watch the machine.
 *
 * @returns A function that stops watching and returns the load.
 */
export async function watchMachine(): Promise<() => Promise<MachineLoad>> {
  const mark = markRun();
  const snapshots = [await readSnapshot(mark)];
  const start = Deno.loadavg()[0]!;
  let sampling = Promise.resolve();
  const timer = setInterval(() => {
    sampling = sampling.then(async () => void snapshots.push(await readSnapshot(mark)));
  }, SAMPLE_MS);
  return async () => {
    clearInterval(timer);
    await sampling;
    snapshots.push(await readSnapshot(mark));
    return { loadAverages: [start, Deno.loadavg()[0]!], ...judge(snapshots, Deno.pid) };
  };
}

/** Returns the processor time that all processes of this run have taken so far, in seconds. */
export async function runCpuSeconds(): Promise<number> {
  const { processes } = await readSnapshot(markRun());
  return [...treesOf(processes, Deno.pid).ticks.values()].reduce((sum, ticks) => sum + ticks, 0) / 100;
}

/** Processes that start from now on inherit the mark. */
function markRun(): string {
  const mark = Deno.env.get(MARK) ?? crypto.randomUUID();
  Deno.env.set(MARK, mark);
  return mark;
}

/**
 * Returns the share of other processes.
 *
 * @param snapshots The machine from time to time, at least twice.
 * @param own This process.
 * @returns Their share of all processors, and who took most.
 */
export function judge(snapshots: readonly Snapshot[], own: number): Pick<MachineLoad, "othersShare" | "busiest"> {
  const [first, last] = [snapshots[0]!, snapshots.at(-1)!];
  const trees = snapshots.map(({ processes }) => treesOf(processes, own));
  // A daemon that has ended is missing from the last snapshots; its time until then counts.
  const taken = new Map(trees.flatMap((tree) => [...tree.ticks]));
  const before = trees[0]!.ticks;
  const ours = [...taken].reduce((sum, [root, ticks]) => sum + ticks - (before.get(root) ?? 0), 0);
  const others = Math.max(0, last.busyTicks - first.busyTicks - ours);
  return {
    othersShare: others / (last.allTicks - first.allTicks),
    busiest: findBusiest(first, last, trees.at(-1)!.members),
  };
}

/** The processes of this run, and the ticks of each tree of them by its root. */
function treesOf(processes: readonly Process[], own: number): { members: Set<number>; ticks: Map<number, number> } {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const isRoot = ({ pid, isMarked }: Process) => pid === own || isMarked;
  /** The farthest ancestor that is a root; undefined if there is none. */
  const rootOf = (process: Process): number | undefined => {
    const parent = byPid.get(process.parent);
    return (parent && rootOf(parent)) ?? (isRoot(process) ? process.pid : undefined);
  };
  const members = new Set<number>();
  const ticks = new Map<number, number>();
  for (const process of processes) {
    const root = rootOf(process);
    if (root === undefined) continue;
    members.add(process.pid);
    ticks.set(root, (ticks.get(root) ?? 0) + process.ticks);
  }
  return { members, ticks };
}

function findBusiest(first: Snapshot, last: Snapshot, ours: ReadonlySet<number>): string[] {
  const before = new Map(first.processes.map(({ pid, ticks }) => [pid, ticks]));
  const grown = last.processes
    // The first process has the time of orphans, and cannot be stopped.
    .filter(({ pid }) => pid !== 1 && !ours.has(pid))
    .map(({ pid, name, ticks }) => ({ pid, name, ticks: ticks - (before.get(pid) ?? 0) }))
    .filter(({ ticks }) => ticks > 0)
    .sort((a, b) => b.ticks - a.ticks);
  return grown.slice(0, NAMED).map(({ name, pid }) => `${name} (pid ${pid})`);
}

/**
 * Throws if other processes took too much for results that are kept.
 *
 * @param suite The name of the suite.
 * @param load The machine during it.
 * @throws {Error} The message names the processes to stop.
 */
export function requireIdle(suite: string, { othersShare, busiest }: MachineLoad): void {
  if (othersShare <= MOST_OTHERS_SHARE) return;
  const names = busiest.length === 0 ? "them" : busiest.join(", ");
  throw new Error(
    `Cannot save ${suite}: other processes took ${percent(othersShare)} of the processors during the run ` +
      `(limit ${percent(MOST_OTHERS_SHARE)}). Stop ${names} and run it again.`,
  );
}

/** Writes a share, such as `12 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

async function readSnapshot(mark: string): Promise<Snapshot> {
  const [line] = (await Deno.readTextFile("/proc/stat")).split("\n");
  // user, nice, system, idle, iowait, irq, softirq, steal; the time of guests is included in user.
  const ticks = line!.trim().split(/\s+/).slice(1, 9).map(Number);
  const allTicks = ticks.reduce((sum, one) => sum + one, 0);
  const processes: Process[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const process = /^\d+$/.test(name) ? await readProcess(Number(name), mark) : undefined;
    if (process) processes.push(process);
  }
  return { busyTicks: allTicks - ticks[3]! - ticks[4]!, allTicks, processes };
}

/** Returns undefined for a process that has ended meanwhile. */
async function readProcess(pid: number, mark: string): Promise<Process | undefined> {
  const stat = await readProc(pid, "stat");
  if (stat === undefined) return undefined;
  // The name, in parentheses, may contain spaces.
  const [start, end] = [stat.indexOf("("), stat.lastIndexOf(")")];
  const fields = stat.slice(end + 2).split(" ").map(Number);
  return {
    pid,
    parent: fields[1]!,
    name: stat.slice(start + 1, end),
    ticks: fields[11]! + fields[12]! + fields[13]! + fields[14]!,
    isMarked: (await readProc(pid, "environ"))?.includes(mark) ?? false,
  };
}

async function readProc(pid: number, file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(`/proc/${pid}/${file}`);
  } catch {
    // It has ended, or its environment is another user's.
    return undefined;
  }
}
