/** Organizations and memberships by reconcile: it repairs lost webhooks and deletes nothing by mistake. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { User } from "../../dev/clerk/users.ts";
import { deleteSilently } from "../helpers/clerk/clerk.ts";
import { addMembership, createFakeOrganizations } from "../helpers/clerk/organizations_api.ts";
import { serveOrganizations } from "../helpers/clerk/organizations_server.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import { lastAnswer, letAnHourPass, reconcile, reconcileAll, report } from "../helpers/stack/reconcile.ts";
import { seedUsers } from "../../dev/clerk/seed_users.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { startTestStack } from "../helpers/stack/stack.ts";

/** Creation time of all objects. */
const OLD = Date.UTC(2026, 0);

const clerk = createFakeOrganizations(0, 0, OLD);
let simulatorUrl = "";
const server = serveOrganizations(clerk, () => simulatorUrl);
const variables = { CLERK_API_URL: server.url };
const stack = await startTestStack({
  organizations: { of: "clerk-reconcile", variables },
  "soft-organizations": { of: "clerk-reconcile", variables: { ...variables, CLERK_ORGANIZATION_DELETE_MODE: "soft" } },
  // A production key, because reconcile's rate limit is ten times as high for it.
}, { clerkKind: "live" });
simulatorUrl = stack.clerkUrl;
const { database } = stack;
const { state } = stack.clerk;

const test = testsOf("clerk-reconcile ", async () => {
  for (const { id } of [...state.users.values()]) deleteSilently(state, id);
  clerk.organizations.clear();
  clerk.memberships.clear();
  clerk.isDisabled = false;
  clerk.asked.length = 0;
  await database.script(`
    truncate public.users, public.organizations, clerk.users, clerk.organizations, clerk.organization_memberships,
        clerk.messages, clerk.refusals, clerk.instance cascade;
    update clerk.reconcile set lease = null, leased_until = null, state = '{}'`);
});

/** Creates organizations at Clerk. All given users are members of each. */
function seed(count: number, users: readonly User[]): void {
  for (const [id, organization] of createFakeOrganizations(count, 0, OLD).organizations) {
    clerk.organizations.set(id, organization);
    for (const user of users) addMembership(clerk.memberships, id, user.id, OLD);
  }
}

/** Deletes organizations and their memberships at Clerk. */
function deleteOrganizations(ids: readonly string[]): void {
  for (const id of ids) clerk.organizations.delete(id);
  for (const [id, { organization }] of clerk.memberships) {
    if (ids.includes(organization.id)) clerk.memberships.delete(id);
  }
}

/** Returns the tables: names of organizations by id, and roles of memberships by id. */
async function stored() {
  const rows = await database.query(`
    select clerk_organization_id as id, name as value from public.organizations where deleted_at is null
    union all select clerk_membership_id, role from public.organization_memberships
    order by 1`);
  return Object.fromEntries(rows.map(({ id, value }) => [id as string, value]));
}

/** Returns the expected tables. */
const expected = () =>
  Object.fromEntries(
    [
      ...[...clerk.organizations.values()].map(({ id, name }) => [id, name] as const),
      ...[...clerk.memberships.values()].map(({ id, role }) => [id, role] as const),
    ].sort(([a], [b]) => a < b ? -1 : 1),
  );

const all = (ask = {}, name = "organizations") => reconcileAll(stack, ask, name);
const sum = (reports: Awaited<ReturnType<typeof all>>) => {
  const outcomes: Record<string, number> = {};
  for (const one of reports) {
    for (const [name, count] of Object.entries(one.outcomes)) outcomes[name] = (outcomes[name] ?? 0) + count;
  }
  return outcomes;
};
const status = async () => await (await stack.call("organizations", { headers: { apikey: stack.keys.secret } })).json();

