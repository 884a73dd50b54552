/**
 * Checks of the database, from the answer of `clerk_diagnosis`.
 *
 * @module
 */
import { commandLine } from "../../project/command_line.ts";
import type { Migration } from "../../project/migrations.ts";
import { type DataApiConfig, readServiceConfig } from "../../supabase/functions/_clerk-supabase/config.ts";
import { isObject } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import type { Target } from "../command_context.ts";
import { askDatabase, codeOf, describeAnswer } from "./ask.ts";
import { fixForSilence, type Installation, tryRead } from "./installation.ts";
import { judgeOwnColumns, OWN_COLUMNS_CHECK, type UserColumns } from "./own_columns.ts";
import { ORGANIZATION_JUDGES, type OrganizationFacts } from "./organizations.ts";
import { POLICY_FIXES, type PolicyFault, policyFaults } from "./policies.ts";
import { type CheckResult, failed, ok, skipped } from "./report.ts";
import { USERS_SCHEMA_JUDGES, type UsersSchema } from "./users_schema.ts";

/** The answer of `clerk_diagnosis`. */
export interface Diagnosis extends UsersSchema, OrganizationFacts {
  /** Versions; null if the Supabase CLI has applied none. */
  migrations: string[] | null;
  tables: number;
  tables_without_rls: string[];
  policies: Array<{ table: string; name: string; using: string | null; check: string | null }>;
  client_rights: string[];
  user_columns: UserColumns;
}

/** The Supabase CLI uses the local database by default; `deno task dev` applies migrations when it starts. */
function push({ local }: Target, flags = ""): string {
  return local ? `supabase db push${flags}, or restart ${commandLine("dev")}` : `supabase db push --remote${flags}`;
}

/**
 * Checks migrations, row level security, policies, clients' rights to write, and the schema of `public.users`.
 *
 * @param installation The project and the network.
 * @returns The results.
 */
export async function checkDatabase(installation: Installation): Promise<CheckResult[]> {
  const { value: service, missing } = tryRead(() => readServiceConfig(installation.target.env));
  const others = [...JUDGES.map(({ name }) => name), OWN_COLUMNS_CHECK];
  if (!service) return ["migrations", ...others].map((name) => skipped(name, missing));
  const found = await readDiagnosis(installation, service);
  if ("status" in found) return [found, ...others.map((name) => skipped(name, "the database did not answer"))];
  const migrations = await installation.readMigrations();
  return [
    judgeMigrations(found, migrations, installation.target),
    ...JUDGES.map(({ judge }) => judge(found)),
    judgeOwnColumns(await installation.readOwnColumns(), found.user_columns),
  ];
}

/** The checks that need only the database's answer. */
const JUDGES: ReadonlyArray<{ name: string; judge: (diagnosis: Diagnosis) => CheckResult }> = [
  { name: "row-level-security", judge: judgeRowLevelSecurity },
  { name: "policies", judge: judgePolicies },
  { name: "client-rights", judge: judgeClientRights },
  ...USERS_SCHEMA_JUDGES,
  ...ORGANIZATION_JUDGES,
];

async function readDiagnosis(
  { target, fetch }: Installation,
  service: DataApiConfig,
): Promise<Diagnosis | CheckResult> {
  const { answer, silence } = await askDatabase(fetch, service, "clerk_diagnosis");
  const name = "migrations";
  if (!answer) return failed(name, `the Data API cannot be reached: ${silence}`, fixForSilence(target));
  if (answer.status === 200 && isDiagnosis(answer.body)) return answer.body;
  // The codes of PostgREST and PostgreSQL for a missing function. An older version of it returns fewer fields.
  const isOlder = answer.status === 200 && isObject(answer.body) && Array.isArray(answer.body.migrations);
  if (isOlder || ["PGRST202", "42883"].includes(codeOf(answer.body))) {
    return failed(
      name,
      "clerk_diagnosis() is missing or outdated: not all migrations are applied",
      push(target),
    );
  }
  if (answer.status === 401 || answer.status === 403) {
    return failed(
      name,
      `Supabase refuses SUPABASE_SECRET_KEY (${describeAnswer(answer)})`,
      "Use a secret key of this project: Supabase dashboard → Settings → API keys",
    );
  }
  return failed(
    name,
    `the Data API answers ${describeAnswer(answer)}`,
    "Check that the project is not paused, then try again",
  );
}

