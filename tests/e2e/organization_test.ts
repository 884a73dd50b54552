/** `organization` and the Data API's organizations, as front ends use them: supabase-js with a Clerk session token. */
import { assertEquals } from "@std/assert";
import { createUser, forge } from "../helpers/clerk/clerk.ts";
import { join, leave, membershipOf, workIn } from "../helpers/stack/organization_stack.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";

/** A server for Clerk's lists of a user's memberships, which counts requests. */
const clerk = { calls: 0, memberships: new Map<string, unknown[]>() };
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  clerk.calls++;
  const [, userId = ""] = /^\/v1\/users\/([^/]+)\/organization_memberships$/.exec(new URL(request.url).pathname) ?? [];
  const data = clerk.memberships.get(userId) ?? [];
  return Response.json({ data, total_count: data.length }, { headers: { date: new Date().toUTCString() } });
});

const stack = await startTestStack({
  "importing": { of: "organization", variables: { CLERK_API_URL: `http://127.0.0.1:${server.addr.port}` } },
  "without-keys": {
    of: "organization",
    variables: { SUPABASE_SECRET_KEYS: undefined, CLERK_SECRET_KEY: undefined },
  },
});

let users = 0;
async function createMember(): Promise<string> {
  const id = await createUser(stack, `member${++users}@example.com`);
  await eventually(async () => assertEquals((await stack.admin.from("users").select()).data?.length, users));
  return id;
}
const [ada, bob] = [await createMember(), await createMember()];
await join(stack, "org_one", ada, "org:admin");
await join(stack, "org_one", bob, "org:member");
await join(stack, "org_two", bob, "org:admin");

const test = testsOf("", () => {
  clerk.calls = 0;
  return Promise.resolve();
});

const get = (token: string, name = "importing") => stack.call(name, { headers: { authorization: `Bearer ${token}` } });

test("organization returns the active organization and the caller's role", async () => {
  for (const [id, role] of [["org_one", "org:member"], ["org_two", "org:admin"]] as const) {
    for (const name of ["importing", "without-keys"]) {
      const response = await get(await workIn(stack, bob, { id, rol: "member" }), name);
      const { clerk_organization_id, role: given } = await response.json();
      assertEquals([response.status, clerk_organization_id, given], [200, id, role]);
    }
  }
  assertEquals(clerk.calls, 0);
});

test("organization accepts a token of version 1", async () => {
  const token = await forge(stack, { sub: ada, v: undefined, org_id: "org_one", org_role: "org:admin" });
  assertEquals((await (await get(token)).json()).clerk_organization_id, "org_one");
});

test("organization imports a membership whose webhook has not arrived, once", async () => {
  const carl = await createMember();
  const listed = [membershipOf("org_new", carl, "org:admin"), membershipOf("org_one", carl, "org:member")];
  clerk.memberships.set(carl, listed);
  const token = await workIn(stack, carl, { id: "org_new", rol: "admin" });
  const answers = await Promise.all(Array.from({ length: 5 }, () => get(token)));
  for (const answer of answers) {
    const { clerk_organization_id, role } = await answer.json();
    assertEquals([answer.status, clerk_organization_id, role], [200, "org_new", "org:admin"]);
  }
  assertEquals(clerk.calls, 1);
  const { data } = await stack.client(token).from("organization_memberships").select("role").order("role");
  assertEquals(data, [{ role: "org:admin" }, { role: "org:member" }], "the other membership was fetched too");
});

test("organization returns 403 and writes nothing if Clerk does not list the membership", async () => {
  const eve = await createMember();
  clerk.memberships.set(eve, [membershipOf("org_eve", eve, "org:admin")]);
  await assertProblem(await get(await workIn(stack, eve, { id: "org_one" })), 403, "ORGANIZATION_MEMBERSHIP_MISSING");
  const { data } = await stack.admin.from("organizations").select().eq("clerk_organization_id", "org_eve");
  assertEquals([data, clerk.calls], [[], 1]);
});

test("organization does not restore a removed member if Clerk's list is late", async () => {
  const mia = await createMember();
  await join(stack, "org_one", mia, "org:member");
  clerk.memberships.set(mia, [membershipOf("org_one", mia, "org:member")]);
  await leave(stack, "org_one", mia);
  const token = await workIn(stack, mia, { id: "org_one", rol: "member" });
  await assertProblem(await get(token), 404, "ORGANIZATION_NOT_SYNCED");
  assertEquals((await stack.client(token).from("organizations").select()).data, []);
});

test("organization distinguishes no active organization, no row and a deleted user", async () => {
  await assertProblem(await get(await forge(stack, { sub: ada })), 404, "NO_ACTIVE_ORGANIZATION");
  await assertProblem(await get(await workIn(stack, "user_new", { id: "org_one" })), 404, "PROFILE_NOT_SYNCED");
  await assertProblem(
    await get(await workIn(stack, ada, { id: "org_two" }), "without-keys"),
    404,
    "ORGANIZATION_NOT_SYNCED",
  );
  const gone = await createMember();
  await join(stack, "org_one", gone, "org:member");
  await stack.deliver({ type: "user.deleted", data: { id: gone, deleted: true }, timestamp: Date.now() });
  users--;
  await assertProblem(await get(await workIn(stack, gone, { id: "org_one" })), 410, "USER_DELETED");
  assertEquals(clerk.calls, 0);
});

test("from('organizations') returns callers' own organizations, and no other members", async () => {
  for (
    const [user, names, roles] of [
      [ada, ["org_one"], ["org:admin"]],
      [bob, ["org_one", "org_two"], ["org:admin", "org:member"]],
    ] as const
  ) {
    const client = stack.client(await workIn(stack, user, { id: "org_one", rol: "member" }));
    const organizations = await client.from("organizations").select("clerk_organization_id").order("created_at");
    assertEquals(organizations.data?.map((row) => row.clerk_organization_id).sort(), [...names]);
    const memberships = await client.from("organization_memberships").select("role").order("role");
    assertEquals(memberships.data?.map(({ role }) => role), [...roles]);
  }
  assertEquals((await stack.client().from("organizations").select()).error?.code, "42501");
});

test("no client can write organizations or memberships", async () => {
  for (const client of [stack.client(), stack.client(await workIn(stack, ada, { id: "org_one", rol: "admin" }))]) {
    for (const table of ["organizations", "organization_memberships"] as const) {
      // deno-lint-ignore no-explicit-any -- the types refuse these calls too
      const rows = client.from(table) as any;
      for (
        const attempt of [
          rows.insert({ metadata: {} }),
          rows.update({ metadata: {} }).neq("id", crypto.randomUUID()),
          rows.delete(),
        ]
      ) assertEquals((await attempt).error?.message, `permission denied for table ${table}`);
    }
  }
});

test("rpc() returns callers' own organization, role and permissions", async () => {
  const o = { id: "org_one", rol: "admin", per: "read,manage", fpm: "2" };
  const client = stack.client(await workIn(stack, ada, o, { fea: "o:projects" }));
  const { data: own } = await client.from("organizations").select("id").single();
  assertEquals((await client.rpc("caller_organization_id")).data, own!.id);
  assertEquals((await client.rpc("caller_has_role", { role: "admin" })).data, true);
  assertEquals((await client.rpc("caller_has_permission", { permission: "projects:manage" })).data, true);
  assertEquals((await client.rpc("caller_has_permission", { permission: "projects:read" })).data, false);
});

testsOf("")("the stack stops", async () => {
  await stack.stop();
  await server.shutdown();
});
