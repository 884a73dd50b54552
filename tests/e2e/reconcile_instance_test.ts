/** With keys of another Clerk instance, no user is deleted or imported until an operator moves the database. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startSimulator } from "../../dev/clerk/simulator.ts";
import { listen } from "../../project/listen.ts";
import { createUser, deleteSilently } from "../helpers/clerk/clerk.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import { lastAnswer, letAnHourPass, reconcile, reconcileAll, report, tableRows } from "../helpers/stack/reconcile.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";

/** The project has users since January 2026, and its keys are replaced by those of another instance. */
const OLD = Date.UTC(2026, 0);
/** Number of rows of the project, and of users of the other instance. */
const CASES = [[8, 3], [10, 200], [30, 600], [8, 0]] as const;

const port = listen(0);
const simulator = await startSimulator({ url: port.url, webhookEndpoint: port.url, rateLimit: false, kind: "live" });
port.serve(simulator.fetch);
const other = simulator.state;

const stack = await startTestStack({ "other-keys": { of: "clerk-reconcile", variables: simulator.variables } }, {
  // A production key, because reconcile's rate limit is ten times as high for it.
  clerkKind: "live",
});
const { database, admin } = stack;
const own = stack.clerk.state;

/** Resets Clerk and the database: no users and no bound instance. */
async function reset(): Promise<void> {
  for (const state of [own, other]) for (const { id } of [...state.users.values()]) deleteSilently(state, id);
  await database.script("truncate public.users, clerk.users, clerk.messages, clerk.refusals, clerk.instance cascade");
  await database.script("update clerk.reconcile set lease = null, leased_until = null, state = '{}'");
}

const test = testsOf("clerk-reconcile ", reset);

/** Creates the project's users by webhook. The events name an instance if one is given. */
async function takeRows(count: number, instance?: string): Promise<void> {
  const changes = Array.from({ length: count }, (_, index) => ({
    type: "user.created",
    message_id: crypto.randomUUID(),
    user_id: `user_own${index}`,
    sent_at: OLD,
    updated_at: OLD,
    created_at: OLD,
  }));
  const { error } = instance === undefined
    ? await admin.rpc("apply_clerk_changes", { changes })
    : await admin.rpc("apply_clerk_changes_of", { changes, instance_id: instance });
  assertEquals(error, null);
}

const count = async (table: string) => Number((await database.query(`select count(*)::int as n from ${table}`))[0]!.n);
const tombstones = () => count("clerk.users where deleted_at is not null");

test("deletes nobody with keys of another instance than the first webhook's", async () => {
  for (const [rows, strangers] of CASES) {
    await reset();
    await takeRows(rows, own.instance.id);
    seedUsers(other, strangers);
    for (const ask of [{}, { task: "sweep", max_deletes: 1_000 }, { dry_run: true }]) {
      const response = await reconcile(stack, ask, "other-keys");
      const { detail } = await response.clone().json();
      for (const part of [own.instance.id, other.instance.id, "--bind"]) assertStringIncludes(detail, part);
      await assertProblem(response, 409, "DATABASE_OF_OTHER_INSTANCE");
    }
    assertEquals([await count("public.users"), await count("clerk.users"), await tombstones()], [rows, rows, 0]);
  }
});

test("deletes nobody in an unbound database if the keys' instance has few of its users", async () => {
  for (const [rows, strangers] of CASES) {
    await reset();
    await takeRows(rows);
    seedUsers(other, strangers);
    for (const ask of [{}, { task: "sweep" }]) {
      await assertProblem(await reconcile(stack, ask, "other-keys"), 409, "DATABASE_OF_OTHER_INSTANCE");
    }
    assertEquals([await count("public.users"), await count("clerk.instance")], [rows, 0], "nothing is written");
  }
});

