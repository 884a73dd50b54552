/**
 * Tests the cost of organization policies on many rows: they use the index and look up the caller's membership once.
 * `PROJECTS=1000000 deno task test tests/postgres/organization_policies_test.ts` uses a million rows.
 */
import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { withMigratedDatabase } from "../helpers/database/postgres.ts";

interface Plan {
  "Node Type": string;
  "Index Name"?: string;
  "Parent Relationship"?: string;
  "Actual Loops": number;
  "Actual Rows": number;
  Plans?: Plan[];
}

const ORGANIZATIONS = 1_000;
const PROJECTS = Number(Deno.env.get("PROJECTS") ?? 300_000);
const CLAIMS = {
  role: "authenticated",
  sub: "user_7",
  v: 2,
  o: { id: "org_7", rol: "admin", per: "create,read", fpm: "3" },
  fea: "o:projects",
};

/** Inserts organizations of one member each, and their projects. */
async function fill(sql: postgres.Sql, organizations: number, projects: number): Promise<void> {
  await sql`insert into public.users (clerk_user_id) select 'user_' || n from generate_series(1, ${organizations}) as n`;
  await sql`
    insert into public.organizations (clerk_organization_id, name, created_at, updated_at)
    select 'org_' || n, 'Organization', now(), now() from generate_series(1, ${organizations}) as n`;
  await sql`
    insert into public.organization_memberships
      (clerk_membership_id, organization_id, user_id, role, created_at, updated_at)
    select 'orgmem_' || n, organization.id, caller.id, 'org:admin', now(), now()
    from generate_series(1, ${organizations}) as n
    join public.organizations as organization on clerk_organization_id = 'org_' || n
    join public.users as caller on clerk_user_id = 'user_' || n`;
  await sql`
    insert into public.projects (organization_id, name)
    select id, 'Project ' || n from public.organizations, generate_series(1, ${projects / organizations}) as n`;
  await sql`vacuum analyze`;
}

/** Runs statements as user_7, who works in org_7, and rolls them back. */
async function asCaller<T>(sql: postgres.Sql, run: (transaction: postgres.TransactionSql) => Promise<T>): Promise<T> {
  const undo = new Error("undone");
  let result: T;
  await sql.begin(async (transaction) => {
    await transaction`
      select set_config('role', 'authenticated', true),
        set_config('request.jwt.claims', ${JSON.stringify(CLAIMS)}, true)`;
    result = await run(transaction);
    throw undo;
  }).catch((error) => {
    if (error !== undo) throw error;
  });
  return result!;
}

const planOf = (sql: postgres.Sql, query: string) =>
  asCaller(sql, async (transaction) => {
    const [row] = await transaction.unsafe(`explain (analyze, timing off, format json) ${query}`);
    return row!["QUERY PLAN"][0].Plan as Plan;
  });

/** Returns every node of a plan. */
function nodes(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}

/** Returns the indexes by which a plan finds projects, and how often it looks up the caller. */
function described(plan: Plan) {
  const all = nodes(plan);
  const scans = all.filter((node) => node["Node Type"].endsWith("Scan") && node["Node Type"] !== "Bitmap Heap Scan");
  const asked = all.filter((node) => node["Parent Relationship"] === "InitPlan");
  return { by: scans.map((node) => node["Index Name"]).sort(), asked: asked.map((node) => node["Actual Loops"]) };
}

const INDEX = "projects_organization_id_created_at_id_idx";

Deno.test("projects of an organization are found by the index, and the caller's membership is looked up once", () =>
  withMigratedDatabase(async ({ sql }) => {
    await fill(sql, ORGANIZATIONS, PROJECTS);
    const page = "select id from public.projects order by created_at desc, id desc limit 20";
    for (const query of ["select count(*) from public.projects", page]) {
      assertEquals(described(await planOf(sql, query)), { by: [INDEX], asked: [1] }, query);
    }
    // A writing statement looks it up once per condition: for the policy for select, and for its own.
    const update = "update public.projects set name = 'x'";
    assertEquals(described(await planOf(sql, update)), { by: [INDEX], asked: [1, 1] });
    const deletion = "delete from public.projects where name <> ''";
    assertEquals(described(await planOf(sql, deletion)), { by: [INDEX], asked: [1, 1, 1] });
    const counted = await asCaller(sql, (as) => as`select count(*)::int as n from public.projects`);
    assertEquals(counted[0]!.n, PROJECTS / ORGANIZATIONS);
  }));

/** Returns how often a query calls clerk.caller_membership(). */
const callsOf = (sql: postgres.Sql, query: string) =>
  asCaller(sql, async (transaction) => {
    await transaction`reset role`;
    await transaction`set local track_functions = 'all'`;
    await transaction`set local role authenticated`;
    const before = await countCalls(transaction);
    await transaction.unsafe(query);
    return await countCalls(transaction) - before;
  });

/** Counts the connection's calls, which may include those of an earlier transaction. */
async function countCalls(transaction: postgres.TransactionSql): Promise<number> {
  const [row] = await transaction`
    select coalesce(sum(calls), 0)::int as calls from pg_stat_xact_user_functions
    where schemaname = 'clerk' and funcname = 'caller_membership'`;
  return row!.calls;
}

Deno.test("a policy without (select …) looks up the membership once per row, and with it once per query", () =>
  withMigratedDatabase(async ({ sql }) => {
    await fill(sql, ORGANIZATIONS, 2 * ORGANIZATIONS);
    const query = "select count(*) from public.projects where name <> ''";
    assertEquals(await callsOf(sql, query), 1);
    await sql`drop index public.projects_organization_id_created_at_id_idx`;
    assertEquals(await callsOf(sql, query), 1);
    await sql`
      alter policy projects_select_members on public.projects using (organization_id = public.caller_organization_id())`;
    // The planner also calls it once, for its estimate.
    assertEquals(await callsOf(sql, query), 2 * ORGANIZATIONS + 1);
  }));

Deno.test("a caller's organizations and memberships are found by indexes, and the caller is looked up once", () =>
  withMigratedDatabase(async ({ sql }) => {
    await fill(sql, 20 * ORGANIZATIONS, 0);
    const users = "users_clerk_user_id_key";
    const memberships = "organization_memberships_user_id_idx";
    for (
      const [table, by] of [
        ["organization_memberships", [memberships, users]],
        ["organizations", [memberships, "organizations_pkey", users, users]],
      ] as const
    ) {
      const plan = described(await planOf(sql, `select * from public.${table}`));
      assertEquals(plan.by, [...by], table);
      assertEquals(new Set(plan.asked), new Set([1]), "each condition is evaluated once");
    }
  }));
