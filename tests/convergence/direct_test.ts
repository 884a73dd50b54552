/**
 * 16 connections straight to the SQL function, alone and in batches of up to 50. Every other user has an own column, and
 * every message is kept.
 */
import { assertEquals } from "@std/assert";
import postgres from "postgres";
import { createMigratedDatabase } from "../helpers/postgres.ts";
import type { ClerkChange } from "../../supabase/functions/_shared/clerk/change.ts";
import { changeOf } from "./payload.ts";
import { converge } from "./run.ts";

const WORKERS = 16;
/** Makes a transaction roll back after its work. */
const LOST = new Error("lost");

/** Adds an own column that repeats the first name, for users whose id ends in an even character, and data to keep. */
function extend(change: ClerkChange): Record<string, unknown> {
  const hasTwin = (change.user_id ?? "").charCodeAt((change.user_id ?? "").length - 1) % 2 === 0;
  return {
    ...change,
    ...hasTwin && change.type !== "user.deleted" ? { own: { twin: change.first_name ?? null } } : {},
    ...change.message_id ? { data: { of: change.user_id } } : {},
  };
}

/** Rows whose own column is not what the row's profile says. */
async function oddTwins(sql: postgres.Sql): Promise<unknown[]> {
  return [
    ...await sql`
      select clerk_user_id from public.users
      where twin is distinct from case when ascii(right(clerk_user_id, 1)) % 2 = 0 then first_name end`,
  ];
}

Deno.test("apply_clerk_changes converges, whatever the order, duplication, loss and concurrency", async () => {
  const database = await createMigratedDatabase();
  await database.sql`alter table public.users add column twin text`;
  const connect = () => postgres(database.url, { max: 1, onnotice: () => {}, connection: { role: "service_role" } });
  const connections = Array.from({ length: WORKERS }, connect);
  const watcher = postgres(database.url, { max: 1 });
  let attempts = 0;
  try {
    await converge(
      {
        name: "direct",
        workers: WORKERS,
        largestBatch: 50,
        maxMessages: 300,
        deliver: async ({ messages, lost }, { deleteMode }, worker) => {
          const changes = messages.map((message) => extend(changeOf(message, 100_000 + attempts++, deleteMode)));
          await connections[worker]!.begin(async (sql) => {
            await sql`select public.apply_clerk_changes(${sql.json(changes as never)})`;
            if (lost) throw LOST;
          }).catch((error) => {
            if (error !== LOST) throw error;
          });
        },
        check: async ({ messages }) => {
          assertEquals(await oddTwins(database.sql), []);
          const kept = await database.sql`select message_id from clerk.kept_events order by message_id collate "C"`;
          const sent = messages.flatMap((message) => message.kind === "fetched" ? [] : [message.id]);
          assertEquals(kept.map(({ message_id }) => message_id), sent.sort());
          await database.sql`truncate clerk.kept_events`;
        },
      },
      database.sql,
      watcher,
    );
  } finally {
    await Promise.all([...connections, watcher].map((sql) => sql.end()));
    await database.drop();
  }
});