test("imports organizations and memberships with lost webhooks, and repairs lost updates", async () => {
  const users = seedUsers(state, 3);
  seed(260, users);
  assertEquals(sum(await all({ task: "backfill" })), { created: 3 + 260 + 780 });
  assertEquals(await stored(), expected());
  const { organizations, reconcile: { memberships } } = await status();
  assertEquals(organizations, { live: 260, deleted: 0, memberships: 780 });
  assertEquals([memberships.backfill.items, memberships.backfill.total], [780, 780]);

  const [organization] = clerk.organizations.values();
  Object.assign(organization!, { name: "Renamed", updated_at: OLD + 1 });
  const [membership] = clerk.memberships.values();
  Object.assign(membership!, { role: "org:admin", updated_at: OLD + 1 });
  assertEquals(sum(await all({ task: "backfill", kind: "memberships" })).updated, 2);
  assertEquals(await stored(), expected());
});

test("runs all due tasks once a day in calls without a body", async () => {
  seed(3, seedUsers(state, 2));
  await all();
  assertEquals(await stored(), expected());
  clerk.asked.length = 0;
  await all();
  assertEquals(clerk.asked, [], "the next call asks about no organization");
});

test("deletes a membership, and an organization with its memberships, that are gone at Clerk", async () => {
  const users = seedUsers(state, 4);
  seed(5, users);
  await all();
  const [gone] = clerk.memberships.keys();
  clerk.memberships.delete(gone!);
  deleteOrganizations(["org_000004"]);
  await letAnHourPass(stack);
  const { deleted } = sum(await all({ task: "sweep" }));
  assertEquals([deleted, await stored()], [2, expected()]);
  const tombstones = await database.query("select deleted_by from clerk.organizations where deleted_at is not null");
  assertEquals(tombstones, [{ deleted_by: "reconcile" }]);
  assertEquals((await database.query("select from public.organizations")).length, 4);
});

test("hides an organization that is gone if the delete mode of organizations is soft", async () => {
  seed(5, seedUsers(state, 2));
  await all();
  deleteOrganizations(["org_000004"]);
  await letAnHourPass(stack);
  await all({ task: "sweep" }, "soft-organizations");
  const hidden = await database.query(
    "select clerk_organization_id as id from public.organizations where deleted_at is not null",
  );
  assertEquals([hidden, await stored()], [[{ id: "org_000004" }], expected()]);
});

test("refuses to delete too many of a kind until an operator sets a limit for that kind", async () => {
  seed(30, seedUsers(state, 2));
  await all();
  deleteOrganizations([...clerk.organizations.keys()].slice(0, 12));
  for (const id of [...clerk.memberships.keys()].slice(0, 14)) clerk.memberships.delete(id);
  await letAnHourPass(stack);
  const before = await stored();
  for (const ask of [{ task: "sweep" }, { task: "sweep", max_deletes: 500 }]) {
    const refused = await lastAnswer(stack, ask, "organizations");
    await assertProblem(refused.clone(), 409, "SWEEP_REFUSED");
    assertStringIncludes((await refused.json()).detail, "12 of 30 organizations");
    assertEquals(await stored(), before);
  }
  const memberships = { task: "sweep", kind: "memberships" };
  await assertProblem(await lastAnswer(stack, memberships, "organizations"), 409, "SWEEP_REFUSED");
  assertEquals(await stored(), before);

  await all({ task: "sweep", kind: "organizations", max_deletes: 12 });
  assertEquals((await status()).organizations, { live: 18, deleted: 12, memberships: 36 });
  await all({ ...memberships, max_deletes: 14 });
  assertEquals(await stored(), expected());
});

test("deletes no organization with keys of another instance", async () => {
  seed(20, seedUsers(state, 2));
  await all();
  await database.script("update clerk.instance set instance_id = 'ins_before'");
  const before = await stored();
  clerk.organizations.clear();
  clerk.memberships.clear();
  clerk.asked.length = 0;
  await letAnHourPass(stack);
  for (const ask of [{}, { task: "sweep", kind: "organizations", max_deletes: 1_000 }, { dry_run: true }]) {
    await assertProblem(await reconcile(stack, ask, "organizations"), 409, "DATABASE_OF_OTHER_INSTANCE");
  }
  assertEquals([await stored(), clerk.asked], [before, []]);
});

