/**
 * `deno task bench instructions`: the CPU instructions that a change and a query cost in the database, counted and not
 * timed, so that two versions of the SQL can be compared on a busy machine. Repeats agree within 1 %.
 *
 * @module
 */
import { readMigrations } from "../project/migrations.ts";
import { startPostgres } from "../project/postgres_server.ts";
import type { Table } from "./table.ts";
import { asDataApi, claimsOf, fillTenants, roleOf, type Rule, type Way } from "./tenants.ts";
import { connect, makeDatabase, makeUserBase, plainUpsert, profileOf } from "./users.ts";
import { type Calls, countInstructions, settle } from "./valgrind.ts";

const MIGRATIONS = "supabase/migrations";

/** Calls of one kind, among some users, and how many changes each call holds. */
interface Kind {
  name: string;
  calls: (users: number) => Calls;
  size: number;
}

const AS_SERVICE = ["set role service_role"];
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const apply = (changes: unknown[]) => [`select public.apply_clerk_changes(${quoted(JSON.stringify(changes))})`];
/** Consecutive numbers are not neighbours in the table. */
const spread = (n: number, users: number) => n * 37 % users;

const A_PROFILE: Kind = {
  name: "a profile",
  calls: (users) => ({ before: AS_SERVICE, call: (n) => apply([profileOf(spread(n, users))]), lengths: [30, 110] }),
  size: 1,
};
const A_PLAIN_UPSERT: Kind = {
  name: "a plain upsert of the same row",
  calls: (users) => ({
    before: AS_SERVICE,
    call: (n) => [plainUpsert(profileOf(spread(n, users)))],
    lengths: [30, 110],
  }),
  size: 1,
};
const KINDS: Kind[] = [
  A_PROFILE,
  A_PLAIN_UPSERT,
  {
    name: "a new user",
    calls: () => ({ before: AS_SERVICE, call: (n) => apply([profileOf(1e9 + n)]), lengths: [30, 110] }),
    size: 1,
  },
  {
    name: "a sign-in",
    calls: (users) => ({ before: AS_SERVICE, call: (n) => apply([signIn(spread(n, users))]), lengths: [30, 110] }),
    size: 1,
  },
  {
    name: "a profile of a batch of 500",
    calls: (users) => ({
      before: AS_SERVICE,
      call: (n) => apply(Array.from({ length: 500 }, (_, index) => fetched((n * 500 + index) * 3 % users))),
      lengths: [2, 4],
    }),
    size: 500,
  },
];

function fetched(user: number): unknown {
  const { message_id: _, ...rest } = profileOf(user);
  return { ...rest, type: "user.fetched" };
}

function signIn(user: number): unknown {
  const { message_id, user_id, sent_at, event_at } = profileOf(user);
  return { type: "session.created", message_id, user_id, sent_at, event_at, last_sign_in_at: event_at };
}

/**
 * Counts the instructions of the migrations as they are, beside those of a commit.
 *
 * @param before A git commit or tag to compare with; undefined counts the migrations as they are alone.
 * @returns The table.
 * @throws {Error} If PostgreSQL or valgrind is not installed.
 */
export async function benchInstructions(before: string | undefined): Promise<Table[]> {
  const count = (migrations?: readonly string[]) =>
    withServer((server) => countKinds(server, { kinds: KINDS, users: 10_000, migrations }));
  const now = await count();
  const then = before === undefined ? undefined : await count(await migrationsOf(before));
  return [{
    title: "Instructions of a change in the database, in thousands",
    columns: ["what", "now", ...then ? [before!, "ratio"] : []],
    rows: KINDS.map(({ name }) => [
      name,
      Math.round(now[name]! / 1_000).toLocaleString("en"),
      ...then ? [Math.round(then[name]! / 1_000).toLocaleString("en"), (now[name]! / then[name]!).toFixed(3)] : [],
    ]),
  }, await comparePolicies()];
}

async function migrationsOf(commit: string): Promise<string[]> {
  const names = await git("ls-tree", "--name-only", commit, `${MIGRATIONS}/`);
  const files = names.split("\n").filter((name) => name.endsWith(".sql")).sort();
  return await Promise.all(files.map((file) => git("show", `${commit}:${file}`)));
}

