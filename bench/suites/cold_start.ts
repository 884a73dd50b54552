/**
 * `deno task bench cold-start`: our functions and what people would pick instead, from spawn to first answer; in the
 * Edge Runtime's Deno, ours from sources and as bundles.
 *
 * @module
 */
import { configArguments } from "../../project/jsr/config.ts";
import { RUNTIME_DENO_VERSION, runtimeDeno } from "../../project/runtime_deno.ts";
import { type Candidate, type Ours, readAlternatives, readOurs } from "../alternatives.ts";
import { type ColdStart, measureColdStarts } from "../starts.ts";
import { atMost, type Table } from "../table.ts";

const KINDS = ["clerk-webhook", "profile"] as const;

/**
 * Runs the suite.
 *
 * @param rounds How many starts of each.
 * @returns The tables.
 */
export async function benchColdStarts(rounds: number): Promise<Table[]> {
  const [ours, alternatives] = [await readOurs(), await readAlternatives()];
  const tables: Table[] = [];
  for (const kind of KINDS) {
    const candidates = [ours.bundle(kind), ours.sources(kind), ...alternatives[kind]];
    tables.push(await compare(`${kind}: cold start over bare Deno, ${rounds} starts`, candidates, rounds));
  }
  for (const kind of KINDS) {
    const candidates = await inRuntimeDeno(ours, kind);
    tables.push(await compare(`${kind}: the same in Deno ${RUNTIME_DENO_VERSION}`, candidates, rounds));
  }
  return tables;
}

async function inRuntimeDeno(ours: Ours, kind: typeof KINDS[number]): Promise<Candidate[]> {
  const executable = await runtimeDeno();
  const config = await configArguments({ executable, version: RUNTIME_DENO_VERSION });
  const [bundle, sources] = [ours.bundle(kind), ours.sources(kind)];
  return [{ ...bundle, deno: { ...bundle.deno, executable } }, { ...sources, deno: { executable, config } }];
}

async function compare(title: string, candidates: Candidate[], rounds: number): Promise<Table> {
  const starts: ColdStart[] = await measureColdStarts(candidates, rounds);
  return {
    title,
    columns: ["ours ÷ this", "target", "what", "ms", "CPU ms"],
    rows: starts.map(({ name, wall, cpu }, index) => {
      const ratio = starts[0]!.wall / wall;
      const most = candidates[index]!.targets?.coldStart;
      return [
        index === 0 ? undefined : ratio.toFixed(2),
        most === undefined ? undefined : atMost(most, ratio),
        name,
        wall.toFixed(0),
        cpu.toFixed(0),
      ];
    }),
  };
}