const COUNTS: ReadonlyArray<keyof Diagnosis> = ["unannounced_organizations", "unannounced_memberships"];

const LISTS: ReadonlyArray<keyof Diagnosis> = [
  "tables_without_rls",
  "policies",
  "client_rights",
  "blocking_references",
  "unique_usernames",
  "triggers",
  "silent_publications",
  "isolation_defaults",
  "organization_columns",
];

function isDiagnosis(body: unknown): body is Diagnosis {
  return isObject(body) && (body.migrations === null || Array.isArray(body.migrations)) &&
    isObject(body.user_columns) && LISTS.every((name) => Array.isArray(body[name])) &&
    typeof body.email_is_not_null === "boolean" && COUNTS.every((name) => typeof body[name] === "number");
}

/**
 * Compares the database's migrations with the files.
 *
 * @param diagnosis The database's answer.
 * @param migrations The files.
 * @param target The project of the database.
 * @returns The result.
 */
export function judgeMigrations(
  { migrations: applied }: Pick<Diagnosis, "migrations">,
  migrations: readonly Migration[],
  target: Target,
): CheckResult {
  const name = "migrations";
  if (applied === null) {
    return skipped(name, "the Supabase CLI applied none here: it keeps no list to compare supabase/migrations with");
  }
  const missing = migrations.filter(({ version }) => !applied.includes(version));
  if (missing.length === 0) return ok(name, `all ${migrations.length} of supabase/migrations are applied`);
  const behind = missing.some(({ version }) => applied.some((other) => other > version));
  return failed(
    name,
    `not applied: ${missing.map((one) => `${one.version}_${one.name}`).join(", ")}`,
    // Without --include-all, the CLI refuses migrations older than the last applied one.
    push(target, behind ? " --include-all" : ""),
  );
}

function judgeRowLevelSecurity({ tables_without_rls: open, tables }: Diagnosis): CheckResult {
  const name = "row-level-security";
  if (open.length === 0) return ok(name, `on for all ${tables} tables of public and clerk`);
  return failed(
    name,
    `off for ${open.join(", ")}: any role with rights on these tables can read every row`,
    `In a migration: ${open.map((table) => `alter table ${table} enable row level security;`).join(" ")}`,
  );
}

/**
 * Judges the policies of `public`, `storage` and `realtime`, including the adopter's own.
 *
 * @param diagnosis The database's answer.
 * @returns The result.
 */
export function judgePolicies({ policies }: Pick<Diagnosis, "policies">): CheckResult {
  const name = "policies";
  const faults = policies.flatMap(({ table, name, using, check }) => {
    const found = new Set([using, check].flatMap((expression) => policyFaults(expression ?? "")));
    return [...found].map((fault) => ({ fault, table, where: `${table} ${name}` }));
  });
  if (faults.length === 0) {
    return ok(name, `${policies.length} in public, storage and realtime; each identifies the caller once per query`);
  }
  return failed(
    name,
    faults.map(({ fault, where }) => `${where}: ${fault}`).join("; "),
    [...new Set(faults.flatMap(({ fault, table }) => [POLICY_FIXES[fault], ...consequences(fault, table)]))].join(". "),
  );
}

/** Consequences of a fault beyond its own policy. */
function consequences(fault: PolicyFault, table: string): string[] {
  if (fault !== "auth.uid()" || table !== "storage.objects") return [];
  return [
    "Until then, one such policy fails every query of storage.objects for Clerk's users, in other buckets too; compare " +
    "owner_id, because owner is null for them",
  ];
}

function judgeClientRights({ client_rights: rights }: Diagnosis): CheckResult {
  const name = "client-rights";
  if (rights.length === 0) return ok(name, "no client may write public.users");
  return failed(
    name,
    `clients may write public.users: ${rights.join(", ")}`,
    "In a migration: revoke insert, update, delete, truncate on table public.users from public, anon, authenticated;",
  );
}
