/**
 * Tests organizations at size on a real server: a backfill from the simulator, killed and resumed. `ORGANIZATIONS=10000
 * deno task test tests/postgres/reconcile_organizations_test.ts` runs it at full size and prints the measurements.
 */
import { assert, assertEquals } from "@std/assert";
import { seedOrganizations } from "../../dev/clerk/seed_organizations.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import { cpuSeconds, memoryMegabytes } from "../../project/process_usage.ts";
import { createDatabase } from "../helpers/database/postgres.ts";
import { backfillUntilKilled, nextSlice } from "../helpers/stack/killed_backfill.ts";
import { readReport } from "../helpers/stack/reconcile.ts";
import { startTestStack, type TestStack } from "../helpers/stack/stack.ts";

const ORGANIZATIONS = Number(Deno.env.get("ORGANIZATIONS") ?? 400);
const MEMBERS_EACH = 5;
const MEMBERSHIPS = ORGANIZATIONS * MEMBERS_EACH;

async function withStack(run: (stack: TestStack) => Promise<void>): Promise<void> {
  const database = await createDatabase({ hostedDefaults: true });
  const stack = await startTestStack({}, { databaseUrl: database.url, rateLimit: true, clerkKind: "live" });
  try {
    await run(stack);
  } finally {
    await stack.stop();
    await database.drop();
  }
}

/** Fills the simulator with users, and with organizations of these members. */
function seed({ clerk: { state } }: TestStack): void {
  const users = seedUsers(state, Math.max(50, ORGANIZATIONS / 2));
  seedOrganizations(state, { users, count: ORGANIZATIONS, membersEach: MEMBERS_EACH });
}

/** Requires that the tables match Clerk. */
async function compare({ database, clerk: { state } }: TestStack): Promise<void> {
  const rows = await database.query(`
    select membership.clerk_membership_id as id, clerk_organization_id || ' ' || clerk_user_id || ' ' || role || ' ' || name as row
    from public.organization_memberships as membership
    inner join public.organizations as organization on organization.id = membership.organization_id
    inner join public.users as member on member.id = membership.user_id`);
  const actual = new Map(rows.map(({ id, row }) => [id as string, row as string]));
  const expected = [...state.memberships.values()].map(({ id, organization_id, user_id, role_id }) =>
    [
      id,
      `${organization_id} ${user_id} ${state.roles.get(role_id)!.key} ${
        state.organizations.get(organization_id)!.name
      }`,
    ] as const
  );
  assertEquals(actual.size, expected.length);
  assertEquals(expected.filter(([id, row]) => actual.get(id) !== row).slice(0, 3), []);
}

Deno.test({
  name:
    `clerk-reconcile backfills ${ORGANIZATIONS} organizations with ${MEMBERSHIPS} memberships, killed three times and resumed`,
  sanitizeOps: false,
  sanitizeResources: false,
  sanitizeExit: false,
  fn: () =>
    withStack(async (stack) => {
      seed(stack);
      const cutOff: boolean[] = [];
      for (const part of [0.25, 0.5, 0.75]) {
        cutOff.push(await backfillUntilKilled(stack, "organization_memberships", MEMBERSHIPS * part));
      }
      assert(cutOff.includes(true), "no slice was cut off");
      const { items, seconds } = await finish(stack);
      assert(items < MEMBERSHIPS, "it restarted from the beginning");
      await compare(stack);
      // deno-lint-ignore no-console -- reports the measurement to the developer
      console.log(`last part: ${items} memberships, ${seconds.toFixed(1)} s of CPU`);
    }),
});

/** Finishes the backfill; returns the number of remaining memberships, and their CPU time. */
async function finish(stack: TestStack): Promise<{ items: number; seconds: number }> {
  const heldMegabytes: number[] = [];
  let [items, seconds, done] = [0, 0, false];
  while (!done) {
    const pid = await stack.workers.pid("clerk-reconcile");
    const before = await cpuSeconds(pid);
    const slice = await readReport(await nextSlice(stack));
    seconds += await cpuSeconds(pid) - before;
    heldMegabytes.push((await memoryMegabytes(pid)).now);
    items += slice.items.memberships;
    ({ done } = slice);
  }
  // deno-lint-ignore no-console -- reports the measurement to the developer
  console.log(`held after each slice: ${heldMegabytes.map(Math.round).join(", ")} MB`);
  assert(Math.max(...heldMegabytes) < 256, "the platform ends a worker at 256 MB");
  return { items, seconds };
}
