/** Reconcile repairs what webhooks missed, and deletes only users that are gone according to Clerk. */
import { assert, assertEquals } from "@std/assert";
import { type ReconcileReport } from "../../supabase/functions/clerk-reconcile/report.ts";
import {
  createSilently,
  createToken,
  createUser,
  deleteSilently,
  request,
  updateSilently,
} from "../helpers/clerk/clerk.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import {
  assertEqualTables,
  letAnHourPass,
  reconcile,
  reconcileAll,
  report,
  tableRows,
} from "../helpers/stack/reconcile.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { withSimulator } from "../helpers/clerk/simulator.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";

const stack = await startTestStack({
  "with-soft-deletes": { of: "clerk-reconcile", variables: { CLERK_DELETE_MODE: "soft" } },
  "with-wrong-key": { of: "clerk-reconcile", variables: { CLERK_SECRET_KEY: "sk_test_of_nobody" } },
  "without-key": { of: "clerk-reconcile", variables: { CLERK_SECRET_KEY: undefined } },
  // A production key, because reconcile waits ten times as long between requests with a development key.
}, { clerkKind: "live" });
const { database, keys } = stack;
const { state } = stack.clerk;

/** Resets Clerk to some users and empties the database before each test. */
const test = testsOf("clerk-reconcile ", async () => {
  for (const { id } of [...state.users.values()]) deleteSilently(state, id);
  await database.script("truncate public.users, clerk.users, clerk.messages cascade");
  await database.script("update clerk.reconcile set lease = null, leased_until = null, state = '{}'");
});

const sum = (reports: ReconcileReport[]) =>
  reports.reduce<Record<string, number>>((sums, { outcomes }) => {
    for (const [outcome, count] of Object.entries(outcomes)) sums[outcome] = (sums[outcome] ?? 0) + count;
    return sums;
  }, {});

test("imports the users that existed before the project", async () => {
  seedUsers(state, 620);
  const reports = await reconcileAll(stack, { task: "backfill" });
  assertEquals(sum(reports), { created: 620 });
  assertEquals(reports.at(-1)?.progress?.items, 620);
  await assertEqualTables(stack);
  // In the same second of Clerk's Date header, both readings would have the same time.
  await letAnHourPass(stack);
  assertEquals(sum(await reconcileAll(stack, { task: "backfill" })), { unchanged: 620 });
});

test("runs the due tasks: backfill, pull and sweep, then only the pull", async () => {
  seedUsers(state, 30);
  assertEquals((await reconcileAll(stack)).at(-1)?.task, "sweep");
  assertEquals((await report(stack)).task, "pull");
  await assertEqualTables(stack);
});

test("repairs missed creations, updates and deletions", async () => {
  const users = seedUsers(state, 540);
  await reconcileAll(stack);
  const [updated, deleted] = [users.slice(0, 20), users.slice(20, 27)];
  for (const { id } of updated) updateSilently(state, id, { first_name: "Changed", public_metadata: { plan: "new" } });
  for (const { id } of deleted) deleteSilently(state, id);
  createSilently(state, { email_address: ["new@example.com"] });
  await letAnHourPass(stack);
  assertEquals(sum(await reconcileAll(stack, { task: "pull" })).updated, 20);
  assertEquals(sum(await reconcileAll(stack, { task: "sweep" })), { deleted: 7 });
  await assertEqualTables(stack);
  const tombstones = await database.query("select deleted_by from clerk.users where deleted_at is not null");
  assertEquals(tombstones, Array(7).fill({ deleted_by: "reconcile" }));
});

const allSent = () => eventually(() => assert([...state.messages.values()].every(({ state }) => state !== "sending")));

test("ends with equal tables while webhooks stream in", async () => {
  const users = seedUsers(state, 600);
  let streaming = true;
  const stream = (async () => {
    for (let index = 0; streaming; index++) {
      const { id } = users[index * 7 % 600]!;
      if (!state.users.get(id)) continue;
      if (index % 5 === 0) await createUser(stack, `stream${index}@example.com`);
      else if (index % 5 === 1) await request(stack, "DELETE", `/v1/users/${id}`);
      else if (index % 5 === 2) updateSilently(state, id, { last_name: `Missed ${index}` });
      else await request(stack, "PATCH", `/v1/users/${id}`, { first_name: `Streamed ${index}` });
      // Clerk accepts changes faster than it can deliver webhooks.
      if (index % 10 === 9) await allSent();
    }
  })();
  try {
    await reconcileAll(stack);
  } finally {
    streaming = false;
    await stream;
  }
  await allSent();
  // The next pull finds updates that were missed during this one.
  await reconcileAll(stack, { task: "pull" });
  await assertEqualTables(stack);
});

test("returns the drift in a dry run, and changes nothing", async () => {
  const users = seedUsers(state, 520);
  await reconcileAll(stack);
  const [updated, deleted, wrong] = [users.slice(0, 3), users.slice(3, 8), users[8]!];
  for (const { id } of updated) updateSilently(state, id, { first_name: "Changed" });
  for (const { id } of deleted) deleteSilently(state, id);
  const { id: created } = createSilently(state, { first_name: "New" });
  await stack.deliver({ type: "user.deleted", data: { id: wrong.id, object: "user", deleted: true }, object: "event" });
  const before = await tableRows(stack);
  await letAnHourPass(stack);
  const { drift, task, kind, done } = (await reconcileAll(stack, { dry_run: true })).at(-1)!;
  assertEquals([task, kind, done], ["compare", "users", true]);
  const ids = (list: Array<{ id: string }>) => list.map(({ id }) => id);
  assertEquals(drift?.users, {
    missing: 1,
    outdated: 3,
    extra: 5,
    undecided: 0,
    deleted_here: 1,
    refused: 0,
    examples: { missing: [created], outdated: ids(updated), extra: ids(deleted).sort(), deleted_here: [wrong.id] },
  });
  assertEquals(await tableRows(stack), before);
});

