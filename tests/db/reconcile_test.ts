/** Tests the database functions that clerk-reconcile calls. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { apply, deletion, forget, profile, rows, T0 } from "../helpers/database/changes.ts";
import { openMigrated } from "../helpers/migrated.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openMigrated();
const { query } = database;

const test = testsOf("", async () => {
  await forget(database);
  await query("update clerk.reconcile set lease = null, leased_until = null, state = '{}'");
});

interface Lease {
  lease: string | null;
  state?: unknown;
  now?: number;
  retry_after?: number;
}

async function asService<T>(sql: string, parameters: unknown[]): Promise<T> {
  await database.script("set role service_role");
  try {
    return (await query(`select ${sql} as result`, parameters))[0]!.result as T;
  } finally {
    await database.script("reset role");
  }
}

const lease = (seconds: number) => asService<Lease>("public.lease_reconcile($1)", [seconds]);
const save = (id: string | null, state: unknown, seconds: number) =>
  asService<boolean>("public.save_reconcile($1, $2, $3)", [id, JSON.stringify(state), seconds]);
const preview = async (...changes: unknown[]) =>
  await asService<unknown[]>("public.preview_clerk_changes($1)", [JSON.stringify(changes)]);

test("lease_reconcile() grants the lease to one caller at a time, and tells others when to retry", async () => {
  const first = await lease(60);
  assert(first.lease !== null);
  assertEquals(first.state, {});
  const [clock] = await query("select extract(epoch from clock_timestamp()) * 1000 as now");
  assert(first.now! <= Number(clock!.now) && first.now! > Number(clock!.now) - 60_000, "the database's own time");
  const second = await lease(60);
  assertEquals(second.lease, null);
  assert(second.retry_after! > 58 && second.retry_after! <= 60, `${second.retry_after}`);
  assertEquals("state" in second, false);
});

test("lease_reconcile() grants an expired lease again, and its former holder cannot save", async () => {
  const first = await lease(60);
  await query("update clerk.reconcile set leased_until = clock_timestamp()");
  const second = await lease(60);
  assert(second.lease !== null && second.lease !== first.lease);
  assertEquals(await save(first.lease, { watermark: 1 }, 60), false);
  assertEquals(await save(first.lease, { watermark: 1 }, 0), false);
  assertEquals(await save(second.lease, { watermark: 2 }, 60), true);
  assertEquals((await query("select state from clerk.reconcile"))[0]!.state, { watermark: 2 });
});

test("save_reconcile() renews the lease, or returns it and keeps the state", async () => {
  const { lease: id } = await lease(1);
  assertEquals(await save(id, { watermark: 1 }, 500), true);
  assert((await lease(60)).retry_after! > 400);
  assertEquals(await save(id, { watermark: 2 }, 0), true);
  assertEquals(await save(id, { watermark: 3 }, 60), false, "the caller no longer holds the lease");
  assertEquals((await lease(60)).state, { watermark: 2 });
});

test("preview_clerk_changes() returns the outcomes of apply_clerk_changes(), and changes nothing", async () => {
  await apply(database, profile("user_a", 5), deletion("user_gone", 1), profile("user_b", 5));
  const before = await Promise.all([
    rows(database),
    query("select * from clerk.users order by user_id"),
    query("select * from clerk.messages order by message_id"),
  ]);
  const changes = [
    profile("user_a", 6, { first_name: "Ada" }),
    profile("user_b", 4),
    profile("user_c", 1),
    profile("user_gone", 9),
    profile("user_d", 1, { created_at: "invalid" }),
    deletion("user_b", 9),
  ];
  assertEquals(await preview(...changes), [
    { outcome: "updated" },
    { outcome: "stale" },
    { outcome: "created" },
    { outcome: "stale", deleted: true },
    { outcome: "refused", code: "TIME_INVALID" },
    { outcome: "deleted" },
  ]);
  assertEquals(await preview(), []);
  const after = await Promise.all([
    rows(database),
    query("select * from clerk.users order by user_id"),
    query("select * from clerk.messages order by message_id"),
  ]);
  assertEquals(after, before);
});

test("preview_clerk_changes() fails like apply_clerk_changes()", async () => {
  const error = await assertRejects(() => asService("public.preview_clerk_changes($1)", ["{}"]), Error);
  assertStringIncludes(error.message, "expected a JSON array");
});

test("list_clerk_users() returns non-deleted users ordered by id, whether each has a row, and no rows that the app wrote", async () => {
  await apply(database, ...["user_b", "user_a", "user_c", "user_soft", "user_gone"].map((id) => profile(id, 1)));
  await apply(database, deletion("user_soft", 2, { delete_mode: "soft" }), deletion("user_gone", 2));
  await query("delete from public.users where clerk_user_id = 'user_c'");
  await query("insert into public.users (clerk_user_id) values ('user_of_the_app')");
  const list = (after: string, size: number) => asService<unknown[]>("public.list_clerk_users($1, $2)", [after, size]);
  await query("update clerk.users set known_since = '2026-01-01'");
  const known_since = Date.UTC(2026, 0, 1);
  const row = (user_id: string, live = true) => ({ user_id, live, known_since, newest_at: T0 + 1 });
  assertEquals(await list("", 100), [row("user_a"), row("user_b"), row("user_c", false)]);
  assertEquals(await list("user_a", 1), [row("user_b")]);
  assertEquals(await list("user_c", 10), []);
  assertEquals(await asService("public.count_clerk_users()", []), 3, "the app's own row counts as live");
});

test("clerk_status() counts users, returns the last message, and sums up a day by type and outcome", async () => {
  const status = () => asService<Record<string, unknown>>("public.clerk_status()", []);
  assertEquals(await status(), {
    users: 0,
    deleted: 0,
    organizations: { live: 0, deleted: 0, memberships: 0 },
    instance: null,
    refusals: { users: 0, organizations: 0, memberships: 0, deletions: 0, since: null },
    failing: { messages: 0, since: null },
    last_message: null,
    last_day: [],
    reconcile: { running: false },
  });
  await apply(database, profile("user_a", 1), profile("user_b", 1), profile("user_a", 1), deletion("user_b", 2));
  await query(`
    insert into clerk.messages (message_id, type, event_at, received_at, outcome, code) values
    ('msg_old', 'user.created', now(), now() - interval '25 hours', 'created', null),
    ('msg_odd', null, null, now() - interval '1 hour', 'refused', 'CHANGE_INVALID')`);
  await query(`
    insert into clerk.messages (message_id, type, event_at, received_at, outcome)
    values ('msg_last', 'user.updated', now() - interval '1 second', now() + interval '1 minute', 'stale')`);
  await lease(60);
  const { last_message, last_day, ...rest } = await status();
  assertEquals(rest, {
    users: 1,
    deleted: 1,
    organizations: { live: 0, deleted: 0, memberships: 0 },
    instance: null,
    refusals: { users: 0, organizations: 0, memberships: 0, deletions: 0, since: null },
    failing: { messages: 0, since: null },
    reconcile: { running: true },
  });
  const { received_at: _r, event_at: _e, ...message } = last_message as Record<string, unknown>;
  assertEquals(message, { type: "user.updated", lag_seconds: 61 });
  const days = last_day as Array<Record<string, unknown>>;
  assertEquals(days.map(({ type, outcome, messages }) => [type, outcome, messages]), [
    ["unknown", "refused", 1],
    ["user.deleted", "deleted", 1],
    ["user.updated", "created", 2],
    ["user.updated", "stale", 1],
    ["user.updated", "unchanged", 1],
  ]);
  assertEquals(days[0]!.median_lag_seconds, null);
  await query("update clerk.reconcile set leased_until = now(), state = '{\"watermark\": 7}'");
  assertEquals((await status()).reconcile, { running: false, watermark: 7 });
});

test("clerk_status() counts the failing messages that Svix still retries, and since when they fail", async () => {
  const failing = async () => (await asService<{ failing: unknown }>("public.clerk_status()", [])).failing;
  await query(`
    insert into clerk.messages (message_id, type, received_at, outcome, code)
    select 'msg_' || number, 'user.updated', '2026-11-23T10:00:00Z'::timestamptz + number * interval '1 hour', outcome::clerk.outcome, code
    from (values
        (0, 'refused', 'SCHEMA_REFUSED'), (1, 'refused', 'OWN_COLUMN_INVALID'),
        (2, 'refused', 'TIME_IN_FUTURE'), (3, 'deleted', 'DELETE_BLOCKED'), (4, 'updated', null)
    ) as message (number, outcome, code)`);
  assertEquals(await failing(), { messages: 0, since: null }, "Svix has given up");
  await query("update clerk.messages set received_at = now() - interval '27 hours' where message_id = 'msg_1'");
  await query("update clerk.messages set received_at = now() - interval '1 hour' where message_id = 'msg_0'");
  const [first] = await query("select to_jsonb(received_at) as since from clerk.messages where message_id = 'msg_1'");
  assertEquals(await failing(), { messages: 2, since: first!.since });
});

testsOf("")("the database of reconcile closes", () => database.close());
