/** Sweeps of organizations and memberships, each with its own proofs and limits. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import { createApplyItems } from "../../../supabase/functions/clerk-reconcile/apply_items.ts";
import { createSweptMemberships } from "../../../supabase/functions/clerk-reconcile/memberships.ts";
import { createSweptOrganizations } from "../../../supabase/functions/clerk-reconcile/organizations.ts";
import {
  type BackfillProgress,
  type ReconcileState,
  type Step,
  TASK_NAMES,
} from "../../../supabase/functions/clerk-reconcile/state.ts";
import { createCompareRows, createSweep } from "../../../supabase/functions/clerk-reconcile/sweep.ts";
import {
  addMembership,
  createFakeOrganizations,
  createFakeRows,
  MAPPINGS,
} from "../../helpers/clerk/organizations_api.ts";

const NOW = Date.parse("2026-11-23T10:00:00Z");
const HOUR = 60 * 60_000;
type Kind = "organizations" | "memberships";
const KINDS = ["organizations", "memberships"] as const;

/** Creates a Clerk and a table with the same `count` rows of a kind, all reported an hour ago. */
async function setUp(
  kind: Kind,
  count: number,
  { maxDeletes, membersEach = 1, knownSince }: {
    maxDeletes?: number;
    membersEach?: number;
    knownSince?: (id: string) => number;
  } = {},
) {
  const clerk = createFakeOrganizations(count, membersEach, NOW - HOUR);
  clerk.time = NOW;
  const table = createFakeRows(knownSince);
  const applyItems = createApplyItems(table.apply, MAPPINGS[kind]);
  await applyItems([...clerk[kind].values()], NOW - HOUR);
  const changes: unknown[] = [];
  const deps = {
    clerk,
    apply: (given: Parameters<typeof table.apply>[0]) => {
      changes.push(...given);
      return table.apply(given);
    },
    applyItems,
    listRows: table.listRows,
    countRows: table.countRows,
  };
  const swept = kind === "organizations"
    ? createSweptOrganizations({ ...deps, deleteMode: "soft" })
    : createSweptMemberships(deps);
  const now = () => NOW;
  const gone = (ids: string[]) => ids.forEach((id) => clerk[kind].delete(id));
  return {
    kind,
    clerk,
    table,
    changes,
    gone,
    sweep: createSweep({ kind: swept, maxDeletes, now }),
    swept,
  };
}

type World = Awaited<ReturnType<typeof setUp>>;

/** The last backfill, which began a minute ago. */
const backfill = (fields: Partial<BackfillProgress> = {}): BackfillProgress => ({
  started_at: new Date(NOW).toISOString(),
  finished_at: new Date(NOW).toISOString(),
  items: 1,
  total: 1,
  since: NOW - 60_000,
  ...fields,
});

/** Marks everything that Clerk lists as seen by a backfill. */
async function see({ kind, clerk, table }: World): Promise<void> {
  await createApplyItems(table.apply, MAPPINGS[kind])(
    [...clerk[kind].values()],
    NOW,
  );
}

async function run(
  { sweep, kind }: World,
  proved = true,
  before: () => void = () => {},
  lastBackfill: BackfillProgress = backfill(),
) {
  const proofs = proved
    ? { proofs: { [kind]: { is_proved: true as const } } }
    : { proofs: { [kind]: { imported_at: 2_000 } } };
  let state: ReconcileState = await sweep.begin({
    ...proofs,
    [TASK_NAMES[kind].backfill]: lastBackfill,
  });
  const results: Step["results"] = [];
  let error: ApiError | undefined;
  while (state[sweep.name]?.finished_at === undefined) {
    before();
    const step = await sweep.step(state);
    ({ state } = step);
    results.push(...step.results);
    error ??= step.error;
  }
  return { state, results, error, progress: state[TASK_NAMES[kind].sweep]! };
}

const firstIds = ({ clerk, kind }: World, count: number) => [...clerk[kind].keys()].slice(0, count);

Deno.test("a sweep does not look up rows that the last backfill saw", async () => {
  for (const kind of KINDS) {
    const world = await setUp(kind, 600);
    await see(world);
    const { progress } = await run(world);
    assertEquals([world.clerk.asked, progress.items, progress.absent], [
      [],
      600,
      0,
    ]);
  }
});

Deno.test("a sweep deletes organizations that are gone, after looking each of them up", async () => {
  const world = await setUp("organizations", 600);
  const gone = ["org_000003", "org_000300", "org_000599"];
  world.gone(gone);
  await see(world);
  const { results } = await run(world);
  assertEquals(
    results,
    gone.map((organization_id) => ({ organization_id, outcome: "deleted" })),
  );
  assertEquals(
    world.clerk.asked.filter((line) => line.startsWith("find")),
    gone.map((id) => `find ${id}`),
  );
  assertEquals(world.changes[0], {
    type: "organization.deleted",
    organization_id: "org_000003",
    sent_at: NOW,
    event_at: NOW,
    delete_mode: "soft",
  });
  assertEquals(world.table.rows.size, 597);
});

