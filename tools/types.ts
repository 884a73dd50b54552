/**
 * `deno task types`: writes the database's types, as the Supabase CLI generates them from the migrations.
 *
 * @module
 */
import { openDatabase } from "../dev/database/database.ts";
import { generateTypes, TYPES } from "../tests/helpers/database_types.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";

const NO_POSTGRES =
  "Cannot generate types: PostgreSQL is not installed. Install it, for example by apt-get install postgresql.";

async function write({ url }: PostgresServer): Promise<void> {
  const database = await openDatabase({ url });
  try {
    await Deno.writeTextFile(TYPES, await generateTypes(url));
  } finally {
    await database.close();
  }
}

async function main(): Promise<number> {
  const server = await startPostgres();
  if (!server) {
    // deno-lint-ignore no-console -- a command-line tool
    console.error(NO_POSTGRES);
    return 1;
  }
  try {
    await write(server);
    return 0;
  } finally {
    await server.stop();
  }
}

Deno.exit(await main());
