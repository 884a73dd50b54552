/**
 * Databases of many users, the changes that Clerk would tell of them, and the plain table that they are compared with.
 *
 * @module
 */
import postgres from "postgres";
import { PLAIN_USERS } from "./postgres.ts";
import { migrate, readPlatform } from "../project/database/database.ts";
import type { ClerkChange } from "../supabase/functions/_clerk-supabase/database/change.ts";

/** A database with users. */
export interface UserBase {
  url: string;
  users: number;
  /** As its owner. */
  sql: postgres.Sql;
}

const T0 = Date.UTC(2026, 0, 1);
let changes = 0;

/** Like Clerk's and Svix's own ids: as long, and the later ones sort behind. */
const idOf = (kind: "user" | "msg", n: number) => `${kind}_${String(n).padStart(27, "0")}`;

/** Addresses are not in the order of time, so neighbours in one index are not neighbours in the other. */
const emailOf = (n: number) => `${String(n).padStart(12, "0").split("").reverse().join("")}@example.com`;

/**
 * Creates a migrated database with users, and with a plain table of the same columns, indexes and rows.
 *
 * @param server Address of a server, as a superuser.
 * @param users How many.
 * @param migrations Texts of other migrations than the project's own; undefined means those.
 * @returns The database.
 */
export async function makeUserBase(server: string, users: number, migrations?: readonly string[]): Promise<UserBase> {
  const { url, sql } = await makeDatabase(server, `users_${users}`, migrations);
  await sql.unsafe(`
    ${PLAIN_USERS}
    insert into public.users (clerk_user_id, email, first_name, last_name, username, profile_image_url, created_at, updated_at, metadata)
    select 'user_' || lpad(n::text, 27, '0'), reverse(lpad(n::text, 12, '0')) || '@example.com', 'Ada', 'Lovelace', 'user' || n,
      'https://img.clerk.com/' || md5(n::text), to_timestamp(${T0 / 1000}), to_timestamp(${
    T0 / 1000
  }), '{"plan": "pro"}'
    from generate_series(0, ${users - 1}) as n;
    insert into public.plain_users select * from public.users;
    insert into clerk.users (user_id, version, version_event, version_rank, version_message, email_address, email_verified, created_at)
    select clerk_user_id, ${T0}, ${T0}, 0, replace(clerk_user_id, 'user', 'msg'), email, true, created_at from public.users;
    insert into clerk.messages (message_id, type, user_id, event_at, outcome)
    select replace(clerk_user_id, 'user', 'msg'), 'user.created', clerk_user_id, created_at, 'created' from public.users;`);
  for (const table of ["public.users", "public.plain_users", "clerk.users", "clerk.messages"]) {
    await sql.unsafe(`vacuum analyze ${table}`);
  }
  return { url, users, sql };
}

/**
 * Creates an empty migrated database.
 *
 * @param server Address of a server, as a superuser.
 * @param name The name of the database.
 * @param migrations Texts of other migrations than the project's own; undefined means those.
 * @returns Its address, and a connection as its owner.
 */
export async function makeDatabase(
  server: string,
  name: string,
  migrations?: readonly string[],
): Promise<{ url: string; sql: postgres.Sql }> {
  const admin = connect(server);
  await admin.unsafe(`create database ${name}`);
  await admin.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  const sql = connect(url.href);
  for (const file of ["platform.sql", "hosted_defaults.sql"] as const) await sql.unsafe(await readPlatform(file));
  if (migrations) { for (const text of migrations) await sql.unsafe(text); }
  else await migrate({ script: (text) => sql.unsafe(text), query: async (text) => [...await sql.unsafe(text)] });
  return { url: url.href, sql };
}

/** A connection, as its address says or as a role. */
export function connect(url: string, role?: string): postgres.Sql {
  return postgres(url, { max: 1, onnotice: () => {}, connection: role ? { role } : {} });
}

/** A profile that Clerk sends: of a new user, or one that changes the name of one of the first users. */
export function profileOf(user: number): ClerkChange & { email: string; updated_at: number } {
  const at = T0 + ++changes;
  return {
    type: "user.updated",
    message_id: idOf("msg", 1e15 + changes),
    user_id: idOf("user", user),
    sent_at: at,
    event_at: at,
    updated_at: at,
    created_at: T0,
    last_sign_in_at: T0,
    email: emailOf(user),
    email_verified: true,
    first_name: `Ada ${changes}`,
    last_name: "Lovelace",
    username: `user${user}`,
    profile_image_url: "https://img.clerk.com/0123456789abcdef",
    metadata: { plan: "pro" },
  };
}

/** One by one: every other change is of a new user. */
export function nextUser({ users }: UserBase): number {
  return changes % 2 === 0 ? 1e9 + changes : Math.floor(Math.random() * users);
}

/** 500 users, as far apart as they can be; half of them are new. */
export function pageOfUsers({ users }: UserBase): number[] {
  const step = Math.floor(users / 250);
  const offset = Math.floor(Math.random() * step);
  return Array.from(
    { length: 500 },
    (_, index) => index % 2 === 0 ? 1e9 + changes + index : offset + step * (index >> 1),
  );
}

/** The columns that a change fills, as a row of the plain table. */
export function plainRow(change: ReturnType<typeof profileOf>): Record<string, postgres.JSONValue> {
  return {
    clerk_user_id: change.user_id!,
    email: change.email,
    first_name: change.first_name!,
    last_name: change.last_name!,
    username: change.username!,
    profile_image_url: change.profile_image_url!,
    metadata: change.metadata as postgres.JSONValue,
    created_at: new Date(T0).toISOString(),
    updated_at: new Date(change.updated_at).toISOString(),
    last_sign_in_at: new Date(T0).toISOString(),
  };
}

/** The statement that puts a change into the plain table, with its values in the text. */
export function plainUpsert(change: ReturnType<typeof profileOf>): string {
  const row = plainRow(change);
  const text = (value: unknown) => typeof value === "string" ? value : JSON.stringify(value);
  const values = Object.values(row).map((value) => `'${text(value).replaceAll("'", "''")}'`);
  return `insert into public.plain_users (${Object.keys(row)}) values (${values})
    on conflict (clerk_user_id) do update set (${Object.keys(row)}) = (${
    Object.keys(row).map((column) => `excluded.${column}`)
  })`;
}
