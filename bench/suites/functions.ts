/**
 * `deno task bench functions`: requests to our functions and to common alternatives, on the same PostgreSQL
 * and Data API.
 *
 * @module
 */
import { openDatabase } from "../../project/database/database.ts";
import { createDataApi } from "../../dev/gateway/data_api.ts";
import { PLAIN_USERS } from "../postgres.ts";
import { type Candidate, readAlternatives, readOurs } from "../alternatives.ts";
import { type Load, type LoadOptions, measureLoad } from "../load.ts";
import { KEYS, type Platform, startPlatform } from "../platform.ts";
import { besideTarget, type Table } from "../table.ts";
import { startPostgres } from "../../project/postgres_server.ts";

/** Requests per token in the measurement of repeated tokens. */
const REPEATS = 20;

/**
 * Runs the suite: with a database, and with a Data API that answers at once, which leaves the function's own cost.
 *
 * @param options How much load.
 * @returns A table for each function and each Data API.
 */
export async function benchFunctions(options: LoadOptions): Promise<Table[]> {
  const server = await startPostgres();
  const database = await openDatabase({ url: server.url });
  await database.script(PLAIN_USERS);
  const real = await startPlatform((jwks) => createDataApi({ database, keys: KEYS, jwks: () => jwks }));
  const instant = await startPlatform();
  try {
    return [
      ...await comparePlatform(real, "", options),
      ...await comparePlatform(instant, ", a Data API that answers at once", options),
    ];
  } finally {
    await Promise.all([real.stop(), instant.stop()]);
    await database.close();
    await server.stop();
  }
}

async function comparePlatform(platform: Platform, dataApi: string, options: LoadOptions): Promise<Table[]> {
  const [ours, alternatives] = [await readOurs(), await readAlternatives()];
  const tables: Table[] = [];
  // The webhook first: the profile's callers are its users.
  for (const kind of ["clerk-webhook", "profile"] as const) {
    const candidates = [ours.bundle(kind), ...alternatives[kind]];
    tables.push(await compare(`${kind}${dataApi}`, candidates, platform, options));
  }
  const candidates = [ours.bundle("profile"), ...alternatives.profile];
  tables.push(await compare(`profile${dataApi}`, candidates, platform, { ...options, repeats: REPEATS }));
  return tables;
}

async function compare(
  title: string,
  candidates: Candidate[],
  platform: Platform,
  options: LoadOptions,
): Promise<Table> {
  const loads = await measureLoad(candidates, platform, options);
  const [first] = loads;
  const isRepeated = options.repeats !== undefined;
  const how = isRepeated ? `each token ${options.repeats} times` : "warm";
  return {
    title: `${title}, ${how}: ${options.rounds} rounds of ${options.requests} requests, ${options.connections} at once`,
    columns: [
      ...["ours ÷ this, CPU", "target", "what", "CPU ms/request", "requests/s", "p50 ms", "p95", "p99"],
      "memory MB",
    ],
    rows: loads.map((load, index) => {
      const most = candidates[index]!.targets?.[isRepeated ? "repeated" : "cpu"];
      return [
        ...index === 0 ? [undefined, undefined] : besideTarget(first!.cpu / load.cpu, most),
        ...describe(load),
      ];
    }),
  };
}

function describe({ name, cpu, rate, p50, p95, p99, memory }: Load): string[] {
  const times = [p50, p95, p99].map((time) => time.toFixed(1));
  return [name, cpu.toFixed(3), rate.toFixed(0), ...times, memory.map((size) => size.toFixed(0)).join(" → ")];
}
