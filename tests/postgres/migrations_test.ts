/** Tests the migrations as adopters apply them: with the real CLI and PostgreSQL, under any default privileges. */
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { readMigrations } from "../../project/migrations.ts";
import { createDatabase, type TestDatabase } from "../helpers/database/postgres.ts";
import { supabase } from "../helpers/project/supabase_cli.ts";
import { testsOf } from "../helpers/shared_test.ts";

const PRIVILEGES = `
  select object, role, privilege from (
    select 'table ' || c.oid::regclass as object, r.rolname as role, p.privilege
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    cross join (values ('select'), ('insert'), ('update'), ('delete'), ('truncate'), ('references'), ('trigger')) p (privilege)
    join pg_roles r on has_table_privilege(r.oid, c.oid, p.privilege)
    where n.nspname in ('public', 'clerk') and c.relkind in ('r', 'v', 'm', 'p')
    union all
    select 'function ' || f.oid::regprocedure, r.rolname, 'execute'
    from pg_proc f
    join pg_namespace n on n.oid = f.pronamespace
    join pg_roles r on has_function_privilege(r.oid, f.oid, 'execute')
    where n.nspname in ('public', 'clerk')
    union all
    select 'schema ' || n.nspname, r.rolname, 'usage'
    from pg_namespace n
    join pg_roles r on has_schema_privilege(r.oid, n.oid, 'usage')
    where n.nspname in ('public', 'clerk')
    union all
    select 'column ' || c.oid::regclass || '.' || a.attname, r.rolname, 'select'
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_roles r on has_column_privilege(r.oid, c.oid, a.attnum, 'select') and not has_table_privilege(r.oid, c.oid, 'select')
    where n.nspname in ('public', 'clerk') and a.attnum > 0 and c.relkind = 'r'
  ) as granted
  where role in ('anon', 'authenticated', 'service_role')
  order by object, role, privilege`;

/** The adopter's next objects. */
const NEXT_MIGRATION = `
  create table public.their_next_table (id integer);
  create function public.their_next_function() returns integer language sql as 'select 1';`;

async function privileges(sql: postgres.Sql, only = ""): Promise<string[]> {
  const rows = await sql.unsafe(PRIVILEGES);
  return rows.map(({ object, role, privilege }) => `${object}: ${role} ${privilege}`).filter((line) =>
    line.includes(only)
  );
}

/** Creates the adopter's next objects in a transaction, returns their rights, and rolls back. */
async function rightsOfNextObjects({ sql }: TestDatabase): Promise<string[]> {
  await sql`begin`;
  try {
    await sql.unsafe(NEXT_MIGRATION);
    return await privileges(sql, "their_next");
  } finally {
    await sql`rollback`;
  }
}

async function push({ url }: TestDatabase): Promise<void> {
  const { code, stdout, stderr } = await supabase("db", "push", `--remote=${url}?sslmode=disable`, "--yes");
  assertEquals(code, 0, stdout + stderr);
}

/** Databases after a push, which every test leaves as they are. */
const pushed = new Map<boolean, Promise<TestDatabase>>();

/** Returns the one database after a push, with or without the platform's default privileges. */
function pushedDatabase(hostedDefaults: boolean): Promise<TestDatabase> {
  const database = pushed.get(hostedDefaults) ?? createPushed(hostedDefaults);
  pushed.set(hostedDefaults, database);
  return database;
}

async function createPushed(hostedDefaults: boolean): Promise<TestDatabase> {
  const database = await createDatabase({ hostedDefaults });
  await push(database);
  return database;
}

