/** Tests the database functions that clerk-reconcile calls for organizations and memberships. */
import { assertEquals } from "@std/assert";
import { apply, profile, T0 } from "../helpers/database/changes.ts";
import { openEmbedded } from "../helpers/database/embedded.ts";
import {
  forgetOrganizations,
  membership,
  organization,
  organizationDeletion,
  removal,
  rights,
} from "../helpers/database/organizations.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openEmbedded();
const { query, script } = database;

const test = testsOf("", () => forgetOrganizations(database));

async function asService<T>(sql: string, parameters: unknown[] = []): Promise<T> {
  await script("set role service_role");
  try {
    return (await query(`select ${sql} as result`, parameters))[0]!.result as T;
  } finally {
    await script("reset role");
  }
}

const KNOWN_SINCE = Date.UTC(2026, 0, 1);
const setKnownSince = () =>
  script(`
    update clerk.organizations set known_since = '2026-01-01';
    update clerk.organization_memberships set known_since = '2026-01-01'`);
const listOrganizations = (after = "", size = 100) =>
  asService<unknown[]>("public.list_clerk_organizations($1, $2)", [after, size]);
const listMemberships = (after = "", size = 100) =>
  asService<Array<Record<string, unknown>>>("public.list_clerk_memberships($1, $2)", [after, size]);
/** A change like the one that reconcile reads from Clerk. */
const fetched = (change: Record<string, unknown>, type: string, readAt: number) => {
  const { message_id: _, ...rest } = change;
  return { ...rest, type, sent_at: T0 + readAt, event_at: T0 + readAt };
};

test("list_clerk_organizations() returns non-deleted organizations ordered by id, and whether each has a row", async () => {
  await apply(database, organization("org_b", 1), organization("org_a", 1), organization("org_c", 1));
  await apply(
    database,
    organization("org_gone", 1),
    organization("org_soft", 1),
    organizationDeletion("org_gone", 2),
    organizationDeletion("org_soft", 2, { delete_mode: "soft" }),
  );
  await query("delete from public.organizations where clerk_organization_id = 'org_c'");
  await setKnownSince();
  const row = (organization_id: string, live = true) => ({
    organization_id,
    live,
    known_since: KNOWN_SINCE,
    newest_at: T0 + 1,
  });
  assertEquals(await listOrganizations(), [row("org_a"), row("org_b"), row("org_c", false)]);
  assertEquals(await listOrganizations("org_a", 1), [row("org_b")]);
  assertEquals(await asService("public.count_clerk_organizations()"), 2);
  assertEquals(await asService("public.count_clerk_organizations('2026-01-01')"), 0);
  assertEquals(await asService("public.count_clerk_organizations('2026-01-02')"), 2);
});

test("list_clerk_memberships() groups members by organization, and returns whether each has a row", async () => {
  await apply(database, profile("user_a", 1), profile("user_b", 1), organization("org_a", 1), organization("org_b", 1));
  await apply(
    database,
    membership("orgmem_1", ["org_b", "user_a"], 1),
    membership("orgmem_2", ["org_a", "user_a"], 1),
    membership("orgmem_3", ["org_a", "user_b"], 1),
    membership("orgmem_4", ["org_a", "user_pending"], 1),
    membership("orgmem_5", ["org_b", "user_b"], 1),
    removal("orgmem_5", 2),
  );
  await setKnownSince();
  const row = (membership_id: string, organization_id: string, user_id: string, live = true) => ({
    membership_id,
    organization_id,
    user_id,
    live,
    known_since: KNOWN_SINCE,
    newest_at: T0 + 1,
  });
  assertEquals(await listMemberships(), [
    row("orgmem_2", "org_a", "user_a"),
    row("orgmem_3", "org_a", "user_b"),
    row("orgmem_4", "org_a", "user_pending", false),
    row("orgmem_1", "org_b", "user_a"),
  ]);
  const pages: unknown[] = [];
  let after = "";
  while (true) {
    const [one] = await listMemberships(after, 1);
    if (!one) break;
    pages.push(one.membership_id);
    after = `${one.organization_id}/${one.membership_id}`;
  }
  assertEquals(pages, ["orgmem_2", "orgmem_3", "orgmem_4", "orgmem_1"]);
  assertEquals(await asService("public.count_clerk_memberships()"), 3);
  assertEquals(await asService("public.count_clerk_memberships('2026-01-01')"), 0);
});

test("a backfill marks the objects that it read even if nothing changed, so that a sweep knows the others", async () => {
  const [one, two] = [organization("org_a", 1), organization("org_b", 1)];
  const joined = [membership("orgmem_1", ["org_a", "user_a"], 1), membership("orgmem_2", ["org_b", "user_a"], 1)];
  await apply(database, profile("user_a", 1), one, two, ...joined);
  const backfill = [
    fetched(one, "organization.fetched", 500),
    fetched(joined[0]!, "organizationMembership.fetched", 500),
  ];
  assertEquals(await apply(database, ...backfill), ["unchanged", "unchanged"]);
  const newest = (rows: unknown[]) => (rows as Array<{ newest_at: number }>).map(({ newest_at }) => newest_at - T0);
  assertEquals(newest(await listOrganizations()), [500, 1]);
  assertEquals(newest(await listMemberships()), [500, 1]);
});