test("deletes no organization from webhooks if Clerk has few of them", async () => {
  const changes = Array.from({ length: 8 }, (_, index) => ({
    type: "organization.created",
    message_id: crypto.randomUUID(),
    organization_id: `org_own${index}`,
    sent_at: OLD,
    updated_at: OLD,
    created_at: OLD,
  }));
  assertEquals((await stack.admin.rpc("apply_clerk_changes", { changes })).error, null);
  seed(3, seedUsers(state, 1));
  await assertProblem(await lastAnswer(stack, {}, "organizations"), 409, "SWEEP_REFUSED");
  assertEquals((await status()).organizations, { live: 11, deleted: 0, memberships: 3 });
});

test("sends an instance without organizations one request a day, and keeps its rows", async () => {
  seed(4, seedUsers(state, 2));
  await all();
  const before = await stored();
  clerk.isDisabled = true;
  clerk.asked.length = 0;
  await letAnHourPass(stack);
  await database.script("update clerk.reconcile set state = jsonb_build_object('watermark', state -> 'watermark')");
  await all();
  await all();
  assertEquals([clerk.asked, await stored()], [["organizations 0"], before]);
});

test("returns the differences of each kind in a dry run, and writes nothing", async () => {
  const users = seedUsers(state, 3);
  seed(4, users);
  await all();
  const before = await stored();
  const [gone] = clerk.memberships.keys();
  clerk.memberships.delete(gone!);
  deleteOrganizations(["org_000003"]);
  clerk.organizations.set("org_new", { id: "org_new", name: "New", created_at: OLD, updated_at: OLD });
  Object.assign(clerk.organizations.get("org_000001")!, { name: "Renamed", updated_at: OLD + 1 });
  await letAnHourPass(stack);
  const reports = await all({ dry_run: true });
  const { organizations, memberships } = reports.at(-1)!.drift!;
  assertEquals([organizations.missing, organizations.outdated, organizations.extra], [1, 1, 1]);
  assertEquals(organizations.examples, {
    missing: ["org_new"],
    outdated: ["org_000001"],
    extra: ["org_000003"],
    deleted_here: [],
  });
  // The sweep of organizations handles the memberships of the deleted organization.
  assertEquals([memberships.missing, memberships.extra, memberships.undecided], [0, 1, 3]);
  assertEquals(await stored(), before);
});

test("names objects that the schema refuses, stores all others, and stores those after a fix", async () => {
  const users = seedUsers(state, 2);
  seed(3, users);
  Object.assign(clerk.organizations.get("org_000001")!, { name: "much too long a name" });
  const [membership] = [...clerk.memberships.values()].slice(-1);
  Object.assign(membership!, { role: "org:owner" });
  await database.script(`
    alter table public.organizations add constraint short_name check (length(name) < 15);
    alter table public.organization_memberships add constraint no_owner check (role <> 'org:owner')`);
  try {
    const { refused, outcomes } = await report(stack, {}, "organizations");
    assertEquals(outcomes.refused, 2);
    assertEquals(refused, [
      {
        organization_id: "org_000001",
        code: "SCHEMA_REFUSED",
        detail: { sqlstate: "23514", table: "public.organizations", constraint: "short_name" },
      },
      {
        membership_id: membership!.id,
        code: "SCHEMA_REFUSED",
        detail: { sqlstate: "23514", table: "public.organization_memberships", constraint: "no_owner" },
      },
    ]);
    const { organizations, refusals } = await status();
    assertEquals([organizations.live, refusals.organizations, refusals.memberships], [2, 1, 1]);
  } finally {
    await database.script(`
      alter table public.organizations drop constraint short_name;
      alter table public.organization_memberships drop constraint no_owner`);
  }
  await all({ task: "backfill" });
  assertEquals(await stored(), expected());
  assertEquals((await status()).refusals.since, null);
});

testsOf("")("the stack and the organizations stop", async () => {
  await stack.stop();
  await server.stop();
});
