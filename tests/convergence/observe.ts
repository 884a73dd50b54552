/**
 * Reads the database's state in the model's terms, and counts the backends at work at the same time.
 *
 * @module
 */
import type postgres from "postgres";
import { EPOCH, type History } from "./history.ts";
import type { State } from "./model.ts";

/** Reads the actual state. */
export async function actualState(sql: postgres.Sql): Promise<State> {
  const rows = await sql`
    select clerk_user_id, email, email_verified, first_name, metadata, to_jsonb(users) ->> 'phone_number' as phone,
      round(extract(epoch from created_at) * 1000) as created_at,
      round(extract(epoch from last_sign_in_at) * 1000) as last_sign_in_at
    from public.users where deleted_at is null order by clerk_user_id`;
  const deleted = await sql`select user_id from clerk.users where deleted_at is not null order by user_id collate "C"`;
  const live: State["live"] = {};
  for (const row of rows) {
    live[row.clerk_user_id] = {
      email: row.email,
      emailVerified: row.email_verified,
      firstName: row.first_name,
      metadata: row.metadata,
      phone: row.phone,
      createdAt: Number(row.created_at) - EPOCH,
      lastSignInAt: row.last_sign_in_at === null ? null : Number(row.last_sign_in_at) - EPOCH,
    };
  }
  return { live, deleted: deleted.map(({ user_id }) => user_id) };
}

/** Returns the ids of messages without exactly one outcome. */
export async function lostMessages(sql: postgres.Sql, { messages }: History): Promise<string[]> {
  const rows = await sql`select message_id from clerk.messages where outcome <> 'refused'`;
  const known = new Set(rows.map(({ message_id }) => message_id));
  return messages.flatMap((message) => message.kind !== "fetched" && !known.has(message.id) ? [message.id] : []);
}

/** Finds invalid states: a tombstone that claims an address, a refusal without a code, or a code without a refusal. */
export async function brokenRules(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select 'tombstone ' || user_id as rule from clerk.users
    where deleted_at is not null and (email_address is not null or email_verified)
    union all
    select 'ledger ' || message_id from clerk.messages where (outcome = 'refused') <> (code is distinct from 'DELETE_BLOCKED' and code is not null)`;
  return rows.map(({ rule }) => rule);
}

/** The minimum number of concurrent backends for a run to say anything about concurrency. */
export const FEWEST_BACKENDS = 4;

/** Watches how many backends run the function at the same time; rarely once they are enough, because looking costs CPU. */
export function watchBackends(sql: postgres.Sql): { most: () => number; stop: () => Promise<void> } {
  let most = 0;
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      const [row] = await sql`
        select count(*)::int as n from pg_stat_activity
        where datname = current_database() and state = 'active' and pid <> pg_backend_pid()
          and query like '%apply_clerk_changes%'`;
      most = Math.max(most, row!.n);
      await new Promise((resolve) => setTimeout(resolve, most < FEWEST_BACKENDS ? 3 : 50));
    }
  })();
  return {
    most: () => most,
    stop: async () => {
      stopped = true;
      await watching;
    },
  };
}
