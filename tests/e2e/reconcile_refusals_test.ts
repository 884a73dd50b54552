/**
 * Users that the adopter's schema refuses, and rows that it keeps: reconcile names each and continues with the others.
 */
import { assert, assertEquals } from "@std/assert";
import type { UserInput } from "../../dev/clerk/users.ts";
import type { ReconcileReport } from "../../supabase/functions/clerk-reconcile/report.ts";
import { createSilently, createToken, deleteSilently, updateSilently } from "../helpers/clerk/clerk.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import { letAnHourPass, reconcileAll, report } from "../helpers/stack/reconcile.ts";
import { BLOCKING, REFUSING } from "../helpers/database/refusals.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { startTestStack } from "../helpers/stack/stack.ts";

// A production key, because reconcile's rate limit is ten times as high for it.
const stack = await startTestStack({}, { clerkKind: "live" });
const { database } = stack;
const { state } = stack.clerk;

const test = testsOf("clerk-reconcile ", async () => {
  for (const { id } of [...state.users.values()]) deleteSilently(state, id);
  await database.script("truncate public.users, clerk.users, clerk.messages, clerk.refusals cascade");
  await database.script("update clerk.reconcile set lease = null, leased_until = null, state = '{}'");
});

/** Runs a test with a schema and removes the schema afterwards, even if the test has fixed it. */
async function withSchema(plant: string, fix: string, run: (fixIt: () => Promise<void>) => Promise<void>) {
  await database.script(plant);
  let isFixed = false;
  const fixIt = async () => {
    if (!isFixed) await database.script(fix);
    isFixed = true;
  };
  try {
    await run(fixIt);
  } finally {
    await fixIt();
  }
}

/** Returns Clerk's user for a change with these fields. */
function inputOf({ email, metadata, ...fields }: Record<string, unknown>): UserInput {
  return {
    ...fields,
    ...(metadata !== undefined && { public_metadata: metadata }),
    email_address: email === null ? [] : [typeof email === "string" ? email : "refused@example.com"],
  } as UserInput;
}

const refusedBy = (reports: ReconcileReport[]) => reports.flatMap(({ refused }) => refused);
const storedIds = async () =>
  (await database.query(
    "select clerk_user_id as id from public.users where deleted_at is null and clerk_user_id <> 'app_row' order by 1",
  )).map(({ id }) => id as string);
const idsOf = (users: ReadonlyArray<{ id: string }>) => users.map(({ id }) => id).sort();
const status = async () =>
  await (await stack.call("clerk-reconcile", { headers: { apikey: stack.keys.secret } })).json();

for (const { name, plant, fix, refused, detail } of REFUSING) {
  test(`stores the other users of a backfill if ${name} refuses one, and stores that user after a fix`, () =>
    withSchema(plant, fix, async (fixIt) => {
      const good = seedUsers(state, 4);
      const bad = createSilently(state, inputOf(refused), Date.UTC(2026, 0));
      const expected = [{ user_id: bad.id, code: "SCHEMA_REFUSED", detail }];

      const backfill = await reconcileAll(stack, { task: "backfill" });
      assertEquals([backfill.length, backfill[0]?.outcomes], [1, { created: 4, refused: 1 }]);
      assertEquals(refusedBy(backfill), expected);
      assert(!JSON.stringify(backfill).includes("Secret"), "no value of the user is told");
      assertEquals(await storedIds(), idsOf(good));
      const { refusals } = await status();
      assertEquals([refusals.users, refusals.deletions, typeof refusals.since], [1, 0, "string"]);

      await fixIt();
      assertEquals(refusedBy(await reconcileAll(stack, { task: "sweep" })), []);
      assertEquals(await storedIds(), idsOf([...good, bad]));
      assertEquals((await status()).refusals, {
        users: 0,
        organizations: 0,
        memberships: 0,
        deletions: 0,
        since: null,
      });
    }));
}

const check = REFUSING[0]!;
const foreignKey = BLOCKING[0]!;

