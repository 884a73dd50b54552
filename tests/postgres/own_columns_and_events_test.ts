/**
 * Tests docs/own-columns-and-events.md in an adopter's project: own columns and events are written, survive an update
 * of the bundle, and stay when the bundle is removed.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { pathToFileURL } from "node:url";
import { readOwnColumns } from "../../cli/doctor/own_columns.ts";
import { readProject } from "../../project/project.ts";
import { type Stack, startStack } from "../../dev/stack.ts";
import { signWebhook } from "../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import { configArguments } from "../../project/jsr/config.ts";
import full from "../../project/user_created.json" with { type: "json" };
import { type Adopter, makeAdopter } from "../helpers/project/adopter.ts";
import { checkOut } from "../../project/checkout.ts";
import { createSilently, forge, updateSilently } from "../helpers/clerk/clerk.ts";
import { documentedCode } from "../helpers/project/documented.ts";
import { createDatabase, type TestDatabase } from "../helpers/database/postgres.ts";
import type { TestStack } from "../helpers/stack/stack.ts";

const FILE = "supabase/functions/clerk_columns.ts";

/** The adopter's served project, and functions for the test. */
interface Served {
  stack: Stack;
  /** Delivers an event; returns the status and the outcome or code. */
  deliver: (event: Record<string, unknown>, messageId?: string) => Promise<[status: number, word: string]>;
  call: (name: string, init?: RequestInit) => Promise<Record<string, unknown>>;
}

async function serve({ root }: Adopter, { url }: TestDatabase): Promise<Served> {
  const [, keepEvents] = (await documentedCode("docs/own-columns-and-events.md", "CLERK_KEEP_EVENTS=")).trim().split(
    "=",
  );
  const stack = await startStack({
    ...{ project: await readProject(root), apiPort: 0, clerkPort: 0, databaseUrl: url },
    ...{ rateLimit: false, warm: false, sealed: true, print: () => {} },
    ownVariables: () => Promise.resolve({ CLERK_KEEP_EVENTS: keepEvents! }),
    deno: { executable: Deno.execPath(), config: await configArguments() },
  });
  const answer = (name: string, init?: RequestInit) => fetch(`${stack.url}/functions/v1/${name}`, init);
  return {
    stack,
    deliver: async (event, messageId = crypto.randomUUID()) => {
      const body = JSON.stringify(event);
      const headers = signWebhook(body, stack.clerk.state.instance.webhookSecret, { messageId, sentAt: Date.now() });
      const response = await answer("clerk-webhook", { method: "POST", body, headers });
      const { outcome, code } = await response.json();
      return [response.status, outcome ?? code];
    },
    call: async (name, init) => await (await answer(name, init)).json(),
  };
}

const T0 = Date.now() - 60_000;

/** A webhook about a user: the fixture with other fields. */
function about(user: string, version: number, data: Record<string, unknown> = {}) {
  const times = { created_at: T0, updated_at: T0 + version };
  return { type: "user.updated", timestamp: T0 + version, data: { ...full.data, id: user, ...times, ...data } };
}

const phone = (number: string) => ({
  phone_numbers: [{ id: "idn_0", phone_number: "+0" }, { id: "idn_1", phone_number: number }],
  primary_phone_number_id: "idn_1",
});

async function push({ supabase }: Adopter, { url }: TestDatabase): Promise<void> {
  const { code, stdout, stderr } = await supabase(
    "db",
    "push",
    `--remote=${url}?sslmode=disable`,
    "--yes",
    "--include-all",
  );
  assertEquals(code, 0, stdout + stderr);
}

async function rowOf({ sql }: TestDatabase, user: string) {
  const [row] = await sql`select phone_number, external_id, banned from public.users where clerk_user_id = ${user}`;
  return row && [row.phone_number, row.external_id, row.banned];
}

