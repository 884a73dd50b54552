/** Tests the one Clerk instance that the database mirrors, and the counts of a sweep. */
import { assertEquals } from "@std/assert";
import { forget, profile, rows } from "../helpers/database/changes.ts";
import { openMigrated } from "../helpers/migrated.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openMigrated();
const { query, script } = database;
const test = testsOf("", async () => {
  await forget(database);
  await script("truncate clerk.instance; update clerk.reconcile set lease = null, leased_until = null, state = '{}'");
});

async function ask(sql: string, ...parameters: unknown[]): Promise<unknown> {
  await script("set role service_role");
  try {
    return (await query(`select ${sql} as answer`, parameters))[0]!.answer;
  } finally {
    await script("reset role");
  }
}
const instance = async () => {
  const bound = await ask("public.clerk_instance()") as Record<string, unknown> | null;
  return bound && [bound.instance_id, bound.bound_by, bound.moved_from];
};
const applyOf = (id: string, ...changes: unknown[]) =>
  ask("public.apply_clerk_changes_of($1, $2::jsonb)", id, JSON.stringify(changes));

test("apply_clerk_changes_of() binds the database to the first event's instance", async () => {
  assertEquals(await instance(), null);
  assertEquals(await applyOf("ins_a", profile("user_a", 1)), [{ outcome: "created" }]);
  assertEquals(await instance(), ["ins_a", "webhook", null]);
});

test("apply_clerk_changes_of() refuses all changes of another instance", async () => {
  await applyOf("ins_a", profile("user_a", 1));
  const refused = { outcome: "refused", code: "WRONG_INSTANCE", detail: { bound: "ins_a" } };
  assertEquals(await applyOf("ins_b", profile("user_b", 1), profile("user_c", 1)), [refused, refused]);
  assertEquals([Object.keys(await rows(database)), await instance()], [["user_a"], ["ins_a", "webhook", null]]);
});

test("bind_clerk_instance() binds once, and returns the bound instance", async () => {
  const bind = async (id: string) =>
    (await ask("public.bind_clerk_instance($1)", id) as { instance_id: string }).instance_id;
  assertEquals([await bind("ins_a"), await bind("ins_b")], ["ins_a", "ins_a"]);
  assertEquals(await instance(), ["ins_a", "reconcile", null]);
});

test("move_clerk_instance() moves only from the named instance, and restarts reconcile", async () => {
  await ask("public.bind_clerk_instance('ins_a')");
  const lease = await ask("public.lease_reconcile(60)") as { lease: string };
  await script("update clerk.reconcile set state = '{\"watermark\": 1}'");
  await ask("public.move_clerk_instance('ins_x', 'ins_b')");
  assertEquals(await instance(), ["ins_a", "reconcile", null]);
  assertEquals((await query("select state from clerk.reconcile"))[0]!.state, { watermark: 1 });
  await ask("public.move_clerk_instance('ins_a', 'ins_b')");
  assertEquals(await instance(), ["ins_b", "operator", "ins_a"]);
  assertEquals((await query("select state from clerk.reconcile"))[0]!.state, {});
  assertEquals(await ask("public.save_reconcile($1::uuid, '{}', 60)", lease.lease), false);
});

test("count_clerk_users() counts only the users known before a time", async () => {
  await ask("public.apply_clerk_changes($1::jsonb)", JSON.stringify(["user_a", "user_b"].map((id) => profile(id, 1))));
  await script("update clerk.users set known_since = '2026-01-01' where user_id = 'user_a'");
  await ask("public.apply_clerk_changes($1::jsonb)", JSON.stringify([profile("user_a", 2)]));
  assertEquals(await ask("public.count_clerk_users()::integer"), 2);
  assertEquals(await ask("public.count_clerk_users('2026-06-01')::integer"), 1);
  const [first] = await ask("public.list_clerk_users('', 1)") as Array<{ known_since: number }>;
  assertEquals(first!.known_since, Date.UTC(2026, 0, 1));
});
