/** Tests the bundle from outside: on the local stack, or on `supabase functions serve` with `deno task test:serve`. */
import { createClient } from "@supabase/supabase-js";
import { assertEquals } from "@std/assert";
import { openServedProject } from "../helpers/stack/served.ts";
import { testsOf } from "../helpers/shared_test.ts";

const project = await openServedProject();
const test = testsOf("served: ");

/** A user that no other test uses, because the database may exist already. */
const newUser = () => `user_${crypto.randomUUID().replaceAll("-", "")}`;
const userOf = (clerkId: string, changes: Record<string, unknown> = {}) => {
  const address = { id: "idn_1", email_address: `${clerkId}@example.com`.toLowerCase(), verification: null };
  return { id: clerkId, email_addresses: [address], primary_email_address_id: "idn_1", ...changes };
};
const createUser = async (changes: Record<string, unknown> = {}) => {
  const clerkId = newUser();
  assertEquals(await project.deliver("user.created", userOf(clerkId, changes)), "created");
  return clerkId;
};
const as = async (clerkId: string) => ({ authorization: `Bearer ${await project.token(clerkId)}` });

test("a webhook creates one row in any order of delivery", async () => {
  const ada = newUser();
  const message = `msg_${crypto.randomUUID()}`;
  const first = userOf(ada, { updated_at: 1_000_000_000_000 });
  assertEquals(await project.deliver("user.created", first, message), "created");
  assertEquals(await project.deliver("user.created", first, message), "duplicate");
  const newer = userOf(ada, { updated_at: 1_000_000_002_000, first_name: "Augusta" });
  assertEquals(await project.deliver("user.updated", newer), "updated");
  const older = userOf(ada, { updated_at: 1_000_000_001_000, first_name: "Old" });
  assertEquals(await project.deliver("user.updated", older), "stale");
});

test("a webhook without a signature is refused", async () => {
  const response = await project.call("clerk-webhook", { method: "POST", body: "{}" });
  assertEquals([response.status, (await response.json()).code], [400, "WEBHOOK_HEADERS_MISSING"]);
});

test("profile returns the caller's own row, and 401 for a stranger's token", async () => {
  const ada = await createUser({ first_name: "Augusta" });
  const response = await project.call("profile", { headers: await as(ada) });
  const { clerk_user_id, first_name } = await response.json();
  assertEquals([response.status, clerk_user_id, first_name], [200, ada, "Augusta"]);
  const token = `${(await project.token(ada)).slice(0, -8)}AAAAAAAA`;
  const refused = await project.call("profile", { headers: { authorization: `Bearer ${token}` } });
  assertEquals([refused.status, (await refused.json()).code], [401, "TOKEN_SIGNATURE_INVALID"]);
});

test("the Data API accepts the same token, and returns one row", async () => {
  await createUser();
  const eve = await createUser();
  const client = createClient(project.url, project.publishableKey, { accessToken: () => project.token(eve) });
  const { data, error } = await client.from("users").select("clerk_user_id");
  assertEquals([data, error], [[{ clerk_user_id: eve }], null]);
});

test("resumes and hello recognize the caller, and hello greets a guest", async () => {
  const [ada, eve] = [await createUser(), await createUser()];
  const created = await project.call("resumes", {
    method: "POST",
    headers: { ...await as(eve), "content-type": "application/json" },
    body: JSON.stringify({ title: "Engineer" }),
  });
  assertEquals([created.status, (await created.json()).title], [201, "Engineer"]);
  const mine = await project.call("resumes", { headers: await as(ada) });
  assertEquals([mine.status, (await mine.json()).resumes.length], [200, 0]);
  assertEquals((await project.call("hello", { headers: await as(eve) })).status, 200);
  assertEquals((await project.call("hello")).status, 200);
});

test("a preflight needs no token", async () => {
  const response = await project.call("profile", { method: "OPTIONS", headers: { origin: "https://app.example" } });
  assertEquals([response.status, response.headers.get("access-control-allow-origin")], [204, "*"]);
  await response.body?.cancel();
});

test("health reports to the project that it works, and clerk-reconcile rejects strangers", async () => {
  const health = await project.call("health", { headers: { apikey: project.secretKey } });
  assertEquals([health.status, (await health.json()).parts.database], [200, { status: "ok" }]);
  const stranger = await project.call("clerk-reconcile", { headers: { apikey: project.publishableKey } });
  assertEquals(stranger.status, 403);
  await stranger.body?.cancel();
});

test("a deleted user stays deleted", async () => {
  const ada = await createUser();
  assertEquals(await project.deliver("user.deleted", { id: ada, deleted: true, object: "user" }), "deleted");
  assertEquals(await project.deliver("user.updated", userOf(ada, { updated_at: Date.now() })), "stale");
  const response = await project.call("profile", { headers: await as(ada) });
  assertEquals([response.status, (await response.json()).code], [410, "USER_DELETED"]);
});

test("the project stops", () => project.stop());
