/** Tests organizations and memberships by rule: the effect of each change, in any order. */
import { assert, assertEquals } from "@std/assert";
import { openDatabase } from "../../project/database/database.ts";
import { apply, deletion, profile, T0 } from "../helpers/database/changes.ts";
import {
  forgetOrganizations,
  membership,
  organization,
  organizationDeletion,
  organizations,
  removal,
  rights,
} from "../helpers/database/organizations.ts";
import { testsOf } from "../helpers/shared_test.ts";

const database = await openDatabase();
const { query, script } = database;
const test = testsOf("apply_clerk_changes() ", () => forgetOrganizations(database));

const A = "org_a/user_a";
/** A user and an organization, both live. */
const parents = () => apply(database, profile("user_a", 1), organization("org_a", 1));
const member = (id: string, version: number, overrides = {}) => membership(id, ["org_a", "user_a"], version, overrides);

test("writes a user, an organization and a membership of one call in any order", async () => {
  const given = [member("orgmem_1", 1), organization("org_a", 1), profile("user_a", 1)];
  assertEquals(await apply(database, ...given), ["created", "created", "created"]);
  assertEquals(await rights(database), { [A]: "orgmem_1 org:member" });
  assertEquals(await apply(database, ...given), ["duplicate", "duplicate", "duplicate"]);
});

test("stores the mapped fields of an organization, and nothing else", async () => {
  await apply(
    database,
    organization("org_a", 5, {
      name: "Acme",
      slug: "acme",
      image_url: "https://img.example/a",
      metadata: { plan: 1 },
      private_metadata: { secret: 1 },
    }),
    organization("org_b", 5, { name: null, slug: "", metadata: null }),
  );
  const found = await query(`
    select to_jsonb(organizations) - 'id' - 'created_at' - 'updated_at' as visible,
      extract(epoch from created_at) * 1000 - ${T0} as created, extract(epoch from updated_at) * 1000 - ${T0} as updated
    from public.organizations order by clerk_organization_id`);
  const b = { clerk_organization_id: "org_b", name: "", slug: null, image_url: null, metadata: {}, deleted_at: null };
  const a = {
    clerk_organization_id: "org_a",
    name: "Acme",
    slug: "acme",
    image_url: "https://img.example/a",
    metadata: { plan: 1 },
    deleted_at: null,
  };
  assertEquals(found.map(({ visible, created, updated }) => [visible, Number(created), Number(updated)]), [
    [a, 0, 5],
    [b, 0, 5],
  ]);
});

test("keeps the newest profile of an organization and of a membership", async () => {
  await parents();
  assertEquals(await apply(database, organization("org_a", 3, { name: "three" }), member("orgmem_1", 3)), [
    "updated",
    "created",
  ]);
  assertEquals(
    await apply(database, organization("org_a", 2, { name: "two" }), member("orgmem_1", 2, { role: "org:admin" })),
    ["stale", "stale"],
  );
  assertEquals(await organizations(database, "name"), { org_a: "three" });
  assertEquals(await rights(database), { [A]: "orgmem_1 org:member" });
});

test("removes a membership permanently, and by its id only", async () => {
  await parents();
  await apply(database, member("orgmem_1", 1));
  assertEquals(await apply(database, removal("orgmem_1", 2)), ["deleted"]);
  assertEquals(await rights(database), {});
  assertEquals(await apply(database, member("orgmem_1", 9)), ["stale"]);
  assertEquals(await apply(database, member("orgmem_2", 3, { created_at: T0 + 3 })), ["created"]);
  assertEquals(await rights(database), { [A]: "orgmem_2 org:member" });
  assertEquals(await apply(database, removal("orgmem_1", 9)), ["unchanged"]);
  assertEquals(await rights(database), { [A]: "orgmem_2 org:member" });
});

test("shows the membership created last, and none after its removal, even if an older removal is lost", async () => {
  await parents();
  const [first, second] = [
    member("orgmem_2", 9, { created_at: T0 + 1 }),
    member("orgmem_1", 2, { created_at: T0 + 2 }),
  ];
  assertEquals(await apply(database, second), ["created"]);
  assertEquals(await apply(database, first), ["stale"]);
  assertEquals(await rights(database), { [A]: "orgmem_1 org:member" });
  assertEquals(await apply(database, removal("orgmem_1", 3)), ["deleted"]);
  assertEquals(await rights(database), {});
});

