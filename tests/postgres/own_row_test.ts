/** Tests how a caller's own row is found: by the index and with the claims read once, for any number of users. */
import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { withMigratedDatabase } from "../helpers/database/postgres.ts";

interface Plan {
  "Node Type": string;
  "Index Name"?: string;
  "Index Cond"?: string;
  "Parent Relationship"?: string;
  "Actual Loops": number;
  Plans?: Plan[];
}

/** Returns the plan of a query by a signed-in caller. */
async function planOf(sql: postgres.Sql, query: string): Promise<Plan> {
  return await sql.begin(async (transaction) => {
    const claims = JSON.stringify({ role: "authenticated", sub: "user_7777" });
    await transaction`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`;
    const [row] = await transaction.unsafe(`explain (analyze, timing off, format json) ${query}`);
    return row!["QUERY PLAN"][0].Plan;
  });
}

/** Returns a plan's scan and index, and how often it reads the claims. */
function described({ Plans = [], ...node }: Plan) {
  const claims = Plans.filter((plan) => plan["Parent Relationship"] === "InitPlan");
  assertEquals(Plans.length, claims.length, "a node other than the claims is below the scan");
  return {
    scan: node["Node Type"],
    index: node["Index Name"],
    // Versions of PostgreSQL name a parameter differently.
    condition: node["Index Cond"]?.replace(/\$0|\(InitPlan 1\)\.col1/, "claims"),
    claims: claims.map((plan) => plan["Actual Loops"]),
  };
}

Deno.test("a caller's own row is found by the index, and its claims are read once", () =>
  withMigratedDatabase(async ({ sql }) => {
    await sql`insert into public.users (clerk_user_id) select 'user_' || n from generate_series(1, 20000) as n`;
    await sql`analyze public.users`;
    const own = described(await planOf(sql, "select * from public.users"));
    // One for sub and one for sts: each is evaluated once, not once per row.
    assertEquals(own, {
      scan: "Index Scan",
      index: "users_clerk_user_id_key",
      condition: "(clerk_user_id = (claims ->> 'sub'::text))",
      claims: [1, 1],
    });
    // The result with the spelling that the linter reports.
    await sql`alter policy users_select_own on public.users using ((auth.jwt() ->> 'sub') = clerk_user_id)`;
    assertEquals(described(await planOf(sql, "select * from public.users")).claims, []);
  }));