const EXPECTED = [
  "column clerk.users.deleted_at: authenticated select",
  "column clerk.users.user_id: authenticated select",
  "function apply_clerk_changes(jsonb): service_role execute",
  "function apply_clerk_changes_of(text,jsonb): service_role execute",
  "function bind_clerk_instance(text,text): service_role execute",
  "function caller_deleted_at(): authenticated execute",
  "function caller_deleted_at(): service_role execute",
  "function caller_has_permission(text): authenticated execute",
  "function caller_has_permission(text): service_role execute",
  "function caller_has_role(text): authenticated execute",
  "function caller_has_role(text): service_role execute",
  "function caller_organization_id(): authenticated execute",
  "function caller_organization_id(): service_role execute",
  "function caller_user_id(): authenticated execute",
  "function caller_user_id(): service_role execute",
  "function clerk.active_organization_id(jsonb): authenticated execute",
  "function clerk.active_organization_id(jsonb): service_role execute",
  "function clerk.active_permissions(jsonb): authenticated execute",
  "function clerk.active_permissions(jsonb): service_role execute",
  "function clerk.active_role(jsonb): authenticated execute",
  "function clerk.active_role(jsonb): service_role execute",
  "function clerk.applied_migrations(): service_role execute",
  "function clerk.are_apart(clerk.change[]): service_role execute",
  "function clerk.base_columns(): service_role execute",
  "function clerk.caller_membership(): authenticated execute",
  "function clerk.caller_membership(): service_role execute",
  "function clerk.check_own_columns(jsonb): service_role execute",
  "function clerk.claim_address(text,text,boolean,bigint,timestamp with time zone): service_role execute",
  "function clerk.describe_failure(text,text,text,text,text,text): service_role execute",
  "function clerk.end_membership(clerk.organization_change,text,text,timestamp with time zone): service_role execute",
  "function clerk.find_moving_pairs(clerk.change[],clerk.organization_change[]): service_role execute",
  "function clerk.find_organization_problem(clerk.organization_change): service_role execute",
  "function clerk.find_pair_states(clerk.pair[]): service_role execute",
  "function clerk.give_address(text,timestamp with time zone): service_role execute",
  "function clerk.has_unique_username(): service_role execute",
  "function clerk.is_open_organization_refusal(clerk.refusals): service_role execute",
  "function clerk.is_open_refusal(clerk.refusals): service_role execute",
  "function clerk.is_passing(text): service_role execute",
  "function clerk.join_outcomes(jsonb[],jsonb[],clerk.organization_change[]): service_role execute",
  "function clerk.judge_organization_change(clerk.organization_change,bigint): service_role execute",
  "function clerk.keep_organization_event(clerk.organization_change): service_role execute",
  "function clerk.lock_organization_names(clerk.change[],clerk.organization_change[]): service_role execute",
  "function clerk.lock_pairs(clerk.change[],clerk.organization_change[]): service_role execute",
  "function clerk.note_organization_refusal(text,text,text,text,jsonb,bigint,bigint): service_role execute",
  "function clerk.note_pair_refusal(clerk.pair,jsonb): service_role execute",
  "function clerk.note_refusal(text,text,text,jsonb,bigint,bigint): service_role execute",
  "function clerk.organization_features(text): authenticated execute",
  "function clerk.organization_features(text): service_role execute",
  "function clerk.organization_key(text): authenticated execute",
  "function clerk.organization_key(text): service_role execute",
  "function clerk.read_odd_change(jsonb): service_role execute",
  "function clerk.read_odd_changes(jsonb): service_role execute",
  "function clerk.read_organization_change(jsonb): service_role execute",
  "function clerk.read_organization_changes(jsonb): service_role execute",
  "function clerk.record_message(clerk.change,clerk.outcome): service_role execute",
  "function clerk.record_organization_message(clerk.organization_change,clerk.outcome,text,jsonb): service_role execute",
  "function clerk.refuse_change(clerk.change,text,jsonb): service_role execute",
  "function clerk.refuse_organization_by_schema(clerk.organization_change,jsonb): service_role execute",
  "function clerk.refuse_organization_change(clerk.organization_change,text,jsonb): service_role execute",
  "function clerk.retry_membership(text): service_role execute",
  "function clerk.settle_alone(clerk.change): service_role execute",
  "function clerk.settle_blocked_deletion(clerk.change,jsonb): service_role execute",
  "function clerk.settle_blocked_organization(clerk.organization_change,jsonb): service_role execute",
  "function clerk.settle_changes(clerk.change[]): service_role execute",
  "function clerk.settle_deletion(clerk.change,uuid,text,boolean,timestamp with time zone): service_role execute",
  "function clerk.settle_extras(clerk.change): service_role execute",
  "function clerk.settle_members(text,text): service_role execute",
  "function clerk.settle_members_of(clerk.change[],jsonb[]): service_role execute",
  "function clerk.settle_memberships(clerk.organization_change[]): service_role execute",
  "function clerk.settle_organization_alone(clerk.organization_change): service_role execute",
  "function clerk.settle_organization_changes(clerk.organization_change[]): service_role execute",
  "function clerk.settle_organization_deletion(clerk.organization_change,uuid,boolean): service_role execute",
  "function clerk.settle_organizations(clerk.organization_change[]): service_role execute",
  "function clerk.settle_organizations_alone(clerk.organization_change[]): service_role execute",
  "function clerk.settle_pairs(clerk.pair[]): service_role execute",
  "function clerk.settle_parent_pairs(clerk.pair[]): service_role execute",
  "function clerk.settle_special(clerk.change,text,uuid,text,timestamp with time zone,timestamp with time zone): service_role execute",
  "function clerk.settle_times(clerk.change,timestamp with time zone): service_role execute",
  "function clerk.settle_with_organizations(clerk.change[],jsonb[],clerk.organization_change[]): service_role execute",
  "function clerk.store_membership(clerk.organization_change,timestamp with time zone): service_role execute",
  "function clerk.text_claim(jsonb): authenticated execute",
  "function clerk.text_claim(jsonb): service_role execute",
  "function clerk.without_organizations(clerk.change[],clerk.organization_change[]): service_role execute",
  "function clerk.write_organization(uuid,clerk.organization_change,timestamp with time zone): service_role execute",
  "function clerk.write_row(uuid,clerk.change,text,boolean,timestamp with time zone,timestamp with time zone,timestamp with time zone): service_role execute",
  "function clerk.write_row_and_own(uuid,clerk.change,text,boolean,timestamp with time zone,timestamp with time zone,timestamp with time zone): service_role execute",
  "function clerk_diagnosis(): service_role execute",
  "function clerk_instance(): service_role execute",
  "function clerk_status(): service_role execute",
  "function count_clerk_memberships(timestamp with time zone): service_role execute",
  "function count_clerk_organizations(timestamp with time zone): service_role execute",
  "function count_clerk_users(timestamp with time zone): service_role execute",
  "function lease_reconcile(integer): service_role execute",
  "function list_clerk_memberships(text,integer): service_role execute",
  "function list_clerk_organizations(text,integer): service_role execute",
  "function list_clerk_refusals(text,integer): service_role execute",
  "function list_clerk_users(text,integer): service_role execute",
  "function move_clerk_instance(text,text): service_role execute",
  "function preview_clerk_changes(jsonb): service_role execute",
  "function retry_clerk_deletions(integer): service_role execute",
  "function retry_clerk_organizations(integer,text): service_role execute",
  "function save_reconcile(uuid,jsonb,integer): service_role execute",
  "schema clerk: authenticated usage",
  "schema clerk: service_role usage",
  "schema public: anon usage",
  "schema public: authenticated usage",
  "schema public: service_role usage",
  "table clerk.instance: service_role insert",
  "table clerk.instance: service_role select",
  "table clerk.instance: service_role update",
  "table clerk.kept_events: service_role insert",
  "table clerk.kept_events: service_role select",
  "table clerk.messages: service_role insert",
  "table clerk.messages: service_role select",
  "table clerk.messages: service_role update",
  "table clerk.organization_memberships: service_role delete",
  "table clerk.organization_memberships: service_role insert",
  "table clerk.organization_memberships: service_role select",
  "table clerk.organization_memberships: service_role update",
  "table clerk.organizations: service_role insert",
  "table clerk.organizations: service_role select",
  "table clerk.organizations: service_role update",
  "table clerk.reconcile: service_role select",
  "table clerk.reconcile: service_role update",
  "table clerk.refusals: service_role delete",
  "table clerk.refusals: service_role insert",
  "table clerk.refusals: service_role select",
  "table clerk.refusals: service_role update",
  "table clerk.users: service_role insert",
  "table clerk.users: service_role select",
  "table clerk.users: service_role update",
  "table organization_memberships: authenticated select",
  "table organization_memberships: service_role delete",
  "table organization_memberships: service_role insert",
  "table organization_memberships: service_role select",
  "table organization_memberships: service_role update",
  "table organizations: authenticated select",
  "table organizations: service_role delete",
  "table organizations: service_role insert",
  "table organizations: service_role select",
  "table organizations: service_role update",
  "table projects: authenticated delete",
  "table projects: authenticated select",
  "table projects: service_role delete",
  "table projects: service_role insert",
  "table projects: service_role select",
  "table projects: service_role update",
  "table resumes: authenticated delete",
  "table resumes: authenticated select",
  "table resumes: service_role delete",
  "table resumes: service_role insert",
  "table resumes: service_role select",
  "table resumes: service_role update",
  "table users: authenticated select",
  "table users: service_role delete",
  "table users: service_role insert",
  "table users: service_role select",
  "table users: service_role update",
];

