/** Organizations and memberships, from Clerk's webhook to the rows. */
import { assertEquals, assertMatch } from "@std/assert";
import { rights } from "../helpers/database/organizations.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import { startTestStack } from "../helpers/stack/stack.ts";
import { testsOf } from "../helpers/shared_test.ts";

const stack = await startTestStack();
const test = testsOf("clerk-webhook ", async () => {
  await stack.database.script(`truncate public.users, public.organizations, clerk.users, clerk.organizations,
    clerk.organization_memberships, clerk.messages, clerk.refusals cascade`);
});

let clock = Date.now() - 3_600_000;

const organization = (overrides: Record<string, unknown> = {}) => ({
  ...{ object: "organization", id: "org_a", name: "Acme", slug: "acme", public_metadata: { plan: "pro" } },
  ...{ private_metadata: { secret: "hush" }, created_at: clock - 1000, updated_at: clock },
  ...overrides,
});
const membership = (overrides: Record<string, unknown> = {}) => ({
  ...{ object: "organization_membership", id: "orgmem_1", role: "org:member", public_metadata: {} },
  ...{ organization: organization(), public_user_data: { user_id: "user_ada", identifier: "ada@example.com" } },
  ...{ created_at: clock - 500, updated_at: clock },
  ...overrides,
});
const user = () => ({ id: "user_ada", first_name: "Ada", created_at: clock - 2000, updated_at: clock });
const gone = (object: string, id: string) => ({ object, id, deleted: true });

/** Delivers an event one second after the previous one. */
async function deliver(type: string, data: (() => unknown) | unknown, instanceId?: string): Promise<string> {
  clock += 1000;
  const event = {
    ...{ type, object: "event", timestamp: clock, data: typeof data === "function" ? data() : data },
    ...(instanceId !== undefined && { instance_id: instanceId }),
  };
  const response = await stack.deliver(event);
  const { outcome, code } = await response.json();
  return outcome ?? `${response.status} ${code}`;
}

const organizations = async () =>
  await stack.database.query(
    "select clerk_organization_id as id, name, slug, metadata, deleted_at from public.organizations",
  );
const ACME = { id: "org_a", name: "Acme", slug: "acme", metadata: { plan: "pro" }, deleted_at: null };

/** The three events of a member, which may arrive in any order. */
const STORY = {
  "user.created": user,
  "organization.created": organization,
  "organizationMembership.created": membership,
} as const;
type Chapter = keyof typeof STORY;

const ORDERS: Chapter[][] = [
  ["user.created", "organization.created", "organizationMembership.created"],
  ["user.created", "organizationMembership.created", "organization.created"],
  ["organization.created", "user.created", "organizationMembership.created"],
  ["organization.created", "organizationMembership.created", "user.created"],
  ["organizationMembership.created", "user.created", "organization.created"],
  ["organizationMembership.created", "organization.created", "user.created"],
];

test("stores organizations and memberships that arrive in any order", async () => {
  for (const order of ORDERS) {
    await stack.database.script(
      "truncate public.users, public.organizations, clerk.users, clerk.organizations, clerk.organization_memberships, clerk.messages cascade",
    );
    const outcomes: Record<string, string> = {};
    for (const type of order) outcomes[type] = await deliver(type, STORY[type]);
    const waits = order.indexOf("organizationMembership.created") < order.indexOf("user.created");
    assertEquals(outcomes["organizationMembership.created"], waits ? "pending" : "created", order.join());
    assertEquals(outcomes["user.created"], "created", order.join());
    assertEquals(await rights(stack.database), { "org_a/user_ada": "orgmem_1 org:member" }, order.join());
    assertEquals(await organizations(), [ACME], order.join());
  }
});

test("stores the organization inside a membership's event", async () => {
  assertEquals(await deliver("user.created", user), "created");
  assertEquals(await deliver("organizationMembership.created", membership), "created");
  assertEquals(await organizations(), [ACME]);
  const [{ n }] = await stack.database.query("select count(*)::int as n from clerk.messages") as [{ n: number }];
  assertEquals(n, 2);
});

