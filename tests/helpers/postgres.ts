/**
 * Databases of the private PostgreSQL server that `deno task test` starts.
 *
 * @module
 */
import postgres from "postgres";
import { migrate } from "../../dev/database/database.ts";

/** A database of its own for one test, with a connection as its owner. */
export interface TestDatabase {
  url: string;
  sql: postgres.Sql;
  drop: () => Promise<void>;
}

/** Makes an empty database with the platform's roles, with or without its default privileges. */
export async function createDatabase({ hostedDefaults }: { hostedDefaults: boolean }): Promise<TestDatabase> {
  const server = serverUrl();
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const admin = connectTo(server.href);
  await admin.unsafe(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const sql = connectTo(url.href);
  await sql.unsafe(await platformFile("platform.sql"));
  if (hostedDefaults) await sql.unsafe(await platformFile("hosted_defaults.sql"));
  return {
    url: url.href,
    sql,
    drop: async () => {
      await sql.end();
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

/** Makes a database with the platform's defaults and our migrations. */
export async function createMigratedDatabase(): Promise<TestDatabase> {
  const database = await createDatabase({ hostedDefaults: true });
  const { sql } = database;
  await migrate({ script: (text) => sql.unsafe(text), query: async (text) => [...await sql.unsafe(text)] });
  return database;
}

/** Runs a test in a migrated database of its own. */
export async function withMigratedDatabase(run: (database: TestDatabase) => Promise<void>): Promise<void> {
  const database = await createMigratedDatabase();
  try {
    await run(database);
  } finally {
    await database.drop();
  }
}

/** Forgets everything. */
export async function forgetAll(sql: postgres.Sql): Promise<void> {
  await sql`truncate public.users, clerk.users, clerk.messages cascade`;
}

/** Whether the server that the tests use could install an extension. */
export async function hasExtension(name: string): Promise<boolean> {
  const sql = connectTo(serverUrl().href);
  try {
    return (await sql`select from pg_available_extensions where name = ${name}`).length > 0;
  } finally {
    await sql.end();
  }
}

/** One connection as the database's owner. */
export function connectTo(url: string): postgres.Sql {
  return postgres(url, { onnotice: () => {}, max: 1 });
}

function platformFile(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../dev/database/${name}`, import.meta.url));
}

function serverUrl(): URL {
  const url = Deno.env.get("TEST_POSTGRES_URL");
  if (!url) throw new Error("Cannot run without PostgreSQL: use deno task test, which starts a server");
  return new URL(url);
}