Deno.test("a sweep deletes memberships that are gone, after checking the list of their organization", async () => {
  const world = await setUp("memberships", 20, { membersEach: 30 });
  const gone = ["orgmem_000000", "orgmem_000001", "orgmem_000599"];
  world.gone(gone);
  // The user joined again, but the old membership is still gone.
  world.clerk.memberships.delete("orgmem_000100");
  addMembership(world.clerk.memberships, "org_000003", "user_000010", NOW);
  await see(world);
  const { results } = await run(world);
  assertEquals(
    results.map(({ membership_id, outcome }) => [membership_id, outcome]),
    [
      ["orgmem_000000", "deleted"],
      ["orgmem_000001", "deleted"],
      ["orgmem_000100", "deleted"],
      ["orgmem_000599", "deleted"],
    ],
  );
  assertEquals(world.changes[0], {
    type: "organizationMembership.deleted",
    membership_id: "orgmem_000000",
    organization_id: "org_000000",
    user_id: "user_000000",
    sent_at: NOW,
    event_at: NOW,
  });
  assertEquals(world.clerk.asked.slice(0, 3), [
    "members of org_000000: 2",
    "members of org_000003: 1",
    "members of org_000019: 1",
  ]);
});

Deno.test("a sweep keeps and updates an object that a backfill and a list left out", async () => {
  for (const kind of KINDS) {
    const world = await setUp(kind, 300);
    const [first, second] = firstIds(world, 2) as [string, string];
    world.clerk.forgotten.add(first);
    world.gone([second]);
    await see({
      ...world,
      clerk: {
        ...world.clerk,
        [kind]: new Map([...world.clerk[kind]].filter(([id]) => id !== first)),
      },
    });
    const { results, progress } = await run(world, true, () => {
      // The lookup by id finds it.
      if (world.clerk.asked.length > 2) world.clerk.forgotten.clear();
    });
    assertEquals(results.map(({ outcome }) => outcome), [
      "unchanged",
      "deleted",
    ], kind);
    assertEquals(
      [progress.absent, progress.deleted, world.table.rows.has(first)],
      [2, 1, true],
      kind,
    );
  }
});

Deno.test("an object that the schema refuses is neither deleted nor counted as gone", async () => {
  for (const kind of KINDS) {
    const world = await setUp(kind, 60);
    world.table.refused = new Set(firstIds(world, 40));
    await see(world);
    const { error, progress } = await run(world);
    assertEquals([error, progress.absent, world.table.rows.size], [
      undefined,
      0,
      60,
    ], kind);
  }
});

Deno.test("a sweep looks up few memberships per step, even if a backfill missed many", async () => {
  const world = await setUp("memberships", 100);
  let before = 0;
  await run(world, true, () => {
    const asked = world.clerk.asked.length;
    if (asked - before > 10) {
      throw new Error(`${asked - before} requests in one step`);
    }
    before = asked;
  });
  assertEquals([world.clerk.asked.length, world.table.rows.size], [100, 100]);
});

Deno.test("a sweep leaves memberships to their organization's sweep if the organization is gone", async () => {
  const world = await setUp("memberships", 20);
  world.clerk.organizations.delete("org_000005");
  world.gone(["orgmem_000005", "orgmem_000006"]);
  await see(world);
  const { results, progress } = await run(world);
  assertEquals(results, [{
    membership_id: "orgmem_000006",
    outcome: "deleted",
  }]);
  assertEquals([progress.undecided, world.table.rows.has("orgmem_000005")], [
    1,
    true,
  ]);
});

Deno.test("a sweep keeps an organization if Clerk returns another one for its id", async () => {
  const world = await setUp("organizations", 20);
  world.gone(["org_000003"]);
  await see(world);
  world.clerk.findOrganization = () =>
    Promise.resolve({
      organization: undefined,
      isGone: false,
      answeredAt: NOW,
    });
  const { results, progress } = await run(world);
  assertEquals([results, progress.deleted, world.table.rows.size], [[], 0, 20]);
});

Deno.test("a sweep skips objects that Clerk reported within ten minutes", async () => {
  for (const kind of KINDS) {
    const world = await setUp(kind, 20);
    const [young, old] = firstIds(world, 2) as [string, string];
    world.gone([young, old]);
    await see(world);
    world.table.rows.get(young)!.newest_at = NOW - 5 * 60_000;
    assertEquals((await run(world)).progress.undecided, 1);
    assertEquals([...world.table.tombstones], [old]);
  }
});

Deno.test("a sweep of any kind is refused and deletes nothing if more than 5 % and ten, or all, are gone", async () => {
  const cases: Array<[rows: number, gone: number, refused: boolean]> = [
    [20, 10, false],
    [20, 11, true],
    [400, 20, false],
    [400, 21, true],
    [10, 10, true],
  ];
  for (const kind of KINDS) {
    for (const [rows, gone, refused] of cases) {
      const world = await setUp(kind, rows);
      world.gone(firstIds(world, gone));
      await see(world);
      const { error } = await run(world);
      const label = `${gone} of ${rows} ${kind}`;
      assertEquals(error?.code, refused ? "SWEEP_REFUSED" : undefined, label);
      assertEquals(world.table.rows.size, refused ? rows : rows - gone, label);
      if (refused) {
        assertStringIncludes(error!.message, `--kind ${kind} --max-deletes`);
      }
    }
  }
});