async function addWithOwn(adopter: Adopter, database: TestDatabase): Promise<void> {
  assertEquals((await adopter.clerk("add")).code, 0);
  assertEquals((await readOwnColumns(adopter.root, Date.now)).names, []);
  const written = [
    await documentedCode("docs/own-columns-and-events.md", "alter table public.users"),
    await documentedCode("docs/recipes/billing.md", "create table public.subscription_items"),
  ];
  await adopter.write("supabase/migrations/20261201000000_add_own_columns.sql", written[0]!);
  await adopter.write("supabase/migrations/20261201000100_add_billing.sql", written[1]!);
  await adopter.write(FILE, await documentedCode("docs/own-columns-and-events.md", "satisfies OwnColumns"));
  await push(adopter, database);
  await adopter.commit();
  const own = await readOwnColumns(adopter.root, Date.now);
  assertEquals(own.names, ["phone_number", "external_id", "banned"]);
}

async function takeUsers({ deliver, call, stack }: Served, database: TestDatabase): Promise<void> {
  assertEquals(await deliver(about("user_a", 1, { ...phone("+44 1"), external_id: "7" })), [200, "created"]);
  assertEquals(await rowOf(database, "user_a"), ["+44 1", "7", false]);
  // No stored field differs.
  assertEquals(await deliver(about("user_a", 2, { ...phone("+44 1"), external_id: "7" })), [200, "unchanged"]);
  assertEquals(await deliver(about("user_a", 3, { ...phone("+44 1"), external_id: "7", banned: true })), [
    200,
    "updated",
  ]);
  assertEquals(await rowOf(database, "user_a"), ["+44 1", "7", true]);
  // The function throws; Clerk then sends a valid message again.
  const message = about("user_b", 1, { phone_numbers: undefined, email_addresses: [] });
  assertEquals(await deliver(message, "msg_b"), [500, "OWN_COLUMN_INVALID"]);
  const [refusal] = await database.sql`select code, detail from clerk.messages where message_id = 'msg_b'`;
  assertEquals(refusal, { code: "OWN_COLUMN_INVALID", detail: { column: "phone_number" } });
  assertEquals(await deliver(about("user_b", 1, { ...phone("+1"), email_addresses: [] }), "msg_b"), [200, "created"]);

  // Lazy create, then the profile.
  const { id } = createSilently(stack.clerk.state, { email_address: ["eve@example.com"], external_id: "8" });
  const token = await forge(stack as TestStack, { sub: id });
  const profile = await call("profile", { headers: { authorization: `Bearer ${token}` } });
  assertEquals([profile.clerk_user_id, profile.external_id, profile.phone_number, profile.banned], [
    id,
    "8",
    null,
    false,
  ]);
  const { components } = await call("openapi") as { components: { schemas: { Profile: { required: string[] } } } };
  assertEquals(components.schemas.Profile.required.slice(-3), ["phone_number", "external_id", "banned"]);
}

async function repair({ call, stack }: Served, database: TestDatabase): Promise<void> {
  const reconcile = (ask: Record<string, unknown>) =>
    call("clerk-reconcile", { method: "POST", headers: { apikey: stack.keys.secret }, body: JSON.stringify(ask) });
  const [id = ""] = [...stack.clerk.state.users.values()].map((user) => user.id);
  const external = async () => (await rowOf(database, id))?.[1];
  // Ages the rows, like users from before the column whose versions are known. The simulator does not know users that
  // arrived by webhook, so the request names the instance to bind.
  assertEquals((await reconcile({ task: "backfill", bind: stack.clerk.state.instance.id })).done, true);
  await database.sql`update public.users set external_id = null`;
  await database.sql`update clerk.users set version_event = version_event - 60000`;
  assertEquals((await reconcile({ task: "backfill", restart: true })).done, true);
  assertEquals(await external(), "8");
  updateSilently(stack.clerk.state, id, { external_id: "9" });
  assertEquals((await reconcile({ task: "pull" })).outcomes, { updated: 1 });
  assertEquals(await external(), "9");
  await database.sql`alter table public.users rename column external_id to elsewhere`;
  updateSilently(stack.clerk.state, id, { external_id: "10" });
  assertEquals((await reconcile({ task: "pull" })).refused, [
    { user_id: id, code: "OWN_COLUMN_INVALID", detail: { column: "external_id" } },
  ]);
  await database.sql`alter table public.users rename column elsewhere to external_id`;
}

