/**
 * Measures several ways of doing the same in turns, so that other load on the machine affects all of them equally.
 *
 * @module
 */
import { median, percentile } from "./statistics.ts";

/** The measurements of one way in one turn. */
export interface Turn {
  /** How many per second. */
  rate: number;
  /** Milliseconds of each call. */
  latencies: number[];
  /** Milliseconds of processor time for each call, if it was counted. */
  cpuMs: number | undefined;
}

/** The measurements of one way over all its turns. */
export interface Measured {
  /** The median rate of its turns. */
  rate: number;
  /** Milliseconds that half of the calls, and all but one in a hundred, took at most. */
  p50: number;
  p99: number;
  /** The median of its turns' milliseconds of processor time for a call; undefined if it was not counted. */
  cpuMs: number | undefined;
}

/** The work to repeat. */
export interface Work {
  /** How many call at the same time. */
  callers: number;
  call: (caller: number) => Promise<unknown>;
  /** Number of units per call. */
  size?: number;
  /** Returns the processor time of the measured process so far, in seconds. The kernel counts in ticks of 10 ms. */
  cpuSeconds?: () => Promise<number>;
}

/** How long to measure. */
export interface Duration {
  /** Seconds for each way, over all its turns. */
  seconds: number;
  turns: number;
}

/**
 * Measures ways in turns.
 *
 * @param ways The ways, by name.
 * @param duration How long.
 * @returns The measurements of each way.
 */
export async function inTurns<Name extends string>(
  ways: Record<Name, Work>,
  { seconds, turns }: Duration,
): Promise<Record<Name, Measured>> {
  const names = Object.keys(ways) as Name[];
  // The first calls prepare statements and plan them.
  for (const name of names) await repeat(ways[name], 0.3);
  const taken = Object.fromEntries(names.map((name) => [name, [] as Turn[]])) as Record<Name, Turn[]>;
  for (let turn = 0; turn < turns; turn++) {
    for (const name of names) taken[name].push(await repeat(ways[name], seconds / turns));
  }
  return Object.fromEntries(names.map((name) => [name, summary(taken[name])])) as Record<Name, Measured>;
}

async function repeat({ callers, call, size = 1, cpuSeconds }: Work, seconds: number): Promise<Turn> {
  const latencies: number[] = [];
  const cpuBefore = await cpuSeconds?.();
  const started = performance.now();
  const end = started + seconds * 1_000;
  await Promise.all(Array.from({ length: callers }, async (_, caller) => {
    for (let from = performance.now(); from < end;) {
      await call(caller);
      const to = performance.now();
      latencies.push(to - from);
      from = to;
    }
  }));
  const rate = latencies.length * size * 1_000 / (performance.now() - started);
  const cpuMs = cpuBefore === undefined ? undefined : (await cpuSeconds!() - cpuBefore) * 1_000 / latencies.length;
  return { rate, latencies, cpuMs };
}

function summary(turns: Turn[]): Measured {
  const latencies = turns.flatMap((turn) => turn.latencies);
  return {
    rate: median(turns.map((turn) => turn.rate)),
    p50: median(latencies),
    p99: percentile(latencies, 0.99),
    cpuMs: turns[0]!.cpuMs === undefined ? undefined : median(turns.map((turn) => turn.cpuMs!)),
  };
}