Deno.test("the first sweep of a kind deletes nothing unless most of its older rows exist at Clerk", async () => {
  const cases: Array<
    [old: number, present: number, imported: number, refused: boolean]
  > = [
    [8, 0, 3, true],
    [10, 5, 200, true],
    [10, 6, 200, false],
    // Ten of the 30 rows that count may be deleted. If all 630 counted, 31 could be.
    [30, 19, 600, true],
    [30, 20, 600, false],
  ];
  for (const kind of KINDS) {
    for (const [old, present, imported, refused] of cases) {
      const isOld = (id: string) => Number(id.slice(-6)) < old;
      const world = await setUp(kind, old + imported, {
        knownSince: (id) => isOld(id) ? 1_000 : 3_000,
      });
      world.gone([...world.clerk[kind].keys()].filter(isOld).slice(present));
      await see(world);
      const { error, state } = await run(world, false);
      const label = `${present} of ${old} ${kind} exist, ${imported} imported`;
      assertEquals(error?.code, refused ? "SWEEP_REFUSED" : undefined, label);
      assertEquals(
        world.table.tombstones.size,
        refused ? 0 : old - present,
        label,
      );
      assertEquals(
        state.proofs?.[kind]?.is_proved,
        refused ? undefined : true,
        label,
      );
    }
  }
});

Deno.test("a sweep deletes as many as an operator allows, and not one more", async () => {
  for (const kind of KINDS) {
    const world = await setUp(kind, 50, { maxDeletes: 30 });
    world.gone(firstIds(world, 30));
    await see(world);
    assertEquals([(await run(world, false)).error, world.table.rows.size], [
      undefined,
      20,
    ]);
    const more = await setUp(kind, 50, { maxDeletes: 3 });
    more.gone(firstIds(more, 4));
    await see(more);
    assertEquals([(await run(more)).error?.code, more.table.rows.size], [
      "SWEEP_REFUSED",
      50,
    ]);
  }
});

Deno.test("a sweep of an instance without organizations sends no request and deletes nothing", async () => {
  for (const kind of KINDS) {
    const world = await setUp(kind, 20);
    world.clerk.isDisabled = true;
    const { progress } = await run(
      world,
      true,
      undefined,
      backfill({ is_disabled: true }),
    );
    assertEquals([world.clerk.asked, progress.items, world.table.rows.size], [
      [],
      0,
      20,
    ]);
    // Organizations were disabled after the backfill, so no response proves anything.
    assertEquals((await run(world)).progress.undecided, 20);
    assertEquals(world.table.tombstones.size, 0);
  }
});

Deno.test("a sweep after an unfinished backfill looks up every row", async () => {
  const world = await setUp("organizations", 120);
  await see(world);
  const { finished_at: _, ...unfinished } = backfill();
  await run(world, true, undefined, unfinished);
  assertEquals(world.clerk.asked, [
    "organizations 50 ids",
    "organizations 50 ids",
    "organizations 20 ids",
  ]);
});

Deno.test("a comparison of rows counts objects that are gone, and deletes nothing", async () => {
  for (const kind of KINDS) {
    const world = await setUp(kind, 120);
    world.gone(firstIds(world, 100));
    const compare = createCompareRows({ kind: world.swept, now: () => NOW });
    let state = await compare.begin({});
    while (state[compare.name]?.finished_at === undefined) {
      ({ state } = await compare.step(state));
    }
    const { absent, examples } = state[TASK_NAMES[kind].compareRows]!;
    assertEquals([
      absent,
      examples.length,
      world.table.rows.size,
      world.changes,
    ], [100, 10, 120, []]);
  }
});

Deno.test("a sweep ignores a list that does not match the requested users", async () => {
  const world = await setUp("memberships", 2, { membersEach: 30 });
  const { listMembershipsOf } = world.clerk;
  world.clerk.listMembershipsOf = (organizationId, { user_id: _, ...query }) =>
    listMembershipsOf(organizationId, query);
  const { state, results, progress } = await run(world);
  assertEquals([state.sweep_memberships!.refused, results, progress.absent], [
    undefined,
    [],
    0,
  ]);
  // This list starts to ignore the users before the second proof.
  const late = await setUp("memberships", 2, { membersEach: 30 });
  late.gone(["orgmem_000029"]);
  const honest = late.clerk.listMembershipsOf;
  late.clerk.listMembershipsOf = (
    organizationId,
    { user_id: users = [], ...query },
  ) =>
    honest(
      organizationId,
      users.length > 1 ? { ...query, user_id: users } : query,
    );
  assertEquals((await run(late)).results, []);
});