test("continues with pull and sweep if the schema refuses a user", () =>
  withSchema(check.plant, check.fix, async () => {
    const users = seedUsers(state, 24);
    await reconcileAll(stack);
    await letAnHourPass(stack);
    const [bad, gone, ...good] = users;
    updateSilently(state, bad!.id, inputOf(check.refused));
    for (const { id } of good.slice(0, 20)) updateSilently(state, id, { last_name: "Changed" });
    deleteSilently(state, gone!.id);
    await database.query("update clerk.reconcile set state = state - 'sweep'");

    const reports = await reconcileAll(stack);
    const { outcomes, refused, task } = reports.at(-1)!;
    assertEquals([reports.length, task, outcomes.updated, outcomes.deleted], [1, "sweep", 20, 1]);
    assertEquals(refused[0], { user_id: bad!.id, code: "SCHEMA_REFUSED", detail: check.detail });
    assertEquals(await storedIds(), idsOf(users.filter(({ id }) => id !== gone!.id)), "the row is as it was before");
  }));

test("names a user that the schema would refuse in a dry run, and writes nothing", () =>
  withSchema(check.plant, check.fix, async () => {
    seedUsers(state, 4);
    const bad = createSilently(state, inputOf(check.refused));
    const { drift, refused } = (await reconcileAll(stack, { dry_run: true })).at(0)!;
    assertEquals([drift?.users.missing, drift?.users.refused], [4, 1]);
    assertEquals(refused, [{ user_id: bad.id, code: "SCHEMA_REFUSED", detail: check.detail }]);
    assertEquals([await storedIds(), (await status()).refusals.users], [[], 0]);
  }));

for (const { name, plant, fix, refer, detail } of BLOCKING) {
  test(`deletes the other users of a sweep if ${name} keeps one row, and deletes that row after a fix`, () =>
    withSchema(plant, fix, async (fixIt) => {
      const users = seedUsers(state, 20);
      // The schemas recognize one user by name.
      const kept = { ...users[0]!, id: "user_gone" };
      state.users.delete(users[0]!.id);
      state.users.set(kept);
      await reconcileAll(stack);
      const token = await createToken(stack, kept.id);
      const [row] = await database.query("select id from public.users where clerk_user_id = 'user_gone'");
      await database.script(refer(String(row!.id)));
      for (const { id } of [kept, users[1]!, users[2]!]) deleteSilently(state, id);
      await letAnHourPass(stack);

      const swept = await report(stack, { task: "sweep" });
      assertEquals([swept.done, swept.outcomes], [true, { deleted: 3 }]);
      assertEquals(swept.refused, [{ user_id: kept.id, code: "DELETE_BLOCKED", detail }]);
      assertEquals(await storedIds(), idsOf(users.slice(3)));
      assertEquals((await status()).refusals.deletions, 1);
      await assertProblem(
        await stack.call("profile", { headers: { authorization: `Bearer ${token}` } }),
        410,
        "USER_DELETED",
      );
      const again = await report(stack, { task: "sweep" });
      assertEquals(again.refused, swept.refused, "it is tried again, and named again");

      await fixIt();
      assertEquals((await report(stack, { task: "sweep" })).refused, []);
      assertEquals(await database.query("select from public.users where clerk_user_id = 'user_gone'"), []);
      assertEquals((await status()).refusals.deletions, 0);
    }));
}

test("retries a kept row even if the sweep is refused", () =>
  withSchema(foreignKey.plant, foreignKey.fix, async (fixIt) => {
    const users = seedUsers(state, 30);
    await reconcileAll(stack);
    const [row] = await database.query("select id from public.users where clerk_user_id = $1", [users[0]!.id]);
    await database.script(foreignKey.refer(String(row!.id)));
    await stack.deliver({ type: "user.deleted", data: { id: users[0]!.id, deleted: true }, timestamp: Date.now() });
    for (const { id } of users.slice(0, 12)) deleteSilently(state, id);
    await letAnHourPass(stack);
    await fixIt();
    await assertProblem(
      await stack.call("clerk-reconcile", {
        method: "POST",
        headers: { apikey: stack.keys.secret },
        body: '{"task":"sweep"}',
      }),
      409,
      "SWEEP_REFUSED",
    );
    assertEquals((await status()).refusals.deletions, 0);
  }));

testsOf("")("the stack of refusals stops", () => stack.stop());
