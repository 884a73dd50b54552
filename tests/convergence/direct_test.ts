/**
 * Tests convergence over 16 direct connections to the SQL function, alone and in batches of up to 50. Every other user
 * has an own column, and every message is kept.
 */
import { assertEquals } from "@std/assert";
import postgres from "postgres";
import { createMigratedDatabase } from "../helpers/database/postgres.ts";
import { changeOf, mappingOf } from "./payload.ts";
import { hasOwnColumn } from "./history.ts";
import { converge, type Driver } from "./run.ts";

const WORKERS = 16;
/** Raised so that a transaction rolls back after its work. */
const LOST = new Error("lost");

/** About 5 % of the users, including one of those with many messages. */
const REFUSED_USERS = ["user_1", "user_20"];
/** Refuses their rows, and keeps another user's row when it is deleted. */
const PLANTED = `
  alter table public.users add constraint planted check (clerk_user_id not in ('${REFUSED_USERS.join("', '")}'));
  create function public.keep() returns trigger language plpgsql as $$
  begin
    if old.clerk_user_id = 'user_2' then raise exception 'kept'; end if;
    return old;
  end $$;
  create trigger keep before delete on public.users for each row execute function public.keep()`;

Deno.test("apply_clerk_changes converges under any order, duplication, loss and concurrency", () =>
  convergeDirectly({ name: "direct", largestBatch: 50, maxMessages: 300 }));

Deno.test("apply_clerk_changes converges for all other users if the schema refuses 5 % of them", () =>
  convergeDirectly(
    { name: "direct, 5 % refused", largestBatch: 50, maxMessages: 100, refusedUsers: REFUSED_USERS },
    PLANTED,
  ));

async function convergeDirectly(
  options: Omit<Driver, "workers" | "deliver" | "withOwnColumn">,
  plant?: string,
): Promise<void> {
  const database = await createMigratedDatabase();
  await database.sql`alter table public.users add column phone_number text`;
  const connect = () => postgres(database.url, { max: 1, onnotice: () => {}, connection: { role: "service_role" } });
  const connections = Array.from({ length: WORKERS }, connect);
  const watcher = postgres(database.url, { max: 1 });
  let attempts = 0;
  try {
    if (plant !== undefined) await database.sql.unsafe(plant);
    await converge(
      {
        ...options,
        workers: WORKERS,
        withOwnColumn: true,
        deliver: async ({ messages, lost }, { deleteMode }, worker) => {
          const changes = messages.map((message) => {
            const hasOwn = "profile" in message && hasOwnColumn(message.profile.user);
            return changeOf(message, 100_000 + attempts++, { ...mappingOf(deleteMode, hasOwn), keepsType: () => true });
          });
          await connections[worker]!.begin(async (sql) => {
            await sql`select public.apply_clerk_changes(${sql.json(changes as never)})`;
            if (lost) throw LOST;
          }).catch((error) => {
            if (error !== LOST) throw error;
          });
        },
        check: async ({ messages }) => {
          const kept = await database.sql`select message_id from clerk.kept_events order by message_id collate "C"`;
          const sent = messages.flatMap((message) => message.kind === "fetched" ? [] : [message.id]);
          // A refused user's message is kept only if it arrives too late to be refused.
          const known = new Set(sent);
          assertEquals(kept.map(({ message_id }) => message_id).filter((id) => known.has(id)), sent.sort());
        },
      },
      database.sql,
      watcher,
    );
  } finally {
    await Promise.all([...connections, watcher].map((sql) => sql.end()));
    await database.drop();
  }
}
