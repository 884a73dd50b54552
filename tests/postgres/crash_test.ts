/** Tests failures between receipt and response: only committed work is acknowledged, and a retry is applied once. */
import { assert, assertEquals } from "@std/assert";
import { QUERY_BOUNDS } from "../../supabase/functions/_clerk-supabase/database/clients.ts";
import full from "../../project/user_created.json" with { type: "json" };
import { startFaultProxy } from "../helpers/stack/fault_proxy.ts";
import { callAndHangUp } from "../helpers/stack/hang_up.ts";
import { connectTo, createMigratedDatabase, forgetAll } from "../helpers/database/postgres.ts";
import { killFunction } from "../helpers/stack/kill_function.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import { startSlowProxy } from "../helpers/stack/slow_proxy.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";
import { testsOf } from "../helpers/shared_test.ts";

const proxy = startFaultProxy();
const slow = startSlowProxy();
const database = await createMigratedDatabase();
const stack = await startTestStack({
  "through-proxy": { of: "clerk-webhook", variables: { SUPABASE_URL: proxy.url } },
  "slow-database": { of: "clerk-webhook", variables: { SUPABASE_URL: slow.url } },
}, { databaseUrl: database.url });
proxy.target(stack.url);
slow.target(stack.url);

const event = { ...full, instance_id: stack.clerk.state.instance.id };
/** The event of a caller that disconnects, about the same user. */
const short = { type: event.type, data: { id: "user_ada", first_name: "Ada", updated_at: event.data.updated_at } };
const other = connectTo(database.url);

/** Svix counts a message without a response as failed after this time. */
const SVIX_TIMEOUT_MS = 15_000;

const deliver = (name = "clerk-webhook") => stack.deliver(event, { name, id: "msg_once" });

async function outcome(response: Response): Promise<string> {
  const text = await response.text();
  assertEquals(response.status, 200, text);
  return JSON.parse(text).outcome;
}

const rows = async () => (await database.sql`select count(*)::int as n from public.users`)[0]!.n;

/** Requires one row and one ledger entry with the outcome created. */
async function assertLandedOnce(): Promise<void> {
  assertEquals([...await database.sql`select first_name from public.users`], [{ first_name: "Ada" }]);
  assertEquals([...await database.sql`select message_id, outcome from clerk.messages`], [
    { message_id: "msg_once", outcome: "created" },
  ]);
}

/** Requires that a function whose caller has disconnected still completes its work, according to its log. */
async function assertWentOn(): Promise<void> {
  await eventually(() => {
    const last = stack.output.findLast((line) => line.includes('"message_id":"msg_once"')) ?? "";
    assertEquals([last.includes('"status":200'), last.includes('"outcome":"created"')], [true, true], last);
    return Promise.resolve();
  });
  await assertLandedOnce();
}

/** Holds the lock of the event's user from another connection, so that the function waits inside its transaction. */
async function whileLocked(run: (waiting: () => Promise<number>) => Promise<void>): Promise<void> {
  await other`select pg_advisory_lock(1664525, hashtext('user_ada') & 1023)`;
  try {
    await run(() =>
      eventually(async () => {
        const [row] = await database.sql`
          select pid from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'`;
        assert(row, "no connection waits");
        return row.pid;
      })
    );
  } finally {
    await other`select pg_advisory_unlock_all()`;
  }
}

const test = testsOf("clerk-webhook ", () => {
  stack.output.length = 0;
  return forgetAll(database.sql);
});

for (const fault of [503, 504, "reset"] as const) {
  test(`lets Svix retry if the Data API fails with ${fault}, and the retry is applied once`, async () => {
    proxy.set(fault);
    await assertProblem(await deliver("through-proxy"), 503, "DATABASE_UNAVAILABLE");
    assertEquals(await rows(), 0);
    proxy.set("none");
    assertEquals(await outcome(await deliver("through-proxy")), "created");
    await assertLandedOnce();
  });
}

