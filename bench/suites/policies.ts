/**
 * `deno task bench policies`: the database's cost of a query under each kind of policy, on an app's table with many
 * tenants: our policy, which checks the token and the tables, a policy that only checks the token, and the policies
 * that Clerk and Supabase document. Like in the Data API, each query is a transaction that sets the caller's role and
 * claims.
 *
 * @module
 */
import type postgres from "postgres";
import { cpuSeconds } from "../../project/process_usage.ts";
import { startPostgres } from "../../project/postgres_server.ts";
import { type Duration, inTurns, type Measured, type Work } from "../measure.ts";
import { SMALL_SERVER } from "../postgres.ts";
import { atMost, type Table } from "../table.ts";
import {
  asDataApi,
  claimsOf,
  fillTenants,
  POLICIES,
  roleOf,
  type Rule,
  type TenantsSize,
  type Way,
} from "../tenants.ts";
import { connect, makeDatabase } from "../users.ts";

const QUERIES = {
  "a page of 20": "select id, number, amount from public.invoices order by created_at desc limit 20",
  "a sum of all": "select count(*), sum(amount) from public.invoices",
};

const NAMES: Record<Way, string> = {
  ours: "ours: token and tables",
  token: "token only",
  documented: "as Clerk and Supabase document it",
};

/** Greatest cost of a policy, compared with the token-only policy. */
const MOST = 1.3;

/**
 * Runs the suite.
 *
 * @param size How many rows and tenants.
 * @param seconds For each way of each query.
 * @returns One table for each query.
 */
export async function benchPolicies(size: TenantsSize, seconds: number): Promise<Table[]> {
  const server = await startPostgres(SMALL_SERVER);
  try {
    const { url, sql } = await makeDatabase(server.url, "tenants");
    await fillTenants(sql, size);
    await sql.end();
    const tables: Table[] = [];
    for (const query of Object.keys(QUERIES) as Array<keyof typeof QUERIES>) {
      tables.push(await measureQuery(url, query, size, { seconds, turns: 5 }));
    }
    return tables;
  } finally {
    await server.stop();
  }
}

async function measureQuery(
  url: string,
  query: keyof typeof QUERIES,
  { rows, tenants }: TenantsSize,
  duration: Duration,
): Promise<Table> {
  const lines: Table["rows"] = [];
  for (const rule of Object.keys(POLICIES) as Rule[]) {
    lines.push(...describe(rule, await measureRule(url, rule, QUERIES[query], tenants, duration)));
  }
  return {
    title: `Policies: ${query} of ${rows.toLocaleString("en")} rows, ${tenants.toLocaleString("en")} tenants`,
    columns: ["ours ÷ this, CPU", "target", "policy", "what", "CPU µs", "p50 ms", "p99 ms"],
    rows: lines,
  };
}

type ByWay = Partial<Record<Way, Measured>>;

async function measureRule(
  url: string,
  rule: Rule,
  query: string,
  tenants: number,
  duration: Duration,
): Promise<ByWay> {
  const connections: postgres.Sql[] = [];
  try {
    const works: Partial<Record<Way, Work>> = {};
    for (const way of Object.keys(POLICIES[rule]) as Way[]) {
      const sql = connect(url);
      connections.push(sql);
      const [{ pid }] = await sql`select pg_backend_pid() as pid` as unknown as [{ pid: number }];
      works[way] = {
        callers: 1,
        call: () => askAs(sql, roleOf(rule, way), claimsOf(Math.floor(Math.random() * tenants)), query),
        cpuSeconds: () => cpuSeconds(pid),
      };
    }
    return await inTurns(works as Record<Way, Work>, duration);
  } finally {
    await Promise.all(connections.map((sql) => sql.end()));
  }
}

async function askAs(sql: postgres.Sql, role: string, claims: string, query: string): Promise<void> {
  const { settings, query: asked } = asDataApi(query);
  const [, [answer]] = await sql.begin((as) => [
    as.unsafe(settings, [role, claims], { prepare: true }),
    as.unsafe(asked, [], { prepare: true }),
  ]);
  // A policy that lets nothing through is fast.
  const [first] = answer!.body;
  if (first === undefined || first.count === 0) throw new Error(`Cannot measure: ${role} reads no row`);
}

function describe(rule: Rule, measured: ByWay): Table["rows"] {
  return (Object.keys(measured) as Way[]).map((way) => {
    const { cpuMs, p50, p99 } = measured[way]!;
    const ratio = measured.ours!.cpuMs! / cpuMs!;
    return [
      way === "ours" ? undefined : ratio.toFixed(2),
      way === "token" ? atMost(MOST, ratio) : undefined,
      rule,
      NAMES[way],
      (cpuMs! * 1_000).toFixed(0),
      p50.toFixed(2),
      p99.toFixed(2),
    ];
  });
}
