/**
 * Lints the migrated database: with the linters of the real Supabase CLI, and with queries for the checks of newer
 * linters. Each check must also find a planted fault, because a linter that checks the wrong place finds none.
 */
import { assert, assertEquals } from "@std/assert";
import {
  createMigratedDatabase,
  hasExtension,
  type TestDatabase,
  withMigratedDatabase,
} from "../helpers/database/postgres.ts";
import { supabase } from "../helpers/project/supabase_cli.ts";
import { testsOf } from "../helpers/shared_test.ts";

/** Info advice that the bundle does not follow, by the advisors' key of lint and object, with the reason. */
const EXPLAINED: Record<string, string> = {
  unused_index_clerk_users_users_email_address_idx: "Nothing has run yet. Finds the other claimants of an address.",
  unused_index_clerk_messages_messages_user_id_idx: "Nothing has run yet. For the query of docs/database.md.",
  unused_index_clerk_messages_messages_received_at_idx: "Nothing has run yet. For clerk.prune_messages().",
  unused_index_clerk_organization_memberships_organization_memberships_user_id_organization_id_idx:
    "Nothing has run yet. Finds a user's memberships, and those of a pair.",
  unused_index_clerk_organization_memberships_organization_memberships_organization_id_membership_id_idx:
    "Nothing has run yet. Finds an organization's memberships.",
  unused_index_public_organization_memberships_organization_memberships_user_id_idx:
    "Nothing has run yet. Finds a user's memberships, and serves the cascade from public.users.",
  unused_index_clerk_kept_events_kept_events_received_at_idx: "Nothing has run yet. For clerk.prune_messages().",
  unused_index_public_projects_projects_organization_id_created_at_id_idx:
    "Nothing has run yet. An organization's projects by page.",
  unused_index_public_projects_projects_created_by_idx: "Nothing has run yet. For the deletion of a user.",
  unused_index_public_resumes_resumes_user_id_created_at_id_idx: "Nothing has run yet. A caller's resumes by page.",
  rls_enabled_no_policy_clerk_messages: "Internal: no client role has rights on it, and no row would be for one.",
  rls_enabled_no_policy_clerk_organizations: "Internal: no client role has rights on it, and no row would be for one.",
  rls_enabled_no_policy_clerk_organization_memberships:
    "Internal: no client role has rights on it, and no row would be for one.",
  rls_enabled_no_policy_clerk_kept_events: "Internal: no client role has rights on it, and no row would be for one.",
  rls_enabled_no_policy_clerk_refusals: "Internal: no client role has rights on it, and no row would be for one.",
  rls_enabled_no_policy_clerk_instance: "Internal: no client role has rights on it, and no row would be for one.",
  rls_enabled_no_policy_clerk_reconcile: "Internal: no client role has rights on it, and no row would be for one.",
};

/** Functions of the bundle that a client's role can execute, with the reason. */
const EXECUTABLE: Record<string, string> = {
  "authenticated public.caller_deleted_at()": "Tells a caller that its own user is deleted; RLS decides.",
  "authenticated public.caller_has_permission(permission text)": "A right in the caller's active organization.",
  "authenticated public.caller_has_role(role text)": "The caller's role in its active organization.",
  "authenticated public.caller_organization_id()": "The caller's active organization, for policies and defaults.",
  "authenticated public.caller_user_id()": "The caller's own row, for policies and defaults; RLS decides.",
  "authenticated clerk.active_organization_id(claims jsonb)": "Computes from its argument alone.",
  "authenticated clerk.active_permissions(claims jsonb)": "Computes from its argument alone.",
  "authenticated clerk.active_role(claims jsonb)": "Computes from its argument alone.",
  "authenticated clerk.caller_membership(OUT organization_id uuid, OUT role text)":
    "The caller's own membership, for the functions above. Not exposed.",
  "authenticated clerk.organization_features(fea text)": "Computes from its argument alone.",
  "authenticated clerk.organization_key(key text)": "Computes from its argument alone.",
  "authenticated clerk.text_claim(claim jsonb)": "Computes from its argument alone.",
};

/** Functions of the bundle that run with their owner's rights, with the reason. */
const DEFINER: Record<string, string> = {
  "clerk.applied_migrations()":
    "service_role cannot read the Supabase CLI's table. No argument, no client can call it.",
  "clerk.caller_membership(OUT organization_id uuid, OUT role text)":
    "A policy on memberships that reads memberships recurses. No argument, so callers learn only about themselves.",
};

interface Advice {
  level: "INFO" | "WARN" | "ERROR";
  cache_key: string;
}

/** Returns unexplained advice, and explanations whose advice is gone. */
async function advise({ url }: TestDatabase): Promise<{ unexplained: string[]; gone: string[] }> {
  const remote = `--remote=${url}?sslmode=disable`;
  const { code, stdout, stderr } = await supabase("db", "advisors", remote, "--level", "info", "--type", "all");
  assertEquals(code, 0, stdout + stderr);
  const advice: Advice[] = JSON.parse(stdout);
  const explained = advice.filter(({ level, cache_key }) => level === "INFO" && cache_key in EXPLAINED);
  const said = new Set(explained.map(({ cache_key }) => cache_key));
  return {
    unexplained: advice.filter((one) => !explained.includes(one)).map((one) => `${one.level} ${one.cache_key}`).sort(),
    gone: Object.keys(EXPLAINED).filter((key) => !said.has(key)),
  };
}

