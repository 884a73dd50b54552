/**
 * How policies find an app's rows among those of many tenants: by the index, and with the caller asked once. `deno task
 * bench policies` measures the same policies among a million rows.
 */
import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { claimsOf, fillTenants, POLICIES, roleOf, type Rule } from "../../bench/tenants.ts";
import { withMigratedDatabase } from "../helpers/database/postgres.ts";

interface Plan {
  "Node Type": string;
  "Index Name"?: string;
  "Parent Relationship"?: string;
  "Actual Loops": number;
  "Actual Rows": number;
  Plans?: Plan[];
}

const SIZE = { rows: 50_000, tenants: 100 };

/** What each rule of ours reads by, how often it asks who calls, and how many rows it lets through. */
const EXPECTED: Record<Rule, { by: string; asked: number[]; rows: number }> = {
  "own rows": { by: "invoices_user_id_created_at_idx", asked: [1], rows: 50 },
  "organization": { by: "invoices_organization_id_created_at_idx", asked: [1], rows: 500 },
  "role": { by: "invoices_organization_id_created_at_idx", asked: [1, 1], rows: 500 },
  "permission": { by: "invoices_organization_id_created_at_idx", asked: [1, 1], rows: 500 },
};

async function planOf(sql: postgres.Sql, rule: Rule): Promise<Plan> {
  return await sql.begin(async (as) => {
    const role = roleOf(rule, "ours");
    await as`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${claimsOf(7)}, true)`;
    const [row] = await as`explain (analyze, timing off, format json) select id, amount from public.invoices`;
    return row!["QUERY PLAN"][0].Plan;
  });
}

function nodes(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}

function described(plan: Plan) {
  const all = nodes(plan);
  return {
    by: all.flatMap((node) => node["Index Name"] ?? []).join(),
    asked: all.filter((node) => node["Parent Relationship"] === "InitPlan").map((node) => node["Actual Loops"]),
    rows: plan["Actual Rows"],
  };
}

Deno.test("policies by user, organization, role and permission read by the index, and ask once who calls", () =>
  withMigratedDatabase(async ({ sql }) => {
    await fillTenants(sql, SIZE);
    for (const rule of Object.keys(POLICIES) as Rule[]) {
      assertEquals(described(await planOf(sql, rule)), EXPECTED[rule], rule);
    }
  }));
