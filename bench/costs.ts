/**
 * Counts costs that do not depend on the machine: requests per request, statements per change, the modules and packages
 * that a function loads, and the size of its bundle. A test compares them with `expected.json`.
 *
 * @module
 */
import postgres from "postgres";
import { openDatabase } from "../project/database/database.ts";
import { configArguments } from "../project/jsr/config.ts";
import { type Ours, readOurs } from "./alternatives.ts";
import { type Kind, startPlatform } from "./platform.ts";
import { serve } from "./served.ts";
import { startPostgres } from "../project/postgres_server.ts";

/** The costs of a function on any machine. */
export interface FunctionCosts {
  /** Requests to Clerk and the Data API for the first request, and for each one after it. */
  roundTrips: [first: number, later: number];
  /** Modules of its sources, those of npm packages not counted one by one. */
  modules: number;
  /** The packages in its bundle. The first that is CommonJS costs a cold start from sources some 28 ms. */
  packages: string[];
  /** Size of its bundle in kilobytes, without comments about the origin of its parts. */
  bundle: number;
}

/** The compared costs. */
export interface Costs {
  functions: Record<Kind, FunctionCosts>;
  /** Statements of the database for each change: alone, and in a batch of 500. */
  statements: { alone: number; batch: number };
}

/**
 * Measures all of it.
 *
 * @returns The costs.
 * @throws {Error} Where PostgreSQL is not installed.
 */
export async function measureCosts(): Promise<Costs> {
  const ours = await readOurs();
  const functions = {
    "clerk-webhook": await costsOf(ours, "clerk-webhook"),
    "profile": await costsOf(ours, "profile"),
  };
  return { functions, statements: await countStatements() };
}

async function costsOf(ours: Ours, kind: Kind): Promise<FunctionCosts> {
  const { entrypoint, deno } = ours.bundle(kind);
  const platform = await startPlatform();
  const server = await serve({ entrypoint, deno, env: platform.env });
  const roundTrips: number[] = [];
  for (let request = 0; request < 3; request++) {
    const before = platform.calls();
    const response = await fetch(`${server.url}/${kind}`, await platform.requests[kind]());
    await response.body?.cancel();
    if (response.status !== 200) throw new Error(`Cannot measure ${kind}: ${response.status}`);
    roundTrips.push(platform.calls() - before);
  }
  await server.stop();
  await platform.stop();
  const code = await Deno.readTextFile(entrypoint);
  const packages = code.matchAll(/^\/\/ npm\/((?:@[^/]+\/)?[^/]+)\//gm).map(([, name]) => name!);
  return {
    roundTrips: [roundTrips[0]!, Math.max(...roundTrips.slice(1))],
    modules: await countModules(ours.sources(kind).entrypoint),
    packages: [...new Set(packages)].sort(),
    bundle: Math.round(code.replaceAll(/^\/\/ .*$/gm, "").length / 1_000),
  };
}

async function countModules(entrypoint: URL): Promise<number> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...await configArguments(), entrypoint.href],
    stderr: "null",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).modules.length;
}

/** With pg_stat_statements, which sees those inside functions too. */
async function countStatements(): Promise<Costs["statements"]> {
  const server = await startPostgres({
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "all",
  });
  try {
    await (await openDatabase({ url: server.url })).close();
    const sql = postgres(server.url, { max: 1, onnotice: () => {} });
    await sql`create extension pg_stat_statements`;
    const count = async (changes: unknown[]) => {
      await sql`select pg_stat_statements_reset()`;
      await sql`select public.apply_clerk_changes(${sql.json(changes as never)})`;
      const [row] = await sql`
        select sum(calls)::int as calls from pg_stat_statements where query not like '%pg_stat_statements%'`;
      return row!.calls / changes.length;
    };
    // Once before, so that the users are there: most changes are updates.
    await count(changes(500, 1));
    const costs = { alone: await count(changes(1, 2)), batch: await count(changes(500, 3)) };
    await sql.end();
    return costs;
  } finally {
    await server.stop();
  }
}

function changes(size: number, version: number): unknown[] {
  const now = Date.UTC(2026, 0, 1) + version;
  return Array.from({ length: size }, (_, index) => ({
    type: "user.updated",
    message_id: `msg_${version}_${index}`,
    user_id: `user_${index}`,
    sent_at: now,
    event_at: now,
    updated_at: now,
    created_at: Date.UTC(2026, 0, 1),
    email: `user${index}@example.com`,
    email_verified: true,
    first_name: `Version ${version}`,
    metadata: {},
  }));
}
