/** Tests the foundations that docs/database.md offers adopters: triggers on public.users, and the ledger. */
import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { deletion, profile, signIn } from "../helpers/database/changes.ts";
import { documentedCode } from "../helpers/project/documented.ts";
import { connectTo, withMigratedDatabase } from "../helpers/database/postgres.ts";

async function apply(sql: postgres.Sql, ...changes: unknown[]): Promise<string[]> {
  const [row] = await sql`select public.apply_clerk_changes(${sql.json(changes as never)}) as outcomes`;
  return row!.outcomes.map(({ outcome }: { outcome: string }) => outcome);
}

const USERS = 40;

Deno.test("a welcome-row trigger fires once per new user, despite duplicate and unordered deliveries", () =>
  withMigratedDatabase(async (database) => {
    await database.sql.unsafe(await documentedCode("docs/database.md", "create trigger users_after_insert_welcome"));
    const messages = Array.from({ length: USERS }, (_, index) => [
      profile(`user_${index}`, 1, { type: "user.created" }),
      profile(`user_${index}`, 2, { first_name: "Ada" }),
      signIn(`user_${index}`, 3),
    ]).flat();
    const deliveries = [...messages, ...messages, ...messages.toReversed()].sort((a, b) =>
      a.message_id! < b.message_id! ? 1 : -1
    );
    const connections = Array.from({ length: 8 }, () => connectTo(database.url));
    await Promise.all(connections.map(async (sql) => {
      for (let message = deliveries.pop(); message; message = deliveries.pop()) await apply(sql, message);
      await sql.end();
    }));
    const [row] = await database
      .sql`select count(*)::int as welcomes, count(distinct user_id)::int as users from public.welcomes`;
    assertEquals({ ...row }, { welcomes: USERS, users: USERS });
  }));

Deno.test("a change that alters no stored column fires no trigger, even with a newer updated_at", () =>
  withMigratedDatabase(async (database) => {
    await database.sql.unsafe(`
      create table public.seen (operation text);
      create function public.note_operation() returns trigger language plpgsql as $$
      begin insert into public.seen values (tg_op); return null; end $$;
      create trigger users_after_any_note after insert or update or delete on public.users
      for each row execute function public.note_operation();`);
    const change = profile("user_a", 1, { email: "ada@example.com", metadata: { plan: "pro" } });
    const outcomes = [
      ...await apply(database.sql, change),
      ...await apply(database.sql, {
        ...change,
        message_id: "msg_newer",
        updated_at: change.updated_at as number + 1_000,
      }),
      ...await apply(database.sql, change, signIn("user_a", 0), profile("user_a", 0, { first_name: "stale" })),
    ];
    assertEquals(outcomes, ["created", "unchanged", "duplicate", "updated", "stale"]);
    assertEquals((await database.sql`select operation from public.seen`).map(({ operation }) => operation), [
      "INSERT",
      "UPDATE",
    ]);
  }));

Deno.test("one documented query shows why a user is, or is not, in the table", () =>
  withMigratedDatabase(async (database) => {
    const created = profile("user_a", 1, { message_id: "msg_1", type: "user.created" });
    await apply(database.sql, created, { ...profile("user_a", 2, { message_id: "msg_2" }), updated_at: "soon" });
    await apply(
      database.sql,
      deletion("user_a", 3, { message_id: "msg_3" }),
      profile("user_a", 4, { message_id: "msg_4" }),
    );
    const sql = (await documentedCode("docs/database.md", "from clerk.messages")).replaceAll("user_…", "user_a");
    const rows = await database.sql.unsafe(sql);
    assertEquals(rows.map(({ message_id, type, outcome, code }) => [message_id, type, outcome, code]), [
      ["msg_1", "user.created", "created", null],
      ["msg_2", "user.updated", "refused", "TIME_INVALID"],
      ["msg_3", "user.deleted", "deleted", null],
      ["msg_4", "user.updated", "stale", null],
    ]);
    assertEquals(rows.map(({ deleted_by }) => deleted_by), ["msg_3", "msg_3", "msg_3", "msg_3"]);
  }));

Deno.test("the ledger can be pruned, and messages delivered again then change nothing", () =>
  withMigratedDatabase(async (database) => {
    const [created, deleted] = [profile("user_a", 1, { first_name: "Ada" }), deletion("user_b", 1)];
    await apply(database.sql, created, profile("user_b", 0), deleted);
    await database.sql`update clerk.messages set received_at = now() - interval '91 days' where user_id = 'user_a'`;
    const prune = async () =>
      (await database.sql.unsafe(await documentedCode("docs/database.md", "clerk.prune_messages")))[0]!.prune_messages;
    assertEquals([await prune(), await prune()], ["1", "0"]);
    await database.sql`select clerk.prune_messages('-1 second')`;
    assertEquals((await database.sql`select from clerk.messages`).length, 0);
    assertEquals(await apply(database.sql, created, deleted, profile("user_b", 0)), ["stale", "unchanged", "stale"]);
    assertEquals((await database.sql`select clerk_user_id from public.users`).map((row) => row.clerk_user_id), [
      "user_a",
    ]);
  }));

Deno.test("only the owner lifts tombstones and prunes the ledger", () =>
  withMigratedDatabase(async (database) => {
    const calls = { lift_tombstone: "'user_a'", prune_messages: "'1 day'" };
    for (const role of ["anon", "authenticated", "service_role"]) {
      for (const [name, argument] of Object.entries(calls)) {
        const message = await database.sql.begin(async (sql) => {
          await sql.unsafe(`set local role ${role}`);
          await sql.unsafe(`select clerk.${name}(${argument})`);
        }).then(() => undefined, (error) => error.message);
        // Other rights are missing inside the functions, so the call itself must be refused.
        const refused = role === "anon" ? "schema clerk" : `function ${name}`;
        assertEquals(message, `permission denied for ${refused}`, role);
      }
    }
  }));