test("keeps a membership pending until its user and its organization exist", async () => {
  assertEquals(await apply(database, member("orgmem_1", 1)), ["pending"]);
  assertEquals(await apply(database, organization("org_a", 1)), ["created"]);
  assertEquals(await rights(database), {});
  assertEquals(await apply(database, profile("user_a", 1)), ["created"]);
  assertEquals(await rights(database), { [A]: "orgmem_1 org:member" });

  assertEquals(await apply(database, membership("orgmem_2", ["org_b", "user_a"], 1)), ["pending"]);
  assertEquals(await apply(database, organization("org_b", 1)), ["created"]);
  assertEquals(await rights(database), { [A]: "orgmem_1 org:member", "org_b/user_a": "orgmem_2 org:member" });
});

test("orders an organization embedded in a membership, and does not record it", async () => {
  const carried = organization("org_a", 1, { type: "organization.fetched", message_id: null, carried_by: "msg_z" });
  const own = organization("org_a", 1, { message_id: "msg_a", name: "other" });
  assertEquals(await apply(database, carried), ["created"]);
  assertEquals(await apply(database, own), ["stale"]);
  assertEquals(await query("select message_id, outcome::text from clerk.messages"), [
    { message_id: "msg_a", outcome: "stale" },
  ]);
});

test("orders equal versions by event time, then created before updated, then message id", async () => {
  const at = (message_id: string, event: number, type = "updated") =>
    organization("org_a", 1, { type: `organization.${type}`, message_id, event_at: T0 + event, name: message_id });
  const names = async () => (await organizations(database, "name")).org_a;
  await apply(database, at("msg_b", 5));
  assertEquals(await apply(database, at("msg_z", 4)), ["stale"]);
  assertEquals(await apply(database, at("msg_c", 5, "created")), ["stale"]);
  assertEquals(await apply(database, at("msg_a", 5)), ["stale"]);
  assertEquals(await apply(database, at("msg_Z", 5)), ["stale"]);
  assertEquals(await names(), "msg_b");
  await apply(database, at("msg_c2", 5));
  assertEquals(await names(), "msg_c2");
});

test("keeps the earliest creation of any profile", async () => {
  await apply(database, organization("org_a", 5, { created_at: null }));
  const created = async () => Date.parse((await organizations(database, "created_at")).org_a as string) - T0;
  assertEquals(await created(), 5);
  assertEquals(await apply(database, organization("org_a", 3, { created_at: T0 + 2 })), ["stale"]);
  assertEquals(await created(), 2);
  await apply(database, organization("org_a", 6, { created_at: T0 + 4 }));
  assertEquals(await created(), 2);
});

test("finds the current membership by the earliest reported creation of each", async () => {
  await parents();
  await apply(database, member("orgmem_1", 5, { created_at: T0 + 5 }), member("orgmem_2", 4, { created_at: T0 + 4 }));
  assertEquals(await rights(database), { [A]: "orgmem_1 org:member" });
  assertEquals(await apply(database, member("orgmem_1", 2, { created_at: T0 + 2 })), ["stale"]);
  assertEquals(await rights(database), { [A]: "orgmem_2 org:member" });
});

test("ends the memberships of a deleted user, in both delete modes", async () => {
  for (const mode of ["hard", "soft"]) {
    await forgetOrganizations(database);
    await parents();
    await apply(database, member("orgmem_1", 1));
    await apply(database, deletion("user_a", 2, { delete_mode: mode } as never));
    assertEquals(await query("select from public.organization_memberships"), []);
    assertEquals(await query("select from clerk.organization_memberships"), []);
    assertEquals(await apply(database, member("orgmem_1", 9), member("orgmem_2", 9)), ["stale", "stale"]);
    assertEquals(await query("select from clerk.organization_memberships"), []);
  }
});

test("ends the memberships of a deleted organization, in both delete modes", async () => {
  for (const mode of ["hard", "soft"]) {
    await forgetOrganizations(database);
    await parents();
    await apply(
      database,
      member("orgmem_1", 1),
      removal("orgmem_2", 1, { user_id: "user_a", organization_id: "org_a" }),
    );
    assertEquals(await apply(database, organizationDeletion("org_a", 2, { delete_mode: mode })), ["deleted"]);
    assertEquals(await query("select from public.organization_memberships"), []);
    assertEquals(await query("select membership_id from clerk.organization_memberships"), [
      { membership_id: "orgmem_2" },
    ]);
    assertEquals(await apply(database, organization("org_a", 9), member("orgmem_1", 9)), ["stale", "stale"]);
    assertEquals(
      await query("select deleted_at is null as live from public.organizations"),
      mode === "hard" ? [] : [
        { live: false },
      ],
    );
    assertEquals(await apply(database, organizationDeletion("org_a", 3, { delete_mode: "hard" })), [
      mode === "hard" ? "unchanged" : "deleted",
    ]);
    assertEquals(await query("select from public.organizations"), []);
  }
});

