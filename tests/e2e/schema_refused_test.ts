/**
 * Schemas that refuse a user or keep a deleted user's row, by HTTP: the right response, and no effect on other users.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createToken, createUser } from "../helpers/clerk/clerk.ts";
import { forget, rows } from "../helpers/database/changes.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import { BLOCKING, REFUSING } from "../helpers/database/refusals.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";

const stack = await startTestStack({
  "no-jwks": { of: "clerk-webhook", variables: { CLERK_JWKS_URL: "http://127.0.0.1:1/jwks" } },
  // All share one connection, so settings of the session below also apply to the functions' requests.
}, { embedded: true });
const { database } = stack;

const test = testsOf("", async () => {
  await forget(database);
  await database.script("truncate clerk.refusals");
});

/** Runs a test with a schema and removes the schema afterwards. */
async function withSchema(plant: string, fix: string, run: () => Promise<void>): Promise<void> {
  await database.script(plant);
  try {
    await run();
  } finally {
    await database.script(fix);
  }
}

let version = 1_744_276_393_000;

/** Returns a `user.updated` event with the fields of a change, as Clerk sends it. */
function event(id: string, { email, metadata, ...fields }: Record<string, unknown> = {}): Record<string, unknown> {
  const address = email === undefined ? `${id}@x.com` : email;
  return {
    type: "user.updated",
    timestamp: ++version,
    data: {
      id,
      updated_at: version,
      username: id,
      public_metadata: metadata ?? {},
      primary_email_address_id: address === null ? null : "idn_1",
      email_addresses: address === null
        ? []
        : [{ id: "idn_1", email_address: address, verification: { status: "verified" } }],
      ...fields,
    },
  };
}

const outcome = async (response: Response) => (await response.json()).outcome;
const deletion = (id: string) => ({ type: "user.deleted", timestamp: ++version, data: { id, deleted: true } });

for (const { name, plant, fix, refused, detail } of REFUSING) {
  test(`clerk-webhook returns SCHEMA_REFUSED for ${name}, and stores the message after a fix`, () =>
    withSchema(plant, `${fix}`, async () => {
      const bad = event("user_bad", refused);
      const response = await stack.deliver(bad, { id: "msg_bad" });
      assertEquals(response.headers.get("webhook-delivery"), null);
      assertStringIncludes((await response.clone().json()).detail, Object.values(detail).join(" "));
      await assertProblem(response, 500, "SCHEMA_REFUSED");
      assertEquals(await outcome(await stack.deliver(event("user_next"))), "created");
      await database.script(fix);
      try {
        assertEquals(await outcome(await stack.deliver(bad, { id: "msg_bad" })), "created");
      } finally {
        await forget(database);
        await database.script(plant);
      }
    }));
}

for (const { name, plant, refer, fix } of BLOCKING) {
  test(`profile returns 410 for a deleted user whose row is kept by ${name}`, async () => {
    const id = await createUser(stack, `gone-${crypto.randomUUID()}@x.com`);
    const plantFor = plant.replaceAll("user_gone", id);
    await eventually(async () => assertEquals(Object.keys(await rows(database)), [id]));
    const token = await createToken(stack, id);
    await withSchema(plantFor, fix, async () => {
      const [row] = await database.query("select id from public.users");
      await database.script(refer(row!.id as string));
      assertEquals(await outcome(await stack.deliver(deletion(id))), "deleted");
      const answer = await stack.call("profile", { headers: { authorization: `Bearer ${token}` } });
      await assertProblem(answer, 410, "USER_DELETED");
      assertEquals(await outcome(await stack.deliver(event(id))), "stale");
    });
  });
}

test("profile returns SCHEMA_REFUSED for a user that the schema refuses to create", async () => {
  const id = await createUser(stack, `late-${crypto.randomUUID()}@x.com`, { first_name: "Ada" });
  await eventually(async () => assertEquals(Object.keys(await rows(database)), [id]));
  await forget(database);
  const plant = "alter table public.users add constraint no_ada check (first_name <> 'Ada')";
  await withSchema(plant, "alter table public.users drop constraint no_ada", async () => {
    const authorization = `Bearer ${await createToken(stack, id)}`;
    await assertProblem(await stack.call("profile", { headers: { authorization } }), 500, "SCHEMA_REFUSED");
  });
});

test("clerk-webhook returns 503 while the database is read-only", () =>
  withSchema("set default_transaction_read_only = on", "set default_transaction_read_only = off", async () => {
    const response = await stack.deliver(event("user_a"));
    assertEquals(response.headers.get("retry-after"), "5");
    await assertProblem(response, 503, "DATABASE_UNAVAILABLE");
  }));

test("clerk-webhook returns 500 and applies nothing under a wrong default isolation level", () =>
  withSchema(
    "set default_transaction_isolation = 'repeatable read'",
    "set default_transaction_isolation = 'read committed'",
    async () => {
      await assertProblem(await stack.deliver(event("user_a")), 500, "DATABASE_MISCONFIGURED");
      assertEquals(await rows(database), {});
    },
  ));

test("clerk-webhook binds the database to the first event's instance, and refuses other instances", async () => {
  // The simulator's own events bind the database.
  const [bound] = await database.query("select instance_id, bound_by from clerk.instance");
  assertEquals(bound, { instance_id: stack.clerk.state.instance.id, bound_by: "webhook" });
  const other = { ...event("user_a"), instance_id: "ins_other" };
  await assertProblem(await stack.deliver(other, { name: "no-jwks" }), 403, "WRONG_INSTANCE");
  assertEquals(await rows(database), {});
});

test("the stack stops", () => stack.stop());