async function git(...args: string[]): Promise<string> {
  const cwd = new URL("..", import.meta.url);
  const { success, stdout, stderr } = await new Deno.Command("git", { args, cwd }).output();
  if (!success) throw new Error(`Cannot run git: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}

/** Runs with a server of its own, whose files can be copied as nobody else uses it. */
async function withServer<T>(run: (url: string) => Promise<T>): Promise<T> {
  // Every count copies the files, and few of them are needed after a checkpoint.
  const server = await startPostgres({ min_wal_size: "32MB", max_wal_size: "32MB" });
  try {
    return await run(server.url);
  } finally {
    await server.stop();
  }
}

async function countKinds(
  server: string,
  { kinds, users, migrations }: { kinds: readonly Kind[]; users: number; migrations?: readonly string[] | undefined },
): Promise<Record<string, number>> {
  const { url, sql } = await makeUserBase(server, users, migrations ?? (await readMigrations()).map(textOf));
  await sql.end();
  const backend = await settle(url);
  const counts: Record<string, number> = {};
  for (const { name, calls, size } of kinds) counts[name] = await countInstructions(backend, calls(users)) / size;
  return counts;
}

const textOf = ({ sql }: { sql: string }) => sql;

/** Ratios that do not depend on the machine. */
export interface InstructionRatios {
  /** A webhook's change beside the plain upsert of the same row. */
  change: number;
  /** A page of 20 rows by the policy of an organization, beside the one that asks the token alone. */
  organizationPolicy: number;
}

/**
 * Counts the instructions that a test compares with `expected.json`.
 *
 * @returns The ratios by the major version of PostgreSQL, which changes them by more than a repeat does.
 */
export async function measureInstructionRatios(): Promise<Record<string, InstructionRatios>> {
  return await withServer(async (server) => {
    const counts = await countKinds(server, { kinds: [A_PROFILE, A_PLAIN_UPSERT], users: 1_000 });
    const [policy] = await countPolicies(server, ["organization"]);
    const ratios = {
      change: round(counts[A_PROFILE.name]! / counts[A_PLAIN_UPSERT.name]!),
      organizationPolicy: round(policy!.ours / policy!.token),
    };
    return { [await majorVersion(server)]: ratios };
  });
}

async function majorVersion(server: string): Promise<string> {
  const sql = connect(server);
  const [{ version }] = await sql`select current_setting('server_version') as version` as unknown as [
    { version: string },
  ];
  await sql.end();
  return version.split(".")[0]!;
}

const round = (value: number) => Math.round(value * 1_000) / 1_000;

const RULES: Rule[] = ["own rows", "organization", "role", "permission"];
const PAGE = "select id, number, amount from public.invoices order by created_at desc limit 20";

async function comparePolicies(): Promise<Table> {
  const counts = await withServer((server) => countPolicies(server, RULES));
  return {
    title: "Instructions of a page of 20 rows under a policy, in thousands",
    columns: ["policy", "ours: token and tables", "token only", "ratio"],
    rows: counts.map(({ ours, token }, index) => [
      RULES[index],
      ...[ours, token].map((count) => Math.round(count / 1_000).toLocaleString("en")),
      (ours / token).toFixed(3),
    ]),
  };
}

async function countPolicies(
  server: string,
  rules: readonly Rule[],
): Promise<Array<Record<"ours" | "token", number>>> {
  const size = { rows: 10_000, tenants: 100 };
  const { url, sql } = await makeDatabase(server, "tenants");
  await fillTenants(sql, size);
  await sql.end();
  const backend = await settle(url);
  const count = (rule: Rule, way: Way) => countInstructions(backend, pagesOf(roleOf(rule, way), size.tenants));
  const counts = [];
  for (const rule of rules) counts.push({ ours: await count(rule, "ours"), token: await count(rule, "token") });
  return counts;
}

/** As the Data API does it: the statement is prepared, and each transaction sets role and claims. */
function pagesOf(role: string, tenants: number): Calls {
  const { settings, query } = asDataApi(PAGE);
  return {
    before: [`set role ${role}`, `prepare page as ${query}`],
    call: (n) => [
      "begin",
      settings.replace("$1", quoted(role)).replace("$2", quoted(claimsOf(spread(n, tenants)))),
      "execute page",
      "commit",
    ],
    lengths: [30, 110],
  };
}
