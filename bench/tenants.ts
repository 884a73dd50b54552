/**
 * An app's table with many rows of many tenants, and the policies that could guard it: by the token and the tables, by
 * the token alone, and as Clerk and Supabase document it. Each policy is for a database role of its own, so that all
 * are measured on the same rows.
 *
 * @module
 */
import type postgres from "postgres";

/** How many rows, and of how many tenants. Each tenant has ten members. */
export interface TenantsSize {
  rows: number;
  tenants: number;
}

/** Who a policy lets in. */
export type Rule = "own rows" | "organization" | "role" | "permission";
/** How a policy knows it. */
export type Way = "ours" | "token" | "documented";

const MEMBERS = 10;
const SUB = "(select auth.jwt() ->> 'sub')";
const ORGANIZATION = "(select coalesce(auth.jwt() ->> 'org_id', auth.jwt() -> 'o' ->> 'id'))";
const OURS = "organization_id = (select public.caller_organization_id())";
const TOKEN = "clerk_organization_id = (select auth.jwt() -> 'o' ->> 'id')";
const DOCUMENTED = `clerk_organization_id = ${ORGANIZATION}`;

/** Clerk and Supabase document no policy by a permission of a version 2 token, whose permissions are a bit mask. */
export const POLICIES: Record<Rule, Partial<Record<Way, string>> & Record<"ours" | "token", string>> = {
  "own rows": {
    ours: "user_id = (select public.caller_user_id())",
    token: `clerk_user_id = ${SUB}`,
    documented: `(${SUB} = (clerk_user_id)::text)`,
  },
  "organization": { ours: OURS, token: TOKEN, documented: DOCUMENTED },
  "role": {
    ours: `${OURS} and (select public.caller_has_role('org:admin'))`,
    // Compared inside of the brackets: outside of them, the planner expects few rows and sorts them.
    token: `${TOKEN} and (select (auth.jwt() -> 'o' ->> 'rol') = 'admin')`,
    documented:
      `(((select auth.jwt() ->> 'org_role') = 'org:admin') or ((select auth.jwt() -> 'o' ->> 'rol') = 'admin')) and (${DOCUMENTED})`,
  },
  "permission": {
    ours: `${OURS} and (select public.caller_has_permission('org:invoices:read'))`,
    token: `${TOKEN} and (select 'org:invoices:read' = any(clerk.active_permissions(auth.jwt())))`,
  },
};

/** The name of the role that a policy is for. */
export const roleOf = (rule: Rule, way: Way) => `bench_${rule.replaceAll(" ", "_")}_${way}`;

/** Returns the claims of a tenant's admin, as a session token of version 2 has them. */
export function claimsOf(tenant: number): string {
  return JSON.stringify({
    role: "authenticated",
    sub: `user_${tenant * MEMBERS}`,
    v: 2,
    fea: "o:invoices,o:members",
    o: { id: `org_${tenant}`, slg: `tenant-${tenant}`, rol: "admin", per: "create,read,delete", fpm: "7,2" },
  });
}

/**
 * Fills a migrated database with tenants, their members and the app's rows, and adds the policies.
 *
 * @param sql A connection as the owner.
 * @param size How many.
 */
export async function fillTenants(sql: postgres.Sql, { rows, tenants }: TenantsSize): Promise<void> {
  await sql.unsafe(`
    insert into public.users (clerk_user_id, email)
    select 'user_' || n, n || '@example.com' from generate_series(0, ${tenants * MEMBERS - 1}) as n;
    insert into public.organizations (clerk_organization_id, name, created_at, updated_at)
    select 'org_' || n, 'Tenant', now(), now() from generate_series(0, ${tenants - 1}) as n;
    insert into public.organization_memberships
      (clerk_membership_id, organization_id, user_id, role, created_at, updated_at)
    select 'orgmem_' || n, organization.id, member.id,
      case when n % ${MEMBERS} = 0 then 'org:admin' else 'org:member' end, now(), now()
    from generate_series(0, ${tenants * MEMBERS - 1}) as n
    join public.organizations as organization on clerk_organization_id = 'org_' || n / ${MEMBERS}
    join public.users as member on clerk_user_id = 'user_' || n;
    create table public.invoices (
      id uuid primary key default gen_random_uuid(),
      organization_id uuid not null,
      user_id uuid not null,
      clerk_organization_id text not null,
      clerk_user_id text not null,
      number text not null,
      amount integer not null,
      created_at timestamptz not null
    );
    insert into public.invoices
      (organization_id, user_id, clerk_organization_id, clerk_user_id, number, amount, created_at)
    select membership.organization_id, membership.user_id, 'org_' || member / ${MEMBERS}, 'user_' || member, n::text,
      n % 1000, timestamptz '2026-01-01' + n * interval '1 second'
    from (
      select n, (n * 7919::bigint) % ${tenants * MEMBERS} as member from generate_series(0, ${rows - 1}) as n
    ) as drawn
    join public.organization_memberships as membership on clerk_membership_id = 'orgmem_' || member;
    ${INDEXED.map((column) => `create index on public.invoices (${column}, created_at desc);`).join("\n")}
    alter table public.invoices enable row level security;
    ${createPolicies()}
    analyze;`);
  await sql.unsafe("vacuum public.invoices");
}

const INDEXED = ["organization_id", "user_id", "clerk_organization_id", "clerk_user_id"];

function createPolicies(): string {
  return (Object.keys(POLICIES) as Rule[]).flatMap((rule) =>
    (Object.keys(POLICIES[rule]) as Way[]).map((way) => {
      const role = roleOf(rule, way);
      // A server's databases share its roles.
      return `
        do $$ begin create role ${role} in role authenticated; exception when duplicate_object then null; end $$;
        grant select on public.invoices to ${role};
        create policy ${role} on public.invoices for select to ${role} using (${POLICIES[rule][way]});`;
    })
  ).join("\n");
}

/** One transaction of the Data API, with PostgREST's settings and its form of a query. */
export interface DataApiCall {
  settings: string;
  query: string;
}

/** Texts of PostgREST's statements for a query as a role with claims, with parameters $1 and $2 for these. */
export function asDataApi(query: string): DataApiCall {
  return {
    settings: `select set_config('search_path', '"public", "extensions"', true), set_config('role', $1, true),
      set_config('request.jwt.claims', $2, true), set_config('request.method', 'GET', true),
      set_config('request.path', '/invoices', true), set_config('request.headers', '{"accept":"application/json"}', true),
      set_config('request.cookies', '{}', true)`,
    query: `with pgrst_source as (${query})
      select null::bigint as total_result_set, pg_catalog.count(_postgrest_t) as page_total,
        coalesce(json_agg(_postgrest_t), '[]') as body,
        nullif(current_setting('response.headers', true), '') as response_headers,
        nullif(current_setting('response.status', true), '') as response_status, '' as response_inserted
      from (select * from pgrst_source) as _postgrest_t`,
  };
}
