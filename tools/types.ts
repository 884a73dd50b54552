/**
 * `deno task types`: writes the database's types, which the Supabase CLI generates from the migrations.
 *
 * @module
 */
import { openDatabase } from "../project/database/database.ts";
import { generateTypes, TYPE_FILES } from "./database_types.ts";
import { type PostgresServer, startPostgres } from "../project/postgres_server.ts";

async function write({ url }: PostgresServer): Promise<void> {
  const database = await openDatabase({ url });
  try {
    const types = await generateTypes(url);
    for (const file of TYPE_FILES) await Deno.writeTextFile(file, types);
  } finally {
    await database.close();
  }
}

async function main(): Promise<void> {
  const server = await startPostgres();
  try {
    await write(server);
  } finally {
    await server.stop();
  }
}

await main();