test("times out on a Data API that hangs, well before Svix does", async () => {
  proxy.set("hang");
  await assertProblem(await deliver("through-proxy"), 503, "DATABASE_UNAVAILABLE");
  assert(QUERY_BOUNDS.timeoutMs <= SVIX_TIMEOUT_MS - 5_000, `${QUERY_BOUNDS.timeoutMs} ms`);
  proxy.set("none");
  assertEquals(await outcome(await deliver("through-proxy")), "created");
  await assertLandedOnce();
});

test("recognizes a message whose response was lost after the commit", async () => {
  proxy.set("lose answer");
  await assertProblem(await deliver("through-proxy"), 503, "DATABASE_UNAVAILABLE");
  assertEquals(await rows(), 1);
  proxy.set("none");
  assertEquals(await outcome(await deliver("through-proxy")), "duplicate");
  await assertLandedOnce();
});

test("lets Svix retry if the database connection is cut during the transaction", async () => {
  await whileLocked(async (waiting) => {
    const answer = deliver();
    await database.sql`select pg_terminate_backend(${await waiting()})`;
    const response = await answer;
    assert(response.status >= 500, `${response.status}`);
    await response.body?.cancel();
  });
  assertEquals(await rows(), 0);
  assertEquals(await outcome(await deliver()), "created");
  await assertLandedOnce();
});

test("applies a message once if its process is killed between receipt and response", async () => {
  await whileLocked(async (waiting) => {
    const answer = deliver();
    await waiting();
    await killFunction(stack, "clerk-webhook");
    const response = await answer;
    assert(response.status >= 500, `${response.status}`);
    await response.body?.cancel();
  });
  // The killed process's transaction may still commit, or the retry may be first: either way it is applied once.
  assert(["created", "duplicate"].includes(await outcome(await deliver())));
  await assertLandedOnce();
});

test("sends no response before the commit", async () => {
  let answered = false;
  const answer = { response: undefined as Promise<Response> | undefined };
  await whileLocked(async (waiting) => {
    answer.response = deliver().finally(() => {
      answered = true;
    });
    await waiting();
    // An earlier response of the function would have arrived before this one.
    await assertProblem(await stack.call("clerk-webhook", { method: "POST" }), 400, "WEBHOOK_HEADERS_MISSING");
    assertEquals([answered, await rows()], [false, 0]);
  });
  assertEquals(await outcome(await answer.response!), "created");
  await assertLandedOnce();
});

test("commits once if its caller disconnects while the database is at work", async () => {
  await whileLocked(async (waiting) => {
    const hangUp = await callAndHangUp(stack, "clerk-webhook", short, "msg_once");
    await waiting();
    await hangUp();
    assertEquals(await rows(), 0);
  });
  await assertWentOn();
  assertEquals(await outcome(await deliver()), "duplicate");
  await assertLandedOnce();
});

test("commits once if its caller disconnects before the database call", async () => {
  const asked = slow.hold();
  const hangUp = await callAndHangUp(stack, "slow-database", short, "msg_once");
  await asked;
  await hangUp();
  slow.release();
  await assertWentOn();
  assertEquals(await outcome(await deliver()), "duplicate");
  await assertLandedOnce();
});

test("writes nothing if its caller disconnects and the transaction is cut", async () => {
  await whileLocked(async (waiting) => {
    const hangUp = await callAndHangUp(stack, "clerk-webhook", short, "msg_once");
    const transaction = await waiting();
    await hangUp();
    await database.sql`select pg_terminate_backend(${transaction})`;
  });
  const left = () =>
    database.sql`
    select 'row' as what from public.users union all select 'user' from clerk.users
    union all select 'message' from clerk.messages`;
  assertEquals([...await left()], []);
  assertEquals(await outcome(await deliver()), "created");
  await assertLandedOnce();
});

test("writes nothing if its caller disconnects in the middle of the body", async () => {
  const hangUp = await callAndHangUp(stack, "clerk-webhook", short, "msg_once", { part: 0.5 });
  await hangUp();
  assertEquals(await outcome(await deliver()), "created");
  await assertLandedOnce();
});

testsOf("")("the stack, the proxy and the database stop", async () => {
  await stack.stop();
  proxy.close();
  await slow.close();
  await other.end();
  await database.drop();
});
