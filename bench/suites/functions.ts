/**
 * `deno task bench functions`: requests to our functions and to what people would pick instead, on the same PostgreSQL
 * and Data API.
 *
 * @module
 */
import { openDatabase } from "../../project/database/database.ts";
import { createDataApi } from "../../dev/gateway/data_api.ts";
import { PLAIN_USERS } from "../postgres.ts";
import { type Candidate, readAlternatives, readOurs } from "../alternatives.ts";
import { type Load, type LoadOptions, measureLoad } from "../load.ts";
import { KEYS, type Kind, type Platform, startPlatform } from "../platform.ts";
import { ratio, type Table } from "../table.ts";
import { startPostgres } from "../../project/postgres_server.ts";

/** Requests with each token, where tokens are repeated. */
const REPEATS = 20;

/**
 * Runs the suite.
 *
 * @param options How much load.
 * @returns A table for each function.
 */
export async function benchFunctions(options: LoadOptions): Promise<Table[]> {
  const server = await startPostgres();
  const database = await openDatabase({ url: server.url });
  await database.script(PLAIN_USERS);
  const platform = await startPlatform((jwks) => createDataApi({ database, keys: KEYS, jwks: () => jwks }));
  try {
    const [ours, alternatives] = [await readOurs(), await readAlternatives()];
    const tables: Table[] = [];
    // The webhook first: the profile's callers are its users.
    for (const kind of ["clerk-webhook", "profile"] as const) {
      tables.push(await compare(kind, [ours.bundle(kind), ...alternatives[kind]], platform, options));
    }
    const repeated = { ...options, repeats: REPEATS };
    tables.push(await compare("profile", [ours.bundle("profile"), ...alternatives.profile], platform, repeated));
    return tables;
  } finally {
    await platform.stop();
    await database.close();
    await server.stop();
  }
}

async function compare(kind: Kind, candidates: Candidate[], platform: Platform, options: LoadOptions): Promise<Table> {
  const loads = await measureLoad(candidates, platform, options);
  const [first] = loads;
  const isRepeated = options.repeats !== undefined;
  const how = isRepeated ? `each token ${options.repeats} times` : "warm";
  return {
    title: `${kind}, ${how}: ${options.rounds} rounds of ${options.requests} requests, ${options.connections} at once`,
    columns: ["ours ÷ this, CPU", "what", "CPU ms/request", "requests/s", "p50 ms", "p95", "p99", "memory MB"],
    rows: loads.map((load, index) => [
      index === 0
        ? undefined
        : ratio(first!.cpu / load.cpu, candidates[index]!.targets?.[isRepeated ? "repeated" : "cpu"]),
      ...describe(load),
    ]),
  };
}

function describe({ name, cpu, rate, p50, p95, p99, memory }: Load): string[] {
  const times = [p50, p95, p99].map((time) => time.toFixed(1));
  return [name, cpu.toFixed(3), rate.toFixed(0), ...times, memory.map((size) => size.toFixed(0)).join(" → ")];
}