test("preview_clerk_changes() marks deleted organizations and memberships", async () => {
  await apply(database, profile("user_a", 1), organization("org_a", 1), organizationDeletion("org_gone", 1));
  await apply(database, membership("orgmem_1", ["org_a", "user_a"], 1), removal("orgmem_1", 2));
  const changes = [
    fetched(organization("org_gone", 9), "organization.fetched", 9),
    fetched(membership("orgmem_1", ["org_a", "user_a"], 9), "organizationMembership.fetched", 9),
    fetched(membership("orgmem_2", ["org_gone", "user_a"], 9), "organizationMembership.fetched", 9),
    fetched(membership("orgmem_3", ["org_a", "user_a"], 9), "organizationMembership.fetched", 9),
    fetched(organization("org_a", 0), "organization.fetched", 0),
  ];
  assertEquals(await asService("public.preview_clerk_changes($1)", [JSON.stringify(changes)]), [
    { outcome: "stale", deleted: true },
    { outcome: "stale", deleted: true },
    { outcome: "stale", deleted: true },
    { outcome: "created" },
    { outcome: "stale" },
  ]);
  assertEquals(await rights(database), {}, "nothing is written");
});

/** An app whose rows keep organizations and memberships from being deleted. */
const KEEPING = `
  create table public.accounts (
      organization_id uuid references public.organizations (id), membership_id uuid references public.organization_memberships (id)
  );
  grant all on public.accounts to service_role;
  alter table public.accounts enable row level security;
  insert into public.accounts select id, null from public.organizations;
  insert into public.accounts select null, id from public.organization_memberships;`;

test("retry_clerk_organizations() deletes rows that the schema kept, after a fix", async () => {
  await apply(database, profile("user_a", 1), organization("org_a", 1), organization("org_b", 1));
  await apply(database, membership("orgmem_1", ["org_b", "user_a"], 1));
  await script(KEEPING);
  const retry = (mode: string) =>
    asService<Array<Record<string, unknown>>>("public.retry_clerk_organizations(500, $1)", [mode]);
  try {
    assertEquals(await retry("hard"), []);
    await apply(database, organizationDeletion("org_a", 2), removal("orgmem_1", 2));
    const names = (results: Array<Record<string, unknown>>) =>
      results.map((
        { organization_id, membership_id, outcome, code },
      ) => [organization_id ?? membership_id, outcome, code]);
    const kept = [["org_a", "unchanged", "DELETE_BLOCKED"], ["orgmem_1", "refused", "SCHEMA_REFUSED"]];
    assertEquals(names(await retry("hard")).sort(), kept);
    assertEquals(names(await retry("soft")), [kept[1]!], "a hidden row stays in mode soft");
    const { refusals } = await asService<Record<string, Record<string, unknown>>>("public.clerk_status()");
    assertEquals([refusals!.organizations, refusals!.memberships, refusals!.deletions], [0, 0, 2]);
    await script("delete from public.accounts");
    assertEquals(names(await retry("hard")).map(([id]) => id).sort(), ["org_a", "orgmem_1"]);
    assertEquals([await retry("hard"), await rights(database)], [[], {}]);
    assertEquals(await query("select from public.organizations where clerk_organization_id = 'org_a'"), []);
  } finally {
    await script("drop table public.accounts");
  }
});

test("clerk_status() counts organizations and memberships, and the refusals of each", async () => {
  await apply(database, profile("user_a", 1), organization("org_a", 1), organizationDeletion("org_gone", 1));
  await apply(database, membership("orgmem_1", ["org_a", "user_a"], 1), membership("orgmem_2", ["org_a", "user_b"], 1));
  await script("alter table public.organizations add constraint short_name check (length(name) < 10)");
  await script("alter table public.organization_memberships add constraint no_owner check (role <> 'org:owner')");
  try {
    await apply(
      database,
      organization("org_a", 2, { name: "much too long" }),
      membership("orgmem_1", ["org_a", "user_a"], 2, { role: "org:owner" }),
    );
    const status = await asService<Record<string, Record<string, unknown>>>("public.clerk_status()");
    assertEquals(status.organizations, { live: 1, deleted: 1, memberships: 1 });
    const { since, ...counts } = status.refusals!;
    assertEquals([counts, typeof since], [{ users: 0, organizations: 1, memberships: 1, deletions: 0 }, "string"]);
    assertEquals((status.failing as { messages: number }).messages, 2);
  } finally {
    await script(`alter table public.organizations drop constraint short_name;
      alter table public.organization_memberships drop constraint no_owner`);
  }
});

testsOf("")("the database of reconcile's organizations closes", () => database.close());