async function keepEvents({ deliver }: Served, { sql }: TestDatabase): Promise<void> {
  const item = (status: string, version: number) => ({
    type: `subscriptionItem.${status}`,
    timestamp: T0 + version,
    data: {
      ...{ id: "subi_1", status, plan: { slug: "pro" }, period_end: T0, updated_at: T0 + version },
      payer: { user_id: "user_a", organization_id: "" },
    },
  });
  assertEquals(await deliver(item("canceled", 2), "msg_1"), [200, "kept"]);
  assertEquals(await deliver(item("canceled", 2), "msg_1"), [200, "duplicate"]);
  assertEquals(await deliver(item("active", 1)), [200, "kept"]);
  const items = await sql`select id, clerk_user_id, clerk_organization_id, plan, status from public.subscription_items`;
  assertEquals([...items], [
    { id: "subi_1", clerk_user_id: "user_a", clerk_organization_id: null, plan: "pro", status: "canceled" },
  ]);
  assertEquals((await sql`select 1 from clerk.kept_events`).length, 2);
  assertEquals(await deliver({ ...item("active", 3), type: "paymentAttempt.updated" }), [200, "ignored"]);
}

/** Writes a later version, whose file of own columns has another comment. */
async function updateBundle(adopter: Adopter): Promise<void> {
  const bundle = pathToFileURL(`${await checkOut()}/`);
  try {
    await Deno.writeTextFile(new URL(FILE, bundle), "// The next version.\nexport const ownColumns = {};\n");
    await Deno.writeTextFile(new URL("supabase/functions/_clerk-supabase/news.ts", bundle), "export {};\n");
    const { code, out, errors } = await adopter.clerk("add", { bundle });
    assertEquals([code, errors], [0, ""]);
    assertStringIncludes(out, "Updated ");
    assertEquals((await adopter.changes()).filter((line) => !line.endsWith("clerk-supabase.json")), [
      "A supabase/functions/_clerk-supabase/news.ts",
    ]);
    await adopter.commit();
  } finally {
    await Deno.remove(bundle, { recursive: true });
  }
}

async function removeBundle(adopter: Adopter, database: TestDatabase): Promise<void> {
  const { code, errors } = await adopter.clerk("remove");
  assertEquals([code, errors.split("\n").slice(1)], [0, [
    `  ${FILE} (it is yours: keep it for a later add, or delete it)`,
  ]]);
  const removal = (await adopter.changes()).find((line) => line.includes("remove_clerk_supabase"))!.slice(2);
  await adopter.write(
    removal,
    `drop trigger take_subscription_item on clerk.kept_events;\n${await adopter.read(removal)}`,
  );
  await push(adopter, database);
  assertEquals(await rowOf(database, "user_a"), ["+44 2", null, false]);
  assertEquals((await database.sql`select 1 from public.subscription_items`).length, 1);
}

Deno.test({
  name: "own columns and own events are written by every path, survive an update, and stay when the bundle is removed",
  // Finding the Supabase CLI leaves a resource open.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const [adopter, database] = [await makeAdopter(), await createDatabase({ hostedDefaults: true })];
    try {
      await addWithOwn(adopter, database);
      const first = await serve(adopter, database);
      try {
        await takeUsers(first, database);
        await keepEvents(first, database);
        await repair(first, database);
      } finally {
        await first.stack.stop();
      }
      await updateBundle(adopter);
      const second = await serve(adopter, database);
      try {
        const later = about("user_a", 5, { ...phone("+44 2"), banned: false });
        assertEquals(await second.deliver(later), [200, "updated"]);
      } finally {
        await second.stack.stop();
      }
      assertEquals(await rowOf(database, "user_a"), ["+44 2", null, false]);
      await removeBundle(adopter, database);
    } finally {
      await adopter.remove();
      await database.drop();
    }
  },
});
