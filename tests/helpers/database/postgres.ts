/**
 * Databases of the private PostgreSQL server that `deno task test` starts. Each is a copy of a template, created by the
 * first test process that needs it.
 *
 * @module
 */
import postgres from "postgres";
import { migrate, readPlatform } from "../../../project/database/database.ts";
import { hashDatabaseFiles } from "./database_files.ts";
import { eventually } from "../../../project/eventually.ts";

/** A separate database for one test, with a connection as its owner. */
export interface TestDatabase {
  url: string;
  sql: postgres.Sql;
  drop: () => Promise<void>;
}

/** Creates an empty database with the platform's roles, with or without its default privileges. */
export function createDatabase({ hostedDefaults }: { hostedDefaults: boolean }): Promise<TestDatabase> {
  return copyOf(hostedDefaults ? "hosted" : "platform");
}

/** Creates a database with the platform's defaults and the bundle's migrations. */
export function createMigratedDatabase(): Promise<TestDatabase> {
  return copyOf("migrated");
}

/** The content of a template. The second adds the platform's default privileges, the third also the migrations. */
type Content = "platform" | "hosted" | "migrated";

async function copyOf(content: Content): Promise<TestDatabase> {
  const name = uniqueName("test");
  const admin = connectTo(serverUrl().href);
  await admin.unsafe(`create database ${name} template ${await findTemplate(admin, content)}`);
  const url = urlOf(name);
  const sql = connectTo(url);
  return {
    url,
    sql,
    drop: async () => {
      await sql.end();
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

/** Serializes the test processes that need a template. */
const TEMPLATE_LOCK = 7_236_512;

/** Returns the name of a template, and creates the template unless a test process already has. */
async function findTemplate(admin: postgres.Sql, content: Content): Promise<string> {
  const name = `template_${content}_${await hashDatabaseFiles()}`;
  const exists = async () => (await admin`select from pg_database where datname = ${name}`).length > 0;
  if (await exists()) return name;
  await admin`select pg_advisory_lock(${TEMPLATE_LOCK})`;
  try {
    if (!await exists()) await makeTemplate(admin, name, content);
  } finally {
    await admin`select pg_advisory_unlock(${TEMPLATE_LOCK})`;
  }
  return name;
}

/** Creates it under a draft name until it is complete, so that a process that ends half-way leaves no template. */
async function makeTemplate(admin: postgres.Sql, name: string, content: Content): Promise<void> {
  const draft = uniqueName("draft");
  await admin.unsafe(`create database ${draft}`);
  const sql = connectTo(urlOf(draft));
  try {
    await fill(sql, content);
  } finally {
    await sql.end();
  }
  // PostgreSQL refuses to rename or copy a database with open connections.
  await admin.unsafe(`alter database ${draft} with allow_connections false`);
  await eventually(async () => {
    const connected = await admin`select pid from pg_stat_activity where datname = ${draft}`;
    if (connected.length > 0) {
      throw new Error(`Cannot create a template: ${connected.length} connections to it are open`);
    }
  });
  await admin.unsafe(`alter database ${draft} rename to ${name}`);
}

async function fill(sql: postgres.Sql, content: Content): Promise<void> {
  await sql.unsafe(await readPlatform("platform.sql"));
  if (content === "platform") return;
  await sql.unsafe(await readPlatform("hosted_defaults.sql"));
  if (content === "hosted") return;
  await migrate({ script: (text) => sql.unsafe(text), query: async (text) => [...await sql.unsafe(text)] });
}

function uniqueName(prefix: string): string {
  return `${prefix}_${crypto.randomUUID().replaceAll("-", "")}`;
}

/** Returns the address of a database of the server. */
function urlOf(name: string): string {
  const url = serverUrl();
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs a test in its own migrated database. */
export async function withMigratedDatabase(run: (database: TestDatabase) => Promise<void>): Promise<void> {
  const database = await createMigratedDatabase();
  try {
    await run(database);
  } finally {
    await database.drop();
  }
}

/** Deletes every user, row and message. */
export async function forgetAll(sql: postgres.Sql): Promise<void> {
  await sql`truncate public.users, clerk.users, clerk.messages cascade`;
}

/** Returns whether the tests' server can install an extension. */
export async function hasExtension(name: string): Promise<boolean> {
  const sql = connectTo(serverUrl().href);
  try {
    return (await sql`select from pg_available_extensions where name = ${name}`).length > 0;
  } finally {
    await sql.end();
  }
}

/** Connects to a database as its owner, once. */
export function connectTo(url: string): postgres.Sql {
  return postgres(url, { onnotice: () => {}, max: 1 });
}

/** Returns whether a server is running: `deno task test` starts one if PostgreSQL is installed. */
export function hasServer(): boolean {
  return Deno.env.has("TEST_POSTGRES_URL");
}

function serverUrl(): URL {
  const url = Deno.env.get("TEST_POSTGRES_URL");
  if (!url) throw new Error("Cannot run without PostgreSQL: run deno task test, which starts a server");
  return new URL(url);
}
