/** Backfills of organizations and memberships, which Clerk lists by offset. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import { createApplyItems } from "../../../supabase/functions/clerk-reconcile/apply_items.ts";
import { createMembershipsReader } from "../../../supabase/functions/clerk-reconcile/memberships.ts";
import { createOrganizationsReader } from "../../../supabase/functions/clerk-reconcile/organizations.ts";
import type { ReconcileState, Task } from "../../../supabase/functions/clerk-reconcile/state.ts";
import { createComparison, createDailyBackfill } from "../../../supabase/functions/clerk-reconcile/backfill.ts";
import {
  addMembership,
  createFakeOrganizations,
  createFakeRows,
  type FakeOrganizations,
  MAPPINGS,
} from "../../helpers/clerk/organizations_api.ts";

const NOW = Date.parse("2026-11-23T10:00:00Z");
const now = () => NOW;

/** Creates both backfills or both comparisons, and the tables. */
function setUp(clerk: FakeOrganizations) {
  const tables = { organizations: createFakeRows(), memberships: createFakeRows() };
  const readers = (purpose: "backfill" | "compare") => ({
    organizations: createOrganizationsReader(clerk),
    memberships: createMembershipsReader({
      clerk,
      listOrganizationRows: tables.organizations.listRows,
      purpose,
      now: () => new Date(NOW).toISOString(),
    }),
  });
  const kinds = ["organizations", "memberships"] as const;
  const tasks = kinds.map((kind) =>
    createDailyBackfill(kind, {
      reader: readers("backfill")[kind],
      applyItems: createApplyItems(tables[kind].apply, MAPPINGS[kind]),
      now,
    })
  );
  const comparisons = kinds.map((kind) =>
    createComparison(kind, {
      reader: readers("compare")[kind],
      applyItems: createApplyItems(tables[kind].apply, MAPPINGS[kind]),
      now,
    })
  );
  return { clerk, ...tables, tasks, comparisons };
}

/** Runs the tasks one after the other, with a callback before each step. */
async function run(tasks: Task[], before: (step: number) => void = () => {}): Promise<ReconcileState> {
  let state: ReconcileState = {};
  let step = 0;
  for (const task of tasks) {
    state = await task.begin(state);
    while (state[task.name]?.finished_at === undefined) {
      if (step > 5_000) throw new Error("Cannot end");
      before(step++);
      ({ state } = await task.step(state));
    }
  }
  return state;
}

const missing = ({ clerk, organizations, memberships }: ReturnType<typeof setUp>) => [
  ...[...clerk.organizations.keys()].filter((id) => !organizations.rows.has(id)),
  ...[...clerk.memberships.keys()].filter((id) => !memberships.rows.has(id)),
];

Deno.test("backfills import 10,000 organizations and 50,000 memberships in about 240 requests", async () => {
  const world = setUp(createFakeOrganizations(10_000, 5, NOW));
  const { backfill_organizations, backfill_memberships } = await run(world.tasks);
  assertEquals([world.organizations.rows.size, world.memberships.rows.size], [10_000, 50_000]);
  assertEquals([backfill_organizations?.items, backfill_memberships?.items], [10_000, 50_000]);
  assertEquals(world.clerk.asked.length, 41 + 205);
  assert(world.memberships.calls.every((size) => size <= 250), "a page is one call");
});

Deno.test("backfills neither miss nor repeat items if others are deleted between two pages", async () => {
  for (const deleted of [1, 4, 5, 6, 249, 600]) {
    const world = setUp(createFakeOrganizations(1_000, 1, NOW));
    const { backfill_organizations } = await run(world.tasks, (step) => {
      if (step !== 3) return;
      for (const id of [...world.clerk.organizations.keys()].slice(0, deleted)) world.clerk.organizations.delete(id);
    });
    assertEquals(missing(world), [], `${deleted} deleted`);
    assertEquals(backfill_organizations?.items, 1_000, `${deleted} deleted`);
  }
});

Deno.test("backfills miss nothing if the last item of a page is deleted, among others of the same time", async () => {
  const world = setUp(createFakeOrganizations(600, 1, NOW));
  for (const one of world.clerk.organizations.values()) one.created_at = NOW;
  await run(world.tasks, (step) => {
    if (step === 1) { for (let index = 200; index < 250; index++) world.clerk.organizations.delete(`org_000${index}`); }
  });
  assertEquals(missing(world), []);
});

Deno.test("backfills read items that are created meanwhile", async () => {
  const world = setUp(createFakeOrganizations(500, 1, NOW));
  await run(world.tasks, (step) => {
    if (step === 2) {
      world.clerk.organizations.set("org_new", { id: "org_new", created_at: NOW + 1, updated_at: NOW + 1 });
    }
  });
  assertEquals(missing(world), []);
});

Deno.test("a backfill fails if a list ends too early", async () => {
  const world = setUp(createFakeOrganizations(2_000, 0, NOW));
  const { listOrganizations } = world.clerk;
  world.clerk.listOrganizations = async (query) => {
    const page = await listOrganizations(query);
    return (query.offset ?? 0) < 900 ? page : { ...page!, items: page!.items.slice(0, 30) };
  };
  assertEquals((await assertRejects(() => run(world.tasks), ApiError)).code, "CLERK_UNAVAILABLE");
});