const test = testsOf("");

for (const hostedDefaults of [true, false]) {
  const grants = hostedDefaults ? "the platform grants everything" : "nothing is granted by default";

  test(`supabase db push gives exactly the intended rights if ${grants}`, async () => {
    const { sql } = await pushedDatabase(hostedDefaults);
    // Objects that an adopter adds to public keep their own rights.
    const ours = new Set(EXPECTED.map((line) => line.split(": ")[0]));
    const lines = (await privileges(sql)).filter((line) => /\bclerk\b/.test(line) || ours.has(line.split(": ")[0]));
    assertEquals(lines, EXPECTED);
  });

  test(`supabase db push leaves the rights of the adopter's next objects unchanged if ${grants}`, async () => {
    const [database, without] = [await pushedDatabase(hostedDefaults), await createDatabase({ hostedDefaults })];
    try {
      const rights = await rightsOfNextObjects(without);
      assert(rights.length > 0);
      assertEquals(await rightsOfNextObjects(database), rights);
    } finally {
      await without.drop();
    }
  });
}

test("a second supabase db push changes nothing", async () => {
  const database = await pushedDatabase(true);
  await push(database);
  const [row] = await database.sql`select count(*)::int as n from supabase_migrations.schema_migrations`;
  assertEquals(row!.n, (await readMigrations()).length);
});

Deno.test.afterAll(async () => {
  for (const database of pushed.values()) await (await database).drop();
});
