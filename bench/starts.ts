/**
 * Cold start: from the spawn of a process to its first good answer, beside a Deno that serves nothing.
 *
 * @module
 */
import type { Candidate } from "./alternatives.ts";
import { type Platform, startPlatform } from "./platform.ts";
import { serve } from "./served.ts";
import { median } from "./statistics.ts";

/** The cost that a module adds to bare Deno, as medians. */
export interface ColdStart {
  name: string;
  /** Milliseconds from spawn to the end of the first answer, less those of bare Deno. */
  wall: number;
  /** Milliseconds of user and system time, less those of bare Deno. */
  cpu: number;
}

const BARE = new URL("alternatives/bare.ts", import.meta.url);

/**
 * Measures modules in turns, so that other load on the machine affects all of them equally. Versions of Deno run one
 * after the other, because two versions invalidate each other's cache of parsed modules.
 *
 * @param candidates The modules.
 * @param rounds How often.
 * @returns One row for each.
 */
export async function measureColdStarts(candidates: readonly Candidate[], rounds: number): Promise<ColdStart[]> {
  const platform = await startPlatform();
  const rows: ColdStart[] = [];
  for (const group of Map.groupBy(candidates, ({ deno }) => deno.executable).values()) {
    rows.push(...await measureGroup(group, rounds, platform));
  }
  await platform.stop();
  return rows;
}

async function measureGroup(group: readonly Candidate[], rounds: number, platform: Platform): Promise<ColdStart[]> {
  const bare = bareOf(group[0]!);
  const all = [bare, ...group];
  const samples = new Map(all.map((one) => [one, { wall: [] as number[], cpu: [] as number[] }]));
  // The first round fills caches and does not count.
  for (let round = -1; round < rounds; round++) {
    for (const one of all) {
      const { wall, cpu } = await startOnce(one, platform);
      if (round < 0) continue;
      samples.get(one)!.wall.push(wall);
      samples.get(one)!.cpu.push(cpu);
    }
  }
  const of = (one: Candidate, what: "wall" | "cpu") => median(samples.get(one)![what]);
  const over = (one: Candidate, what: "wall" | "cpu") => of(one, what) - of(bare, what);
  return group.map((one) => ({ name: one.name, wall: over(one, "wall"), cpu: over(one, "cpu") }));
}

function bareOf({ deno, request }: Candidate): Candidate {
  return { name: "bare Deno", deno: { ...deno, config: ["--no-config", "--no-lock"] }, request, entrypoint: BARE };
}

async function startOnce(one: Candidate, { env, requests }: Platform): Promise<{ wall: number; cpu: number }> {
  const request = await requests[one.request]();
  const started = performance.now();
  const server = await serve({ ...one, env });
  const response = await fetch(`${server.url}/${one.request}`, request);
  const text = await response.text();
  const wall = performance.now() - started;
  if (response.status !== 200) throw new Error(`Cannot measure ${one.name}: ${response.status} ${text}`);
  const cpu = await server.startCpuMs();
  await server.stop();
  return { wall, cpu };
}
