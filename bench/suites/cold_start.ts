/**
 * `deno task bench cold-start`: our functions and common alternatives, from spawn to the first response, in this
 * Deno and in the Edge Runtime's; ours as bundles and from sources.
 *
 * @module
 */
import { configArguments } from "../../project/jsr/config.ts";
import { RUNTIME_DENO_VERSION, runtimeDeno } from "../../project/runtime_deno.ts";
import { type Candidate, type Ours, readAlternatives, readOurs } from "../alternatives.ts";
import { type ColdStart, measureColdStarts } from "../starts.ts";
import { besideTarget, type Table } from "../table.ts";

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
    const [bundle, sources] = [ours.bundle(kind), ours.sources(kind)];
    const title = `${kind}: cold start over bare Deno, ${rounds} starts`;
    tables.push(await compare(title, [bundle, sources, ...alternatives[kind]], rounds));
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
  const alternatives = await readAlternatives({ executable, config });
  return [
    { ...bundle, deno: { ...bundle.deno, executable } },
    { ...sources, deno: { executable, config } },
    ...alternatives[kind],
  ];
}

async function compare(title: string, candidates: Candidate[], rounds: number): Promise<Table> {
  const starts: ColdStart[] = await measureColdStarts(candidates, rounds);
  const [bundle, sources] = starts as [ColdStart, ColdStart];
  return {
    title,
    columns: ["bundle ÷ this, CPU", "target", "sources ÷ this, CPU", "target", "what", "ms", "CPU ms"],
    rows: starts.map(({ name, wall, cpu }, index) => {
      const { targets } = candidates[index]!;
      const compared = [[bundle.cpu / cpu, targets?.bundle], [sources.cpu / cpu, targets?.sources]] as const;
      return [
        ...compared.flatMap(([ratio, most]) => index < 2 ? [undefined, undefined] : besideTarget(ratio, most)),
        name,
        wall.toFixed(0),
        cpu.toFixed(0),
      ];
    }),
  };
}
