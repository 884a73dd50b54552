/**
 * `deno task bench database`: the write path beside a plain upsert of the same rows, and the caller's own row under row
 * level security beside a look-up by primary key without it. It starts a private PostgreSQL, with its own settings but
 * for the memory of a small server; clients and server share the machine.
 *
 * @module
 */
import type postgres from "postgres";
import { SMALL_SERVER } from "../postgres.ts";
import { atLeast, atMost, type Table } from "../table.ts";
import { type Duration, inTurns, type Measured } from "../measure.ts";
import { connect, makeUserBase, nextUser, pageOfUsers, plainRow, profileOf, type UserBase } from "../users.ts";
import { startPostgres } from "../../project/postgres_server.ts";

/** One way of doing one thing. */
export interface Row extends Measured {
  what: string;
  users: number;
  /**
   * Compared with the plain way or with the smallest number of users. A ratio of rates if the target is a minimum, of
   * times if it is a maximum.
   */
  ratio?: number;
  target?: string;
}

/** Options of the suite. */
export interface DatabaseOptions {
  users: number[];
  seconds: number;
}

const COLUMNS =
  "clerk_user_id, email, first_name, last_name, username, profile_image_url, metadata, created_at, updated_at, last_sign_in_at";
const ON_CONFLICT = `on conflict (clerk_user_id) do update set (${COLUMNS}) = (${
  COLUMNS.split(", ").map((name) => `excluded.${name}`).join(", ")
})`;
const PLAIN_BATCH = `
  insert into public.plain_users (${COLUMNS})
  select ${COLUMNS} from jsonb_populate_recordset(null::public.plain_users, $1) ${ON_CONFLICT}`;
const PLAIN =
  `insert into public.plain_users (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ${ON_CONFLICT}`;
const APPLY = "select public.apply_clerk_changes($1)";

/**
 * Runs the suite, at each number of users.
 *
 * @param options How many users, and how long for each way.
 * @returns The table.
 */
export async function benchDatabase(options: DatabaseOptions): Promise<Table[]> {
  const rows = await measureDatabase(options);
  return [{
    title: `Database: ${options.seconds} s for each way, in turns`,
    columns: ["ratio", "target", "what", "users", "per second", "p50 ms", "p99 ms"],
    rows: rows.map(({ ratio, target, what, users, rate, p50, p99 }) => [
      ratio?.toFixed(2),
      target,
      what,
      users.toLocaleString("en"),
      rate.toFixed(0),
      p50.toFixed(2),
      p99.toFixed(2),
    ]),
  }];
}

async function measureDatabase({ users, seconds }: DatabaseOptions): Promise<Row[]> {
  const server = await startPostgres(SMALL_SERVER);
  const duration = { seconds, turns: 5 };
  const bases: UserBase[] = [];
  try {
    for (const count of users) bases.push(await makeUserBase(server.url, count));
    const rows: Row[] = [];
    for (const base of bases) rows.push(...await singles(base, duration, "one change a call, 8 connections"));
    for (const base of bases) rows.push(...await batches(base, duration));
    for (const base of bases) rows.push(...await ownRow(base, duration));
    // The same without waiting for the disk.
    await bases[0]!.sql`alter system set fsync = off`;
    await bases[0]!.sql`select pg_reload_conf()`;
    for (const base of bases) {
      rows.push(...await singles(base, duration, "one change a call, 8 connections, without fsync"));
    }
    rows.push(...await costPerCall(bases, duration));
    return rows;
  } finally {
    await Promise.all(bases.map(({ sql }) => sql.end()));
    await server.stop();
  }
}

/** Runs with connections of the service role. */
async function withConnections<T>(base: UserBase, n: number, run: (sql: postgres.Sql[]) => Promise<T>): Promise<T> {
  const connections = Array.from({ length: n }, () => connect(base.url, "service_role"));
  try {
    return await run(connections);
  } finally {
    await Promise.all(connections.map((sql) => sql.end()));
  }
}

async function applyOne(base: UserBase, sql: postgres.Sql): Promise<void> {
  must(await sql.unsafe(APPLY, [[profileOf(nextUser(base))] as never], { prepare: true }));
}