test("refuses to sweep too many users until an operator sets a limit", async () => {
  const users = seedUsers(state, 60);
  await reconcileAll(stack, { task: "backfill" });
  for (const { id } of users.slice(0, 12)) deleteSilently(state, id);
  await letAnHourPass(stack);
  await assertProblem(await reconcile(stack, { task: "sweep" }), 409, "SWEEP_REFUSED");
  assertEquals((await tableRows(stack)).size, 60);
  assertEquals((await report(stack)).task, "pull", "the schedule goes on, and sweeps again in a day");
  await reconcileAll(stack, { task: "sweep", max_deletes: 12 });
  await assertEqualTables(stack);
});

test("hides the row of a user that is gone, in soft mode", async () => {
  const [user] = seedUsers(state, 3);
  await reconcileAll(stack, { task: "backfill" });
  deleteSilently(state, user!.id);
  await letAnHourPass(stack);
  await reconcileAll(stack, { task: "sweep" }, "with-soft-deletes");
  const [row] = await database.query("select email from public.users where deleted_at is not null");
  assertEquals(row, { email: null });
});

test("skips users whom Clerk reported within ten minutes, even old ones", async () => {
  const [user] = seedUsers(state, 20);
  await reconcileAll(stack, { task: "backfill" });
  deleteSilently(state, user!.id);
  assertEquals(sum(await reconcileAll(stack, { task: "sweep" })), {});
  assertEquals((await tableRows(stack)).size, 20);
  const { drift } = (await reconcileAll(stack, { dry_run: true })).at(-1)!;
  assertEquals([drift?.users.extra, drift?.users.undecided], [0, 1]);
});

test("accepts only the project's secret key", async () => {
  const token = await createToken(stack, createSilently(state, {}).id);
  const call = (headers: Record<string, string>, method = "POST") => stack.call("clerk-reconcile", { method, headers });
  for (const method of ["GET", "POST"]) {
    await assertProblem(await call({}, method), 401, "SERVICE_KEY_REQUIRED");
    await assertProblem(await call({ apikey: keys.publishable }, method), 403, "SERVICE_KEY_INVALID");
    await assertProblem(await call({ authorization: `Bearer ${token}` }, method), 403, "SERVICE_KEY_INVALID");
    await assertProblem(await call({ apikey: `${keys.secret}x` }, method), 403, "SERVICE_KEY_INVALID");
  }
  assertEquals((await call({ authorization: `Bearer ${keys.secret}` })).status, 200);
});

test("names a missing or wrong secret key, and does nothing", async () => {
  await assertProblem(await reconcile(stack, {}, "without-key"), 500, "CONFIG_MISSING");
  await assertProblem(await reconcile(stack, {}, "with-wrong-key"), 500, "CLERK_SECRET_KEY_REFUSED");
});

test("runs one slice at a time", async () => {
  seedUsers(state, 700);
  const answers = await Promise.all(Array.from({ length: 5 }, () => reconcile(stack, { task: "backfill" })));
  assertEquals(answers.map(({ status }) => status).sort(), [200, 409, 409, 409, 409]);
  for (const answer of answers.filter(({ status }) => status === 409)) {
    await assertProblem(answer, 409, "RECONCILE_RUNNING");
  }
});

test("finishes a slice whose caller has closed the connection", async () => {
  seedUsers(state, 1_000);
  const hangUp = new AbortController();
  const call = stack.call("clerk-reconcile", {
    method: "POST",
    headers: { apikey: keys.secret },
    body: '{"task":"backfill"}',
    signal: hangUp.signal,
  }).catch(() => "hung up");
  await eventually(async () => assert((await tableRows(stack)).size > 0));
  hangUp.abort();
  assertEquals(await call, "hung up");
  await eventually(() => assertEqualTables(stack));
});

test("tells how fresh the table is", async () => {
  const hasMessages = (count: number) =>
    eventually(async () => assertEquals((await database.query("select from clerk.messages")).length, count));
  const userId = await createUser(stack, "fresh@example.com");
  await hasMessages(1);
  assert(await createToken(stack, userId));
  await hasMessages(2);
  createSilently(state, {});
  const response = await stack.call("clerk-reconcile", { headers: { apikey: keys.secret } });
  const status = await response.json();
  assertEquals([status.users, status.clerk_users, status.reconcile.backfill], [1, 2, null]);
  assertEquals(status.last_message.type, "session.created");
  assertEquals(status.last_day.map(({ type, messages }: Record<string, unknown>) => [type, messages]), [
    ["session.created", 1],
    ["user.created", 1],
  ]);
});

test("never reads the users of another instance", () =>
  withSimulator({ rateLimit: false }, async ({ url, secretKey, state }) => {
    seedUsers(state, 5);
    const other = await startTestStack({
      mixed: { of: "clerk-reconcile", variables: { CLERK_API_URL: url, CLERK_SECRET_KEY: secretKey } },
    });
    try {
      await assertProblem(await reconcile(other, {}, "mixed"), 500, "CLERK_SECRET_KEY_OF_OTHER_INSTANCE");
      assertEquals((await tableRows(other)).size, 0);
    } finally {
      await other.stop();
    }
  }));

testsOf("")("the stack of reconcile stops", () => stack.stop());