Deno.test("a backfill ends if many items were deleted while it read, according to the total", async () => {
  const world = setUp(createFakeOrganizations(1_000, 0, NOW));
  const { backfill_organizations } = await run(world.tasks, (step) => {
    if (step === 1) { for (let index = 300; index < 500; index++) world.clerk.organizations.delete(`org_000${index}`); }
  });
  assertEquals([backfill_organizations?.items, backfill_organizations?.total], [800, 800]);
});

Deno.test("a backfill fails for an unordered list of several pages, and accepts a single page in any order", async () => {
  const reverse = (clerk: FakeOrganizations) => {
    const reversed = [...clerk.organizations].reverse();
    clerk.organizations.clear();
    for (const [id, organization] of reversed) clerk.organizations.set(id, organization);
  };
  const large = setUp(createFakeOrganizations(300, 0, NOW));
  reverse(large.clerk);
  assertEquals((await assertRejects(() => run(large.tasks), ApiError)).code, "CLERK_UNAVAILABLE");
  assertEquals(large.organizations.rows.size, 0);
  const small = setUp(createFakeOrganizations(200, 0, NOW));
  reverse(small.clerk);
  await run(small.tasks);
  assertEquals(small.organizations.rows.size, 200);
});

Deno.test("memberships that are not in order are read organization by organization", async () => {
  const world = setUp(createFakeOrganizations(30, 20, NOW));
  const { clerk } = world;
  // One organization has several pages.
  for (let member = 100; member < 500; member++) addMembership(clerk.memberships, "org_000007", `user_${member}`, NOW);
  const { listMemberships } = clerk;
  clerk.listMemberships = async (query) => {
    const page = await listMemberships(query);
    return { ...page!, items: [...page!.items].reverse() };
  };
  const { backfill_memberships } = await run(world.tasks, () => {
    // This organization is deleted while the lists of others are read.
    if (clerk.asked.at(-1)?.startsWith("members of org_000020")) clerk.organizations.delete("org_000022");
  });
  const ofDeleted = [...clerk.memberships.values()].filter(({ organization }) => organization.id === "org_000022");
  assertEquals(missing(world), ofDeleted.map(({ id }) => id));
  assertEquals([backfill_memberships?.items, backfill_memberships?.total], [980, 1_000]);
  const lists = clerk.asked.filter((line) => line.startsWith("members of"));
  assertEquals(lists.length, 31, "a request for each organization, and one more for the second page");
});

Deno.test("memberships whose pages never overlap are read organization by organization", async () => {
  const world = setUp(createFakeOrganizations(300, 2, NOW));
  const { listMemberships } = world.clerk;
  world.clerk.listMemberships = async (query) => {
    const page = await listMemberships(query);
    return query.offset === 0 ? page : { ...page!, items: page!.items.slice(100) };
  };
  await run(world.tasks);
  assertEquals(missing(world), []);
});

Deno.test("a backfill requests no further full page after one cost too much", async () => {
  const world = setUp(createFakeOrganizations(225, 0, NOW));
  const limits: number[] = [];
  const { listOrganizations } = world.clerk;
  world.clerk.listOrganizations = async (query) => {
    limits.push(query.limit);
    const limit = Math.min(query.limit, 50);
    return { ...(await listOrganizations({ ...query, limit }))!, limit };
  };
  await run(world.tasks);
  assertEquals([missing(world), limits], [[], [250, 50, 50, 50, 50]]);
});

Deno.test("an instance without organizations needs one request, even if they are enabled", async () => {
  for (const isDisabled of [true, false]) {
    const world = setUp(createFakeOrganizations(0, 0, NOW));
    world.clerk.isDisabled = isDisabled;
    const { backfill_organizations, backfill_memberships } = await run(world.tasks);
    assertEquals(world.clerk.asked, ["organizations 0"]);
    const flags = [backfill_organizations?.is_disabled, backfill_memberships?.is_disabled];
    assertEquals(flags, isDisabled ? [true, true] : [undefined, undefined]);
  }
});

Deno.test("a comparison counts missing and deleted objects of each kind", async () => {
  const world = setUp(createFakeOrganizations(300, 2, NOW));
  world.organizations.tombstones.add("org_000002");
  world.memberships.refused.add("orgmem_000003");
  // Because a dry run writes nothing, an item that is read twice would count twice.
  const { compare_organizations, compare_memberships } = await run(
    world.comparisons,
    () => world.memberships.rows.clear(),
  );
  const { missing, deleted_here, examples } = compare_organizations!.drift!;
  assertEquals([missing, deleted_here, examples.deleted_here], [299, 1, ["org_000002"]]);
  assertEquals([compare_memberships!.drift!.missing, compare_memberships!.drift!.refused], [599, 1]);
  assertEquals(compare_memberships!.drift!.examples.missing.slice(0, 2), ["orgmem_000000", "orgmem_000001"]);
});
