/** `projects` by HTTP and the table by supabase-js, for members of two organizations with tokens in every state. */
import { assertEquals } from "@std/assert";
import { createUser, forge } from "../helpers/clerk/clerk.ts";
import { join, leave, workIn } from "../helpers/stack/organization_stack.ts";
import { assertProblem } from "../helpers/stack/problem.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { eventually, startTestStack } from "../helpers/stack/stack.ts";

const stack = await startTestStack();
const [ada, bob, eve] = [
  await createUser(stack, "ada@example.com"),
  await createUser(stack, "bob@example.com"),
  await createUser(stack, "eve@example.com"),
];
await eventually(async () => assertEquals((await stack.admin.from("users").select()).data?.length, 3));
await join(stack, "org_one", ada, "org:admin");
await join(stack, "org_one", bob, "org:member");
await join(stack, "org_two", eve, "org:admin");

const test = testsOf("", () => stack.database.script("truncate public.projects"));

const asAda = () => workIn(stack, ada, { id: "org_one", rol: "admin" });
const asBob = () => workIn(stack, bob, { id: "org_one", rol: "member" });
const asEve = () => workIn(stack, eve, { id: "org_two", rol: "admin" });

async function call(token: string, method: string, path = "projects", body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  return await stack.call(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
}

const create = async (token: string, name: string) =>
  (await (await call(token, "POST", "projects", { name })).json()).id as string;
const list = async (token: string) =>
  ((await (await call(token, "GET")).json()).projects as Array<{ name: string }>).map(({ name }) => name);

test("projects are shared by an organization's members, and an admin deletes them", async () => {
  const created = await call(await asBob(), "POST", "projects", { name: "Engine", description: "text" });
  const project = await created.json();
  assertEquals([created.status, project.name], [201, "Engine"]);
  const path = `projects/${project.id}`;
  assertEquals(await (await call(await asAda(), "GET", path)).json(), project);
  const changed = await (await call(await asAda(), "PATCH", path, { name: "Difference engine" })).json();
  assertEquals([changed.name, changed.description, changed.created_by], [
    "Difference engine",
    "text",
    project.created_by,
  ]);
  assertEquals(await list(await asBob()), ["Difference engine"]);
  await assertProblem(await call(await asBob(), "DELETE", path), 403, "ROLE_MISSING");
  assertEquals((await call(await asAda(), "DELETE", path)).status, 204);
  await assertProblem(await call(await asAda(), "GET", path), 404, "NOT_FOUND");
});

test("another organization's project cannot be read, changed, deleted or listed", async () => {
  const path = `projects/${await create(await asAda(), "Engine")}`;
  await assertProblem(await call(await asEve(), "GET", path), 404, "NOT_FOUND");
  await assertProblem(await call(await asEve(), "PATCH", path, { name: "Stolen" }), 404, "NOT_FOUND");
  await assertProblem(await call(await asEve(), "DELETE", path), 404, "NOT_FOUND");
  assertEquals([await list(await asEve()), await list(await asAda())], [[], ["Engine"]]);
});

test("a token with a foreign organization gives access to nothing", async () => {
  const path = `projects/${await create(await asAda(), "Engine")}`;
  const forged = await workIn(stack, eve, { id: "org_one", rol: "admin" });
  assertEquals(await list(forged), []);
  await assertProblem(await call(forged, "GET", path), 404, "NOT_FOUND");
  await assertProblem(await call(forged, "DELETE", path), 404, "NOT_FOUND");
  await assertProblem(await call(forged, "POST", "projects", { name: "x" }), 403, "ORGANIZATION_MEMBERSHIP_MISSING");
});

test("a removed member whose token is still valid reads nothing and cannot insert", async () => {
  const mia = await createUser(stack, "mia@example.com");
  await eventually(async () => assertEquals((await stack.admin.from("users").select()).data?.length, 4));
  await join(stack, "org_one", mia, "org:member");
  const token = await workIn(stack, mia, { id: "org_one", rol: "member" });
  const path = `projects/${await create(token, "Engine")}`;
  await leave(stack, "org_one", mia);
  assertEquals(await list(token), []);
  await assertProblem(await call(token, "GET", path), 404, "NOT_FOUND");
  await assertProblem(await call(token, "PATCH", path, { name: "x" }), 404, "NOT_FOUND");
  await assertProblem(await call(token, "POST", "projects", { name: "x" }), 403, "ORGANIZATION_MEMBERSHIP_MISSING");
  const client = stack.client(token);
  assertEquals((await client.from("projects").select()).data, []);
  assertEquals((await client.from("projects").insert({ name: "x" } as never)).error?.code, "42501");
});

test("a demoted admin cannot delete if either the token or the table has the old role", async () => {
  const path = `projects/${await create(await asAda(), "Engine")}`;
  const oldToken = await workIn(stack, bob, { id: "org_one", rol: "admin" });
  await assertProblem(await call(oldToken, "DELETE", path), 404, "NOT_FOUND");
  const newToken = await workIn(stack, ada, { id: "org_one", rol: "member" });
  await assertProblem(await call(newToken, "DELETE", path), 403, "ROLE_MISSING");
  for (const token of [oldToken, newToken]) {
    assertEquals((await stack.client(token).from("projects").delete().neq("name", "").select()).data, []);
  }
  assertEquals(await list(await asAda()), ["Engine"]);
});

test("projects are empty without an active organization", async () => {
  await create(await asAda(), "Engine");
  const token = await forge(stack, { sub: ada });
  await assertProblem(await call(token, "GET"), 404, "NO_ACTIVE_ORGANIZATION");
  assertEquals((await stack.client(token).from("projects").select()).data, []);
  assertEquals((await stack.client(token).from("projects").insert({ name: "x" } as never)).error?.code, "42501");
  const pending = await workIn(stack, ada, { id: "org_one", rol: "admin" }, { sts: "pending" });
  await assertProblem(await call(pending, "GET"), 403, "SESSION_PENDING");
  assertEquals((await stack.client(pending).from("projects").select()).data, []);
});

test("no client can move a project to another organization", async () => {
  const id = await create(await asEve(), "Engine");
  const { data: organizations } = await stack.admin.from("organizations").select("id, clerk_organization_id");
  const one = organizations!.find((row) => row.clerk_organization_id === "org_one")!.id;
  // deno-lint-ignore no-explicit-any -- the types refuse these calls too
  const projects = stack.client(await asEve()).from("projects") as any;
  for (
    const attempt of [
      projects.update({ organization_id: one }).eq("id", id),
      projects.insert({ name: "x", organization_id: one }),
      projects.update({ created_by: null }).eq("id", id),
    ]
  ) assertEquals((await attempt).error?.code, "42501");
  assertEquals((await stack.client().from("projects").select()).error?.code, "42501");
});

test("a deleted user's projects are kept, and a deleted organization's are deleted", async () => {
  const carl = await createUser(stack, "carl@example.com");
  await eventually(async () => assertEquals((await stack.admin.from("users").select()).data?.length, 5));
  await join(stack, "org_three", carl, "org:admin");
  await create(await workIn(stack, carl, { id: "org_three", rol: "admin" }), "Engine");
  await stack.deliver({ type: "user.deleted", data: { id: carl, deleted: true }, timestamp: Date.now() });
  const { data } = await stack.admin.from("projects").select("name, created_by");
  assertEquals(data, [{ name: "Engine", created_by: null }]);
  const at = Date.now();
  const deletion = { type: "organization.deleted", message_id: "msg_three", organization_id: "org_three" };
  await stack.admin.rpc("apply_clerk_changes", { changes: [{ ...deletion, sent_at: at, event_at: at }] });
  assertEquals((await stack.admin.from("projects").select("name")).data, []);
});

testsOf("")("the stack stops", () => stack.stop());
