/** `health` returns the status to strangers, and the state of each part to the project. */
import { assertEquals } from "@std/assert";
import { assertProblem } from "../helpers/stack/problem.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { startTestStack } from "../helpers/stack/stack.ts";

const nowhere = "http://127.0.0.1:1";
const stack = await startTestStack({
  "without-secret": { of: "health", variables: { CLERK_WEBHOOK_SECRET: undefined, CLERK_DELETE_MODE: "both" } },
  "without-database": { of: "health", variables: { SUPABASE_URL: nowhere } },
  "without-keys": { of: "health", variables: { CLERK_JWKS_URL: nowhere } },
  "with-pem-key": { of: "health", variables: { CLERK_JWKS_URL: nowhere, CLERK_JWT_KEY: await pemOf() } },
  "with-instance-typo": { of: "health", variables: { CLERK_INSTANCE_ID: "ins_typo" } },
  "with-bad-clerk-key": { of: "health", variables: { CLERK_SECRET_KEY: "sk_nonsense" } },
  "without-clerk-key": { of: "health", variables: { CLERK_SECRET_KEY: undefined } },
  "with-nothing": {
    of: "health",
    variables: Object.fromEntries(
      ["SUPABASE_URL", "SUPABASE_SECRET_KEYS", "SUPABASE_PUBLISHABLE_KEYS", "CLERK_PUBLISHABLE_KEY", "CLERK_ISSUER"]
        .map((name) => [name, undefined]),
    ),
  },
});

async function pemOf(): Promise<string> {
  const { createIssuer } = await import("../../dev/clerk/issuer.ts");
  return (await createIssuer()).pem.trim();
}

const test = testsOf("health ");
const service = { apikey: stack.keys.secret };

async function call(name: string, headers: Record<string, string> = {}): Promise<[number, unknown]> {
  const response = await stack.call(name, { headers });
  return [response.status, await response.json()];
}

test("returns only the status to strangers", async () => {
  assertEquals(await call("health"), [200, { status: "ok" }]);
  assertEquals(await call("health", { apikey: stack.keys.publishable }), [200, { status: "ok" }]);
  for (const name of ["without-secret", "without-database", "without-keys", "with-instance-typo", "with-nothing"]) {
    assertEquals(await call(name), [503, { status: "unavailable" }], name);
  }
});

test("returns the failing part to the project", async () => {
  const ok = { status: "ok" };
  const good = { variables: { ...ok, names: [] }, database: ok, jwks: ok, instance: ok };
  const failed = (code: string) => ({ status: "failed", code });
  const parts = async (name: string) => ((await call(name, service))[1] as { parts: unknown }).parts;
  assertEquals(await parts("health"), good);
  assertEquals(await parts("without-secret"), {
    ...good,
    variables: { ...failed("CONFIG_INVALID"), names: ["CLERK_DELETE_MODE", "CLERK_WEBHOOK_SECRET"] },
  });
  assertEquals(await parts("without-database"), { ...good, database: failed("DATABASE_UNAVAILABLE") });
  assertEquals(await parts("without-keys"), { ...good, jwks: failed("JWKS_UNAVAILABLE") });
  assertEquals(await parts("with-instance-typo"), { ...good, instance: failed("WRONG_INSTANCE") });
  assertEquals(await parts("with-bad-clerk-key"), {
    ...good,
    variables: { ...failed("CONFIG_INVALID"), names: ["CLERK_SECRET_KEY"] },
  });
});

test("returns the number of messages that Svix retries, and the time of the first", async () => {
  const failing = async (name = "health") => ((await call(name, service))[1] as { failing: unknown }).failing;
  assertEquals(await failing(), { messages: 0, since: null });
  await stack.database.script(
    "alter table public.users add constraint short_name check (char_length(first_name) < 50)",
  );
  const data = { id: "user_long", first_name: "x".repeat(60), updated_at: 1_744_276_393_000 };
  await assertProblem(
    await stack.deliver({ type: "user.updated", data, timestamp: 1_744_276_393_000 }, { id: "msg_long" }),
    500,
    "SCHEMA_REFUSED",
  );
  const [message] = await stack.database.query("select to_jsonb(received_at) as since from clerk.messages");
  assertEquals(await call("health"), [200, { status: "ok" }]);
  assertEquals(await failing(), { messages: 1, since: message!.since });
  assertEquals(await failing("without-database"), null);
});

test("accepts a PEM key instead of signing keys, and a missing CLERK_SECRET_KEY", async () => {
  assertEquals(await call("with-pem-key"), [200, { status: "ok" }]);
  assertEquals(await call("without-clerk-key"), [200, { status: "ok" }]);
});

test("answers a preflight of a status page", async () => {
  const response = await stack.call("health", { method: "OPTIONS", headers: { origin: "https://status.example.com" } });
  assertEquals([response.status, response.headers.get("access-control-allow-origin")], [204, "*"]);
});

testsOf("")("the stack of health stops", () => stack.stop());
