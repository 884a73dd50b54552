/**
 * Tests clerk-reconcile at size on a real server: killed, resumed, and beside a stream of webhooks. `USERS=100000 deno
 * task test --filter reconcile` runs it at full size and prints the measurements.
 */
import { assert, assertEquals } from "@std/assert";
import { createDatabase, withMigratedDatabase } from "../helpers/database/postgres.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import { cpuSeconds, memoryMegabytes } from "../../project/process_usage.ts";
import { backfillUntilKilled, nextSlice } from "../helpers/stack/killed_backfill.ts";
import { assertEqualTables, readReport, report } from "../helpers/stack/reconcile.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import { startTestStack, type TestStack } from "../helpers/stack/stack.ts";

const USERS = Number(Deno.env.get("USERS") ?? 4_000);

async function withStack(clerkKind: "test" | "live", run: (stack: TestStack) => Promise<void>): Promise<void> {
  const database = await createDatabase({ hostedDefaults: true });
  const stack = await startTestStack({}, { databaseUrl: database.url, rateLimit: true, clerkKind });
  try {
    await run(stack);
  } finally {
    await stack.stop();
    await database.drop();
  }
}

function reconcileTest(name: string, clerkKind: "test" | "live", run: (stack: TestStack) => Promise<void>): void {
  Deno.test({
    name: `clerk-reconcile ${name}`,
    sanitizeOps: false,
    sanitizeResources: false,
    sanitizeExit: false,
    fn: () => withStack(clerkKind, run),
  });
}

/** Requires that the lease of a killed process refuses a slice, for a minute at most. */
async function assertLeased(refused: Response): Promise<void> {
  const seconds = Number(refused.headers.get("retry-after"));
  await assertProblem(refused, 409, "RECONCILE_RUNNING");
  assert(seconds > 0 && seconds <= 60, `${seconds}`);
}

reconcileTest(`backfills ${USERS} users, killed three times and resumed`, "test", async (stack) => {
  seedUsers(stack.clerk.state, USERS);
  let refusals = 0;
  const refused = (response: Response) => {
    refusals++;
    return assertLeased(response);
  };
  const next = async () => await readReport(await nextSlice(stack, refused));
  const cutOff: boolean[] = [];
  for (const part of [0.25, 0.5, 0.75]) cutOff.push(await backfillUntilKilled(stack, "users", USERS * part, refused));
  assert(cutOff.includes(true), "no slice was cut off");
  let last = await next();
  assert(refusals > 0, "no killed process held the lease");
  assert((last.progress?.items ?? 0) - last.items.users >= USERS / 2, "it restarted from the beginning");
  while (!last.done) last = await next();
  assertEquals([last.progress?.items, last.progress?.total], [USERS, USERS]);
  await assertEqualTables(stack);
});

Deno.test("list_clerk_users() and its neighbors cost the same at the end of a table as at its start", () =>
  withMigratedDatabase(async ({ sql }) => {
    // As after a bulk load: without statistics. All members belong to one organization, the worst case.
    await sql.unsafe(`
      insert into clerk.users (user_id, version)
      select 'user_' || lpad(n::text, 8, '0'), 1 from generate_series(1, 30000) as n;
      insert into public.users (clerk_user_id) select user_id from clerk.users;
      insert into clerk.organizations (organization_id, version)
      select 'org_' || lpad(n::text, 8, '0'), 1 from generate_series(1, 30000) as n;
      insert into public.organizations (clerk_organization_id, name, created_at, updated_at)
      select organization_id, '', now(), now() from clerk.organizations;
      insert into clerk.organization_memberships (membership_id, organization_id, user_id, version)
      select 'orgmem_' || substr(user_id, 6), 'org_00000001', user_id, 1 from clerk.users;
      insert into public.organization_memberships
        (clerk_membership_id, organization_id, user_id, role, created_at, updated_at)
      select 'orgmem_' || substr(clerk_user_id, 6), (
        select id from public.organizations where clerk_organization_id = 'org_00000001'
      ), id, '', now(), now() from public.users;`);
    // Counts blocks read, which do not depend on the machine.
    const cost = async (name: string, after: string) => {
      const [row] = await sql.unsafe(`explain (analyze, buffers, format json) select public.${name}($1, 100)`, [after]);
      const [{ Plan: plan }] = row!["QUERY PLAN"];
      return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
    };
    const ends = {
      list_clerk_users: "user_00029800",
      list_clerk_organizations: "org_00029800",
      list_clerk_memberships: "org_00000001/orgmem_00029800",
    };
    for (const [name, last] of Object.entries(ends)) {
      await cost(name, "");
      const [start, end] = [await cost(name, ""), await cost(name, last)];
      assert(start > 0 && end < 5 * start, `${name}: a page took ${start} blocks at the start and ${end} at the end`);
    }
  }));

for (const kind of ["test", "live"] as const) {
  reconcileTest(`measures a backfill of ${USERS} users with a ${kind} key`, kind, async (stack) => {
    seedUsers(stack.clerk.state, USERS);
    const held: number[] = [];
    const cpu: number[] = [];
    let [requests, slices, done] = [0, 0, false];
    await report(stack, { task: "sweep" });
    const started = performance.now();
    while (!done) {
      const pid = await stack.workers.pid("clerk-reconcile");
      const before = await cpuSeconds(pid);
      const slice = await report(stack, { task: "backfill" });
      cpu.push(await cpuSeconds(pid) - before);
      held.push((await memoryMegabytes(pid)).now);
      ({ done } = slice);
      requests += slice.requests;
      slices++;
    }
    const seconds = (performance.now() - started) / 1000;
    await assertEqualTables(stack);
    const rate = requests / seconds;
    const cpuPerSlice = cpu.map((one) => one.toFixed(2)).join(" ");
    // deno-lint-ignore no-console -- reports the measurement to the developer
    console.log(
      `${kind} key: ${USERS} users in ${seconds.toFixed(1)} s (${Math.round(USERS / seconds)} users/s), ` +
        `${requests} requests (${rate.toFixed(1)}/s), ${slices} slices, CPU s per slice ${cpuPerSlice}, ` +
        `MB ${held.map(Math.round).join(" ")}`,
    );
    // Twice the requests of Clerk's limit of 100 in 10 s would be 20 per second; half of it is the bundle's.
    if (kind === "test") assert(rate < 7, `${rate} requests per second (limit 7)`);
    if (held.length > 3) assert(Math.max(...held) < 1.5 * held[1]!, `memory grows: ${held.join(" ")}`);
  });
}