test("deletes nobody with keys of another instance even if its webhook came first", async () => {
  for (const [rows, strangers] of CASES) {
    await reset();
    await takeRows(rows);
    await takeRows(0, other.instance.id);
    seedUsers(other, strangers);
    for (const ask of [{}, { task: "sweep" }]) {
      await assertProblem(await lastAnswer(stack, ask, "other-keys"), 409, "SWEEP_REFUSED");
    }
    assertEquals([await count("public.users"), await tombstones()], [rows + strangers, 0], `${rows} rows`);
  }
});

test("moves to another instance if an operator names it and sets a limit of deletions", async () => {
  await takeRows(8, own.instance.id);
  seedUsers(other, 12);
  const wrong = await reconcile(stack, { bind: own.instance.id }, "other-keys");
  await assertProblem(wrong, 422, "FIELD_INVALID");
  await assertProblem(await lastAnswer(stack, { bind: other.instance.id }, "other-keys"), 409, "SWEEP_REFUSED");
  assertEquals([await count("public.users"), await tombstones()], [20, 0], "everybody is in, and nobody is gone");
  await reconcileAll(stack, { task: "sweep", max_deletes: 8 }, "other-keys");
  assertEquals([...(await tableRows(stack)).keys()].sort(), [...other.users.values()].map(({ id }) => id).sort());
  await assertProblem(await reconcile(stack), 409, "DATABASE_OF_OTHER_INSTANCE");
  const { instance } = await (await stack.call("other-keys", { headers: { apikey: stack.keys.secret } })).json();
  assertEquals([instance.instance_id, instance.bound_by, instance.moved_from], [
    other.instance.id,
    "operator",
    own.instance.id,
  ]);
  assertEquals((await report(stack, { task: "sweep" }, "other-keys")).done, true, "limits are as usual afterwards");
});

test("returns to the right instance without losing a user", async () => {
  const ours = seedUsers(own, 30);
  await reconcileAll(stack);
  seedUsers(other, 40, { first: 1_000 });
  await (await lastAnswer(stack, { bind: other.instance.id }, "other-keys")).body?.cancel();
  assertEquals(await tombstones(), 0);
  await assertProblem(await reconcile(stack), 409, "DATABASE_OF_OTHER_INSTANCE");
  await letAnHourPass(stack);
  await assertProblem(await lastAnswer(stack, { bind: own.instance.id }), 409, "SWEEP_REFUSED");
  await reconcileAll(stack, { task: "sweep", max_deletes: 40 });
  assertEquals([...(await tableRows(stack)).keys()].sort(), ours.map(({ id }) => id).sort());
});

test("binds the database at the first event, or at the first call without an event", async () => {
  const bound = async () => (await database.query("select instance_id, bound_by from clerk.instance"))[0];
  await createUser(stack, "first@example.com");
  await eventually(async () => assert(await bound()));
  assertEquals(await bound(), { instance_id: own.instance.id, bound_by: "webhook" });
  await database.script("truncate clerk.instance");
  await reconcileAll(stack, { task: "pull" });
  assertEquals(await bound(), { instance_id: own.instance.id, bound_by: "reconcile" });
});

test("a dry run compares with an unbound database without binding it", async () => {
  await takeRows(8);
  const { drift } = (await reconcileAll(stack, { dry_run: true }, "other-keys")).at(-1)!;
  assertEquals([drift?.users.extra, await count("clerk.instance")], [8, 0]);
});

test("GET returns the bound instance, and the reason why users of other keys are not counted", async () => {
  await takeRows(8, own.instance.id);
  const status = async (name: string) =>
    await (await stack.call(name, { headers: { apikey: stack.keys.secret } })).json();
  const { instance, clerk_users, clerk_error } = await status("other-keys");
  assertEquals([instance.instance_id, instance.bound_by], [own.instance.id, "webhook"]);
  assertEquals([clerk_users, clerk_error], [null, "DATABASE_OF_OTHER_INSTANCE"]);
  assertEquals((await status("clerk-reconcile")).clerk_error, null);
});

testsOf("")("the stack and the other instance stop", async () => {
  await stack.stop();
  await simulator.stop();
  await port.close();
});