test("takes the pair and the creation of a removed membership from a later message", async () => {
  await parents();
  await apply(database, member("orgmem_1", 1, { created_at: T0 + 1 }));
  assertEquals(await apply(database, removal("orgmem_2", 3)), ["deleted"]);
  assertEquals(await rights(database), { [A]: "orgmem_1 org:member" });
  assertEquals(await apply(database, member("orgmem_2", 2, { created_at: T0 + 2 })), ["stale"]);
  assertEquals(await rights(database), {});
});

test("gives a membership of a new generation a new row", async () => {
  await parents();
  const ids = async () => (await query("select id from public.organization_memberships")).map(({ id }) => id);
  await apply(database, member("orgmem_1", 1));
  const [before] = await ids();
  assertEquals(await apply(database, member("orgmem_2", 2, { created_at: T0 + 2 })), ["created"]);
  const after = await ids();
  assertEquals(after.length, 1);
  assert(after[0] !== before);
});

test("settles many changes of one organization and one membership in a call like single calls", async () => {
  await apply(database, profile("user_a", 1));
  const given = [
    organization("org_a", 1, { name: "one", created_at: T0 + 9 }),
    member("orgmem_1", 1),
    organization("org_a", 3, { name: "three", created_at: T0 + 9 }),
    member("orgmem_1", 3, { role: "org:admin" }),
    organization("org_a", 2, { name: "two", created_at: T0 + 1 }),
    member("orgmem_1", 2),
  ];
  assertEquals(await apply(database, ...given), ["stale", "stale", "created", "created", "stale", "stale"]);
  assertEquals(await organizations(database, "name"), { org_a: "three" });
  assertEquals(Date.parse((await organizations(database, "created_at")).org_a as string) - T0, 1);
  assertEquals(await rights(database), { [A]: "orgmem_1 org:admin" });
  assertEquals(
    await apply(
      database,
      removal("orgmem_1", 4),
      member("orgmem_1", 5),
      organization("org_a", 6),
      organizationDeletion("org_a", 5),
    ),
    ["deleted", "stale", "stale", "deleted"],
  );
  assertEquals([await rights(database), await organizations(database, "name")], [{}, {}]);
});

test("writes no row of an organization or a membership if no column differs", async () => {
  await parents();
  await apply(database, member("orgmem_1", 1));
  const versions = () =>
    query(
      "select xmin::text from public.organizations union all select xmin::text from public.organization_memberships",
    );
  const before = await versions();
  assertEquals(await apply(database, organization("org_a", 2), member("orgmem_1", 2)), ["unchanged", "unchanged"]);
  assertEquals(await versions(), before);
});