test("changes a role, and removes a member permanently", async () => {
  for (const [type, data] of Object.entries(STORY)) await deliver(type, data);
  const admin = () => membership({ role: "org:admin" });
  assertEquals(await deliver("organizationMembership.updated", admin), "updated");
  assertEquals(await rights(stack.database), { "org_a/user_ada": "orgmem_1 org:admin" });
  assertEquals(await deliver("organizationMembership.deleted", admin), "deleted");
  assertEquals(await rights(stack.database), {});
  assertEquals(await deliver("organizationMembership.updated", admin), "stale");
  assertEquals(await rights(stack.database), {});
  const again = () => membership({ id: "orgmem_2", created_at: clock });
  assertEquals(await deliver("organizationMembership.created", again), "created");
  assertEquals(await rights(stack.database), { "org_a/user_ada": "orgmem_2 org:member" });
});

test("ends every membership of a deleted organization", async () => {
  for (const [type, data] of Object.entries(STORY)) await deliver(type, data);
  assertEquals(await deliver("organization.deleted", gone("organization", "org_a")), "deleted");
  assertEquals([await rights(stack.database), await organizations()], [{}, []]);
  assertEquals(await deliver("organizationMembership.updated", membership), "stale");
  assertEquals([await rights(stack.database), await organizations()], [{}, []]);
});

test("ends every membership of a deleted user", async () => {
  for (const [type, data] of Object.entries(STORY)) await deliver(type, data);
  assertEquals(await deliver("user.deleted", gone("user", "user_ada")), "deleted");
  assertEquals([await rights(stack.database), await organizations()], [{}, [ACME]]);
});

test("refuses organizations and memberships without ids", async () => {
  assertEquals(await deliver("organization.created", organization({ id: undefined })), "422 ORGANIZATION_ID_INVALID");
  assertEquals(
    await deliver("organization.deleted", gone("organization", "o".repeat(256))),
    "422 ORGANIZATION_ID_INVALID",
  );
  assertEquals(await deliver("organizationMembership.created", membership({ id: null })), "422 MEMBERSHIP_ID_INVALID");
  assertEquals(await deliver("organizationMembership.created", membership({ role: "" })), "422 ROLE_INVALID");
  assertEquals(
    await deliver("organizationMembership.created", membership({ public_user_data: null })),
    "422 USER_ID_INVALID",
  );
  assertEquals(await rights(stack.database), {});
});

test("stores a membership whose organization is refused, and reports the refusal", async () => {
  await deliver("user.created", user);
  clock += 1000;
  const data = membership({ organization: organization({ updated_at: "soon" }) });
  const event = { type: "organizationMembership.created", object: "event", timestamp: clock, data };
  const refused = await stack.deliver(event, { id: "msg_carried" });
  assertEquals(refused.headers.get("webhook-delivery"), "abort-message");
  assertMatch((await refused.clone().json()).detail, /the membership was stored, but not the organization/);
  await assertProblem(refused, 422, "TIME_INVALID");
  assertEquals([await rights(stack.database), await organizations()], [{}, []]);
  assertEquals(await deliver("organization.created", organization), "created");
  assertEquals(await rights(stack.database), { "org_a/user_ada": "orgmem_1 org:member" });
});

test("refuses an organization of another instance", async () => {
  assertMatch(await deliver("organization.created", organization, "ins_other"), /^403 WRONG_INSTANCE$/);
  assertEquals(await organizations(), []);
});

test("does not record names of organizations or private data", async () => {
  for (const [type, data] of Object.entries(STORY)) await deliver(type, data);
  await deliver("organization.updated", organization({ name: "Acme Ltd", updated_at: "soon" }));
  const recorded = JSON.stringify(await stack.database.query("select * from clerk.messages"));
  const stored = JSON.stringify(await stack.database.query("select * from public.organizations, clerk.organizations"));
  assertEquals([recorded.includes("Acme"), recorded.includes("hush"), stored.includes("hush")], [false, false, false]);
});

test("refuses an organization that the schema refuses, and stores it after the schema is fixed", async () => {
  await stack.database.script("alter table public.organizations add constraint short_name check (length(name) < 3)");
  clock += 1000;
  const event = { type: "organizationMembership.created", object: "event", timestamp: clock, data: membership() };
  await deliver("user.created", user);
  const refused = await stack.deliver(event, { id: "msg_refused" });
  await stack.database.script("alter table public.organizations drop constraint short_name");
  await assertProblem(refused, 500, "SCHEMA_REFUSED");
  assertEquals((await stack.deliver(event, { id: "msg_refused" })).status, 200);
  assertEquals(await rights(stack.database), { "org_a/user_ada": "orgmem_1 org:member" });
});

test("the stack stops", () => stack.stop());