/** Returns the findings of `db lint` at warning or above. */
async function lint({ url }: TestDatabase): Promise<{ code: number; found: string[] }> {
  const remote = `--remote=${url}?sslmode=disable`;
  const { code, stdout, stderr } = await supabase(
    ...["db", "lint", remote, "--schema", "public,clerk", "--level", "warning", "--fail-on", "warning"],
  );
  // One line per schema shows that the linter has checked each.
  for (const schema of ["public", "clerk"]) assert(stderr.includes(`Linting schema: ${schema}\n`), stdout + stderr);
  const results: Array<{ function: string; issues: Array<{ level: string; message: string }> }> = stdout.trim() === ""
    ? []
    : JSON.parse(stdout);
  const found = results.flatMap((result) =>
    result.issues.map((issue) => `${issue.level} ${result.function}: ${issue.message}`)
  );
  return { code, found };
}

Deno.test("supabase db advisors reports no warnings or errors, and every info is explained", () =>
  withMigratedDatabase(async (database) => {
    assertEquals(await advise(database), { unexplained: [], gone: [] });
  }));

Deno.test("supabase db advisors reports planted faults, and an explanation that is no longer needed", () =>
  withMigratedDatabase(async (database) => {
    await database.sql.unsafe(`
      create table public.planted_open (id integer primary key);
      create table public.planted_keyless (id integer);
      alter table public.planted_keyless enable row level security;
      create policy planted_own on public.planted_keyless using ((auth.jwt() ->> 'sub') = id::text);
      drop index clerk.messages_received_at_idx;`);
    assertEquals(await advise(database), {
      unexplained: [
        "ERROR rls_disabled_in_public_public_planted_open",
        "INFO no_primary_key_public_planted_keyless",
        "WARN auth_rls_init_plan_public_planted_keyless_planted_own",
      ],
      gone: ["unused_index_clerk_messages_messages_received_at_idx"],
    });
  }));

const NO_PLPGSQL_CHECK =
  "the extension plpgsql_check is not installed, for example by apt-get install postgresql-15-plpgsql-check";
const canLint = await hasExtension("plpgsql_check");
const skipLint = !canLint && !Deno.env.has("CI");
// deno-lint-ignore no-console -- reports skipped tests to the developer
if (skipLint) console.log(`Skipping supabase db lint: ${NO_PLPGSQL_CHECK}`);

function lintTest(name: string, run: (database: TestDatabase) => Promise<void>): void {
  Deno.test({
    name: skipLint ? `${name} (skipped: ${NO_PLPGSQL_CHECK})` : name,
    ignore: skipLint,
    fn: () => {
      assert(canLint, `Cannot run supabase db lint: ${NO_PLPGSQL_CHECK}`);
      return withMigratedDatabase(run);
    },
  });
}

lintTest("supabase db lint finds nothing at warning or above", async (database) => {
  assertEquals(await lint(database), { code: 0, found: [] });
});

lintTest("supabase db lint finds a planted fault in either schema", async (database) => {
  await database.sql.unsafe(`
    create function public.planted() returns integer language plpgsql as 'begin return (select 1 from nowhere); end';
    create function clerk.planted() returns integer language plpgsql as 'declare unused integer; begin return 1; end';`);
  const { code, found } = await lint(database);
  assertEquals(code, 1);
  assertEquals(found.sort(), [
    'error public.planted: relation "nowhere" does not exist',
    'warning clerk.planted: unused variable "unused"',
  ]);
});

/** A query that returns a line for each fault, and a fault to plant. */
interface Check {
  name: string;
  query: string;
  plant: string;
  found: string[];
}

/** Functions of the bundle and the app, without those of extensions. */
const FUNCTIONS = `
  select f.*, format('%I.%I(%s)', n.nspname, f.proname, pg_get_function_identity_arguments(f.oid)) as signature
  from pg_proc f
  join pg_namespace n on n.oid = f.pronamespace
  where n.nspname in ('public', 'clerk')
    and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = f.oid and d.deptype = 'e')`;

const TABLES = `
  select c.*, format('%I.%I', n.nspname, c.relname) as name
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('public', 'clerk') and c.relkind in ('r', 'p')`;

const POLICIES = `
  select permissive, format('%I.%I %I', schemaname, tablename, policyname) as name, expression
  from pg_policies
  cross join lateral (values (qual), (with_check)) as e (expression)
  where schemaname in ('public', 'clerk') and expression is not null`;

const CALLER = "(auth\\.jwt|caller_(user_id|organization_id|has_role|has_permission))\\(";
const WRAPPED = `\\( SELECT ${CALLER}[^()]*\\) AS \\w+\\)`;