/** Throws for a refused change, because refusals are cheap and would improve our figures. */
function must(rows: postgres.RowList<postgres.Row[]>): void {
  const outcomes: Array<{ outcome: string }> = Object.values(rows[0]!)[0];
  const odd = outcomes.find(({ outcome }) => outcome === "refused" || outcome === "duplicate");
  if (odd) throw new Error(`Cannot measure: a change is ${JSON.stringify(odd)}`);
}

async function singles(base: UserBase, duration: Duration, what: string): Promise<Row[]> {
  return await withConnections(base, 8, async (connections) => {
    const upsert = (sql: postgres.Sql) =>
      sql.unsafe(PLAIN, Object.values(plainRow(profileOf(nextUser(base)))) as never[], { prepare: true });
    const { ours, plain } = await inTurns({
      ours: { callers: 8, call: (caller) => applyOne(base, connections[caller]!) },
      plain: { callers: 8, call: (caller) => upsert(connections[caller]!) },
    }, duration);
    return beside(base, what, { ours, plain }, ours.rate / plain.rate, (ratio) => atLeast(0.9, ratio));
  });
}

async function batches(base: UserBase, duration: Duration): Promise<Row[]> {
  return await withConnections(base, 1, async ([sql]) => {
    // A page of a backfill: users read from Clerk, not messages.
    const page = () => pageOfUsers(base).map(profileOf);
    const fetched = () => page().map(({ message_id: _, ...user }) => ({ ...user, type: "user.fetched" }));
    const { ours, plain } = await inTurns({
      ours: {
        callers: 1,
        size: 500,
        call: async () => must(await sql!.unsafe(APPLY, [fetched() as never], { prepare: true })),
      },
      plain: {
        callers: 1,
        size: 500,
        call: () => sql!.unsafe(PLAIN_BATCH, [page().map(plainRow) as never], { prepare: true }),
      },
    }, duration);
    return beside(
      base,
      "batches of 500, users/s",
      { ours, plain },
      ours.rate / plain.rate,
      (ratio) => atLeast(0.6, ratio),
    );
  });
}

/** Both in a transaction with role and claims, as the Data API does it; the times are of the transactions. */
async function ownRow(base: UserBase, duration: Duration): Promise<Row[]> {
  const sql = connect(base.url);
  const sample = await sql`select id, clerk_user_id from public.users where email is not null limit 1000`;
  const pick = () => sample[Math.floor(Math.random() * sample.length)]!;
  const as = (role: string, sub: string, look: (sql: postgres.TransactionSql) => Promise<unknown>) =>
    sql.begin((transaction) => [
      transaction`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${
        JSON.stringify({ role, sub })
      }, true)`,
      look(transaction),
    ]);
  try {
    const { ours, plain } = await inTurns({
      ours: {
        callers: 1,
        call: () => as("authenticated", pick().clerk_user_id, (sql) => sql`select * from public.users`),
      },
      plain: {
        callers: 1,
        call: () => {
          const { id, clerk_user_id } = pick();
          return as("service_role", clerk_user_id, (sql) => sql`select * from public.users where id = ${id}`);
        },
      },
    }, duration);
    return beside(base, "the caller's own row", { ours, plain }, ours.p50 / plain.p50, (ratio) => atMost(1.2, ratio));
  } finally {
    await sql.end();
  }
}

/** One connection for each size, in turns. */
async function costPerCall(bases: UserBase[], duration: Duration): Promise<Row[]> {
  const connections = bases.map(({ url }) => connect(url, "service_role"));
  try {
    const works = bases.map((base, index) =>
      [base.users, { callers: 1, call: () => applyOne(base, connections[index]!) }] as const
    );
    const measured = await inTurns(Object.fromEntries(works), duration);
    const fewest = measured[bases[0]!.users]!;
    return bases.map(({ users }) => {
      const ratio = measured[users]!.p50 / fewest.p50;
      const what = "one change a call, 1 connection, without fsync";
      return { what, users, ...measured[users]!, ratio, target: atMost(1.3, ratio) };
    });
  } finally {
    await Promise.all(connections.map((sql) => sql.end()));
  }
}

function beside(
  { users }: UserBase,
  what: string,
  { ours, plain }: Record<"ours" | "plain", Measured>,
  ratio: number,
  target: (ratio: number) => string,
): Row[] {
  return [{ what, users, ...ours, ratio, target: target(ratio) }, { what: "plain", users, ...plain }];
}
