/** 16 connections straight to the SQL function, alone and in batches of up to 50. */
import postgres from "postgres";
import { createMigratedDatabase } from "../helpers/postgres.ts";
import { changeOf, mappingOf } from "./payload.ts";
import { converge } from "./run.ts";

const WORKERS = 16;
/** Makes a transaction roll back after its work. */
const LOST = new Error("lost");

Deno.test("apply_clerk_changes converges, whatever the order, duplication, loss and concurrency", async () => {
  const database = await createMigratedDatabase();
  await database.sql`alter table public.users add column phone_number text`;
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
        hasOwnColumn: true,
        deliver: async ({ messages, lost }, { deleteMode }, worker) => {
          const changes = messages.map((message) =>
            changeOf(message, 100_000 + attempts++, mappingOf(deleteMode, true))
          );
          await connections[worker]!.begin(async (sql) => {
            await sql`select public.apply_clerk_changes(${sql.json(changes as never)})`;
            if (lost) throw LOST;
          }).catch((error) => {
            if (error !== LOST) throw error;
          });
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