const CHECKS: Check[] = [
  {
    name: "anon and authenticated can execute only the explained functions",
    query: `
      select line from (
        select r.rolname || ' ' || f.signature as line
        from (${FUNCTIONS}) f
        join pg_roles r on has_function_privilege(r.oid, f.oid, 'execute')
        where r.rolname in ('anon', 'authenticated')
      ) as found
      full join (values ${
      Object.keys(EXECUTABLE).map((line) => `('${line}')`).join(", ")
    }) as explained (line) using (line)
      where found.line is null or explained.line is null`,
    plant: `
      create function clerk.planted() returns integer language sql as 'select 1';
      revoke execute on function public.caller_deleted_at() from authenticated`,
    found: ["anon clerk.planted()", "authenticated clerk.planted()", "authenticated public.caller_deleted_at()"],
  },
  {
    name: "only the explained functions run with their owner's rights",
    query: `
      select line from (select f.signature as line from (${FUNCTIONS}) f where prosecdef) as found
      full join (values ${
      Object.keys(DEFINER).map((line) => `('${line}')`).join(", ")
    }) as explained (line) using (line)
      where found.line is null or explained.line is null`,
    plant: "alter function public.caller_user_id() security definer",
    found: ["public.caller_user_id()"],
  },
  {
    name: "every function sets its own search_path",
    query: `
      select signature as line from (${FUNCTIONS}) f
      where not exists (select from unnest(proconfig) as setting where setting like 'search\\_path=%')`,
    plant: "alter function clerk.are_apart(clerk.change[]) reset search_path",
    found: ["clerk.are_apart(changes clerk.change[])"],
  },
  {
    name: "anon has no right on any table",
    query: `
      select name || ' ' || privilege as line
      from (${TABLES}) t
      cross join (values ('select'), ('insert'), ('update'), ('references')) as p (privilege)
      where has_any_column_privilege('anon', t.oid, privilege)
      union all
      select name || ' ' || privilege
      from (${TABLES}) t
      cross join (values ('delete'), ('truncate'), ('trigger')) as p (privilege)
      where has_table_privilege('anon', t.oid, privilege)`,
    plant: "grant select (email), delete on table public.users to anon",
    found: ["public.users delete", "public.users select"],
  },
  {
    name: "no policy uses auth.uid(), which fails on Clerk's ids",
    query: `select name as line from (${POLICIES}) p where expression ~ 'auth\\.uid\\('`,
    plant: "create policy planted on public.resumes for select using (user_id = (select auth.uid()))",
    found: ["public.resumes planted"],
  },
  {
    name: "every policy reads the caller once per query, not once per row",
    query: `
      select name as line from (${POLICIES}) p
      where regexp_replace(expression, '${WRAPPED}', '', 'g') ~ 'auth\\.\\w+\\(|${CALLER}|current_setting\\('`,
    plant: `
      create policy planted_claim on public.users for select using ((auth.jwt() ->> 'sub') = clerk_user_id);
      create policy planted_caller on public.resumes for select using (user_id = public.caller_user_id());
      create policy planted_role on public.projects for select using (public.caller_has_role('org:admin'))`,
    found: ["public.projects planted_role", "public.resumes planted_caller", "public.users planted_claim"],
  },
  {
    name: "no policy is always true",
    query: `
      select name as line from (${POLICIES}) p
      where permissive = 'PERMISSIVE' and regexp_replace(expression, '[\\s()]', '', 'g') ~* '^(true|notfalse|(.+)=\\2)$'`,
    plant: `
      create policy planted_true on public.users for select using (true);
      create policy planted_same on clerk.messages for select using (1 = 1);
      create policy planted_check on public.resumes for insert with check (true)`,
    found: ["clerk.messages planted_same", "public.resumes planted_check", "public.users planted_true"],
  },
  {
    name: "row level security is on for every table of public and clerk",
    query: `select name as line from (${TABLES}) t where not relrowsecurity`,
    plant: "create table clerk.planted (id integer); alter table public.resumes disable row level security",
    found: ["clerk.planted", "public.resumes"],
  },
  {
    name: "every foreign key has an index that begins with its columns",
    query: `
      select t.name || ' ' || k.conname as line
      from pg_constraint k
      join (${TABLES}) t on t.oid = k.conrelid
      where k.contype = 'f' and not exists (
        select from pg_index i
        where i.indrelid = k.conrelid and i.indisvalid and i.indpred is null
          and (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey
      )`,
    plant: `
      drop index public.resumes_user_id_created_at_id_idx;
      create index planted on public.resumes (id, user_id)`,
    found: ["public.resumes resumes_user_id_fkey"],
  },
];

const database = await createMigratedDatabase();
const test = testsOf("the migrated database: ");

const lines = async ({ query }: Check) => (await database.sql.unsafe(query)).map(({ line }) => line).sort();

for (const check of CHECKS) {
  test(check.name, async () => {
    assertEquals(await lines(check), []);
    await database.sql.unsafe(`begin; ${check.plant}`);
    try {
      assertEquals(await lines(check), check.found, "the planted fault");
    } finally {
      await database.sql.unsafe("rollback");
    }
    assertEquals(await lines(check), []);
  });
}

test("the scratch database is dropped", () => database.drop());