test("refuses an invalid organization or membership with a code, and applies the rest", async () => {
  const long = "x".repeat(256);
  const cases: Array<[code: string, change: Record<string, unknown>]> = [
    ["ORGANIZATION_ID_INVALID", organization("", 1)],
    ["ORGANIZATION_ID_INVALID", organization(long, 1)],
    ["ORGANIZATION_ID_INVALID", organization("org_x", 1, { organization_id: null })],
    ["ORGANIZATION_ID_INVALID", organizationDeletion("org_x", 1, { organization_id: undefined })],
    ["ORGANIZATION_ID_INVALID", member("orgmem_x", 1, { organization_id: null })],
    ["MEMBERSHIP_ID_INVALID", member("", 1)],
    ["MEMBERSHIP_ID_INVALID", member(long, 1)],
    ["MEMBERSHIP_ID_INVALID", removal("x", 1, { membership_id: null })],
    ["USER_ID_INVALID", member("orgmem_x", 1, { user_id: null })],
    ["USER_ID_INVALID", removal("orgmem_x", 1, { user_id: "" })],
    ["USER_ID_INVALID", member("orgmem_x", 1, { user_id: long })],
    ["ROLE_INVALID", member("orgmem_x", 1, { role: null })],
    ["ROLE_INVALID", member("orgmem_x", 1, { role: "" })],
    ["ROLE_INVALID", member("orgmem_x", 1, { role: long })],
    ["MESSAGE_ID_INVALID", organization("org_x", 1, { message_id: "" })],
    ["MESSAGE_ID_INVALID", organization("org_x", 1, { message_id: long })],
    ["TIME_INVALID", organization("org_x", 1, { sent_at: null })],
    ["TIME_INVALID", organization("org_x", 1, { updated_at: -1 })],
    ["TIME_INVALID", member("orgmem_x", 1, { updated_at: "soon" })],
    ["TIME_IN_FUTURE", member("orgmem_x", 1, { created_at: T0 + 86_400_002 })],
    ["TIME_IN_FUTURE", organization("org_x", 1, { updated_at: 1e300 })],
    ["DELETE_MODE_INVALID", organizationDeletion("org_x", 1, { delete_mode: "maybe" })],
    ["TYPE_UNKNOWN", organization("org_x", 1, { type: "organization.merged", user_id: "user_a" })],
    ["CHANGE_INVALID", "organization.created" as never],
  ];
  const given = cases.map(([, change]) => change);
  assertEquals(await apply(database, ...given, profile("user_a", 1), organization("org_a", 1), member("orgmem_1", 1)), [
    ...cases.map(([code]) => `refused ${code}`),
    "created",
    "created",
    "created",
  ]);
  assertEquals(await query("select organization_id from clerk.organizations"), [{ organization_id: "org_a" }]);
  assertEquals(await query("select membership_id from clerk.organization_memberships"), [{
    membership_id: "orgmem_1",
  }]);
});

test("applies a message of an organization that was refused before", async () => {
  const given = organization("org_a", 1);
  assertEquals(await apply(database, { ...given, organization_id: "" }), ["refused ORGANIZATION_ID_INVALID"]);
  assertEquals(await apply(database, given, given), ["created", "duplicate"]);
  assertEquals(await query("select outcome::text, code, organization_id from clerk.messages"), [
    { outcome: "created", code: null, organization_id: "org_a" },
  ]);
});

test("keeps an organization's event with its change, and an event without ids alone", async () => {
  const data = { object: "organization" };
  assertEquals(
    await apply(
      database,
      organization("org_a", 1, { data }),
      organization("", 1, { organization_id: null, data, message_id: "msg_kept" }),
      organization("org_b", 1, { data, message_id: null }),
    ),
    ["created", "kept", "refused MESSAGE_ID_INVALID"],
  );
  assertEquals((await query("select from clerk.kept_events")).length, 2);
  assertEquals(await organizations(database, "name"), { org_a: "org_a" });
});

test("records the ids of an organization's and a membership's message, and no personal data", async () => {
  await parents();
  const given = member("orgmem_1", 1, { role: "org:private_role", metadata: { secret: "hidden" } });
  await apply(database, given, organization("org_a", 2, { name: "Hidden Ltd", slug: "hidden" }));
  assertEquals(
    await query("select organization_id, membership_id, user_id from clerk.messages where message_id = $1", [
      given.message_id,
    ]),
    [{ organization_id: "org_a", membership_id: "orgmem_1", user_id: "user_a" }],
  );
  const [ledger] = await query("select jsonb_agg(to_jsonb(messages))::text as text from clerk.messages");
  assert(!/hidden|private_role/i.test(ledger!.text as string));
});

test("restores an organization whose tombstone was lifted, and its memberships by a refetch", async () => {
  await parents();
  await apply(database, member("orgmem_1", 1));
  await apply(database, organizationDeletion("org_a", 2));
  assertEquals(await query("select clerk.lift_organization_tombstone('org_a', 'org_b') as lifted"), [{ lifted: 1 }]);
  assertEquals(await apply(database, organization("org_a", 1), member("orgmem_1", 1)), ["created", "created"]);
  assertEquals(await rights(database), { [A]: "orgmem_1 org:member" });
  await script("reset role");
});

for (const field of ["sent_at", "event_at", "updated_at", "created_at"]) {
  test(`reads a time close to zero in ${field} as zero`, async () => {
    const tiny = { [field]: Number.MIN_VALUE };
    const changes = [
      organization("org_a", 1, tiny),
      member("orgmem_1", 1, tiny),
      removal("orgmem_1", 2, tiny),
      organizationDeletion("org_a", 2, tiny),
    ];
    for (const change of changes) {
      const [outcome] = await apply(database, change);
      assert(!outcome!.startsWith("refused SCHEMA_REFUSED"), `${change.type}: ${outcome}`);
    }
  });
}
