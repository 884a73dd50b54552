/** `doctor`, on a stack where all is well, and on every fault that it knows. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { BUNDLE } from "../../project/adopted/contents.ts";
import { diagnose } from "../../cli/doctor/diagnose.ts";
import type { Installation } from "../../cli/doctor/installation.ts";
import { type CheckResult, describeReport } from "../../cli/doctor/report.ts";
import { ROOT } from "../../project/root.ts";
import { readMigrations } from "../../project/migrations.ts";
import { readProject } from "../../project/project.ts";
import type { Fetch } from "../../supabase/functions/_clerk-supabase/http/bounded_fetch.ts";
import { createUser, forge } from "../helpers/clerk/clerk.ts";
import { CANARY, goodState, startFakeClerk } from "../helpers/clerk/fake_clerk.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { startTestStack } from "../helpers/stack/stack.ts";

const OTHER_SECRET = `whsec_${btoa("another secret, of 24 bytes or more")}`;

const stack = await startTestStack({
  "webhook-other-secret": { of: "clerk-webhook", variables: { CLERK_WEBHOOK_SECRET: OTHER_SECRET } },
  "webhook-no-secret": { of: "clerk-webhook", variables: { CLERK_WEBHOOK_SECRET: undefined } },
  "webhook-malformed": { of: "clerk-webhook", variables: { CLERK_DELETE_MODE: "loud" } },
  "health-no-secret": { of: "health", variables: { CLERK_WEBHOOK_SECRET: undefined } },
  "health-other-instance": { of: "health", variables: { CLERK_INSTANCE_ID: "ins_other" } },
  "health-no-keys": { of: "health", variables: { CLERK_JWKS_URL: "http://127.0.0.1:1" } },
  "webhook-verify-jwt": { of: "clerk-webhook", variables: {}, verifyJwt: true },
  "webhook-broken": {
    of: "clerk-webhook",
    variables: {},
    entrypoint: new URL("data:application/javascript,throw new Error()"),
  },
});
const clerk = await startFakeClerk();
const variables = await stack.variables();
/** Where nothing listens. */
const NOWHERE = await freeUrl();

const test = testsOf("doctor ", () => {
  clerk.state = goodState();
  return Promise.resolve();
});

interface Situation {
  env?: Record<string, string | undefined>;
  url?: string;
  /** Whether the project counts as this machine's. */
  local?: boolean;
  fetch?: Fetch;
  now?: () => number;
  token?: string;
  installation?: Partial<Installation>;
  options?: { local?: boolean };
}

/** What a person at the project's variables gets to see, and may not: in no situation is a secret printed. */
async function examine(situation: Situation = {}): Promise<Record<string, CheckResult>> {
  const env: Record<string, string | undefined> = { ...variables, ...situation.env };
  const { url = stack.url, local = true, token, options = {} } = situation;
  const report = await diagnose({
    target: { url, local, env: (name) => env[name] },
    fetch: situation.fetch ?? ((url, init) => fetch(url, init)),
    now: situation.now ?? Date.now,
    readProject,
    readMigrations,
    readOwnColumns: () => Promise.resolve({ names: [] }),
    token,
    ...situation.installation,
  }, options);
  assertNoSecret(describeReport(report) + JSON.stringify(report), [token, ...secretsOf(env)]);
  assertEquals(report.ok, report.checks.every(({ status }) => status !== "failed"));
  for (const { name, status, fix } of report.checks) assertEquals(fix !== undefined, status === "failed", name);
  return Object.fromEntries(report.checks.map((check) => [check.name, check]));
}

/** Every value that is not public, and what those of a JSON object hold. */
function secretsOf(env: Record<string, string | undefined>): string[] {
  const values = Object.entries(env).filter(([name]) =>
    // Every session token names the instance.
    !["SUPABASE_URL", "CLERK_ISSUER", "CLERK_API_URL", "CLERK_INSTANCE_ID"].includes(name)
  )
    .flatMap(([, value]) => value ?? []);
  return [...values, stack.keys.secret, stack.keys.publishable, OTHER_SECRET];
}

function assertNoSecret(printed: string, secrets: Array<string | undefined>): void {
  for (const secret of [...secrets, CANARY, "leak"]) {
    if (secret === undefined || secret.length < 4) continue;
    for (const part of [secret, ...secret.split(/[_.:"@]/).filter((text) => text.length > 12)]) {
      assertEquals(printed.includes(part), false, `printed: ${part}`);
    }
  }
}

/** Asserts a check's state, and that what it says holds some text. */
async function expect(
  name: string,
  status: CheckResult["status"],
  situation: Situation,
  ...texts: string[]
): Promise<void> {
  const check = (await examine(situation))[name];
  assert(check, `${name} is there`);
  assertEquals(check.status, status, `${check.detail} → ${check.fix}`);
  for (const text of texts) assertStringIncludes(`${check.detail} → ${check.fix}`, text);
}

/** Requests to one path are answered otherwise; all others go to the stack. */
const answering = (path: string, answer: () => Response): Fetch => (url, init) =>
  new URL(url).pathname === path ? Promise.resolve(answer()) : fetch(url, init);

/** The probe goes to another function. */
const webhookIs = (name: string): Fetch => (url, init) =>
  fetch(url.replace("/functions/v1/clerk-webhook", `/functions/v1/${name}`), init);

async function freeUrl(): Promise<string> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response());
  const url = `http://127.0.0.1:${server.addr.port}`;
  await server.shutdown();
  return url;
}

const states = (checks: Record<string, CheckResult>) =>
  Object.fromEntries(Object.values(checks).map(({ name, status }) => [name, status]));

const ALL_GOOD: Record<string, CheckResult["status"]> = {
  variables: "ok",
  issuer: "ok",
  "key-kinds": "ok",
  "webhook-secret": "ok",
  "verify-jwt": "ok",
  "third-party-domain": "skipped",
  "signing-keys": "ok",
  "instance-id": "skipped",
  "secret-key": "ok",
  webhook: "ok",
  "webhook-examples": "ok",
  health: "ok",
  migrations: "ok",
  "row-level-security": "ok",
  policies: "ok",
  "client-rights": "ok",
  "own-columns": "ok",
  references: "ok",
  "users-constraints": "ok",
  "users-triggers": "ok",
  "replica-identity": "ok",
  isolation: "ok",
  "organization-columns": "ok",
  "organization-events": "ok",
  "bound-instance": "ok",
  "session-token": "ok",
  "third-party-auth": "ok",
};

test("finds all well where all is well", async () => {
  await createUser(stack, "ada@example.com");
  assertEquals(states(await examine({ token: await forge(stack) })), ALL_GOOD);
});

test("--local asks nobody, and needs no project", async () => {
  const silent: Fetch = () => Promise.reject(new Error("No network here"));
  const platform = { SUPABASE_URL: undefined, SUPABASE_SECRET_KEYS: undefined, SUPABASE_PUBLISHABLE_KEYS: undefined };
  const checks = await examine({ options: { local: true }, fetch: silent, env: platform });
  assertEquals(states(checks), Object.fromEntries(Object.entries(ALL_GOOD).slice(0, 6)));
});

test("knows every function of the bundle", async () => {
  assertEquals([...(await readProject()).functions.keys()].sort(), [...BUNDLE].sort());
});

test("names each faulty variable, and goes on with what can be checked without it", async () => {
  const checks = await examine({
    env: { CLERK_WEBHOOK_SECRET: "whsec_leak", CLERK_DELETE_MODE: "leak", CORS_ALLOWED_ORIGINS: "leak" },
  });
  for (const name of ["CLERK_WEBHOOK_SECRET", "CLERK_DELETE_MODE", "CORS_ALLOWED_ORIGINS"]) {
    assertEquals(checks[`variable ${name}`]?.status, "failed");
  }
  assertEquals([checks["webhook-secret"]?.status, checks.webhook?.status], ["skipped", "skipped"]);
  // One fault is told once.
  assertEquals(Object.values(checks).filter(({ status }) => status === "failed").length, 3);
  assertEquals([checks.migrations?.status, checks["signing-keys"]?.status], ["ok", "ok"]);
});

test("without the platform's keys runs what it can, and says what it cannot", async () => {
  const checks = await examine({
    env: { SUPABASE_SECRET_KEYS: undefined, SUPABASE_PUBLISHABLE_KEYS: undefined, CLERK_SECRET_KEY: undefined },
  });
  assertEquals(states(checks), {
    ...ALL_GOOD,
    "variable SUPABASE_SECRET_KEY": "skipped",
    "variable SUPABASE_PUBLISHABLE_KEY": "skipped",
    "variable CLERK_SECRET_KEY": "skipped",
    "key-kinds": "skipped",
    "secret-key": "skipped",
    health: "skipped",
    migrations: "skipped",
    "row-level-security": "skipped",
    policies: "skipped",
    "client-rights": "skipped",
    "own-columns": "skipped",
    references: "skipped",
    "users-constraints": "skipped",
    "users-triggers": "skipped",
    "replica-identity": "skipped",
    isolation: "skipped",
    "organization-columns": "skipped",
    "organization-events": "skipped",
    "bound-instance": "skipped",
    "session-token": "skipped",
    "third-party-auth": "skipped",
  });
  assertStringIncludes(checks.webhook!.detail, "Cannot check that it stored nothing");
  assertStringIncludes(checks.migrations!.detail, "SUPABASE_SECRET_KEY is not set");
  assertStringIncludes(checks["session-token"]!.detail, "--token");
});

test("leaves the variables of a hosted project to its own health, where they are not set here", async () => {
  const env = { CLERK_WEBHOOK_SECRET: undefined, CLERK_PUBLISHABLE_KEY: undefined, CLERK_SECRET_KEY: undefined };
  const checks = await examine({ env: { ...env, CLERK_ISSUER: undefined, CLERK_API_URL: undefined }, local: false });
  assertEquals(Object.values(checks).filter(({ status }) => status === "failed"), []);
  assertEquals([checks["variable CLERK_WEBHOOK_SECRET"]?.status, checks.health?.status], ["skipped", "ok"]);
  assertStringIncludes(checks["variable CLERK_PUBLISHABLE_KEY"]!.detail, "health");
});

test("finds an issuer that has other keys than the publishable key's host, but for the local stack", async () => {
  // Nothing answers https at the publishable key's host here; the secret key shows whose keys they must be.
  await expect("issuer", "ok", { local: false }, "has the keys of 127.0.0.1");
  const foreign = { CLERK_ISSUER: clerk.url };
  await expect("issuer", "failed", { local: false, env: foreign }, "of CLERK_ISSUER has other keys", "remove CLERK_");
  await expect("issuer", "ok", { local: true });
  await expect("issuer", "skipped", { env: { CLERK_PUBLISHABLE_KEY: undefined } }, "CLERK_PUBLISHABLE_KEY");
});

test("--local finds no fault in a Clerk behind a proxy", async () => {
  const env = {
    CLERK_PUBLISHABLE_KEY: `pk_live_${btoa("clerk.example.com$")}`,
    CLERK_SECRET_KEY: "sk_live_9f8e7d6c5b4a3928",
    CLERK_ISSUER: "https://example.com/__clerk",
  };
  const checks = await examine({ options: { local: true }, local: false, env });
  assertEquals(Object.values(checks).filter(({ status }) => status === "failed"), []);
  assertStringIncludes(checks.issuer!.detail, "only by comparing their keys");
});

test("finds a database that is bound to another instance, and says how to move it", async () => {
  const { id } = stack.clerk.state.instance;
  await stack.database.script("delete from clerk.instance");
  await expect("bound-instance", "ok", {}, "not bound yet");
  const bind = (instance: string) =>
    stack.database.query("select public.bind_clerk_instance($1, 'webhook')", [instance]);
  await bind("ins_before");
  await expect("bound-instance", "failed", {}, "ins_before", `keys belong to ${id}`, `reconcile --bind ${id}`);
  await stack.database.script("delete from clerk.instance");
  await bind(id);
  await expect("bound-instance", "ok", {}, id);
});

test("finds a typo in CLERK_INSTANCE_ID", async () => {
  await expect("instance-id", "ok", { env: { CLERK_INSTANCE_ID: stack.clerk.state.instance.id } });
  const typo = { CLERK_INSTANCE_ID: `${stack.clerk.state.instance.id}x` };
  await expect("instance-id", "failed", { env: typo }, "not the instance of the signing keys", "Remove CLERK_INSTANCE");
});

test("finds signing keys that cannot be had, or sign nothing", async () => {
  const env = clerk.variables;
  await expect("signing-keys", "failed", { env: { CLERK_JWKS_URL: NOWHERE } }, "connection was refused", "API keys");
  clerk.state.failing = { "/.well-known/jwks.json": 500 };
  await expect("signing-keys", "failed", { env }, "HTTP 500");
  const typo = { ...env, CLERK_INSTANCE_ID: "ins_fakex" };
  await expect("instance-id", "skipped", { env: typo }, "no signing keys");
  await expect("secret-key", "skipped", { env }, "no signing keys");
  await expect("session-token", "skipped", { env }, "no signing keys");
  clerk.state = { ...goodState(), jwks: { keys: [{ kty: "EC", kid: "leak" }] } };
  await expect("signing-keys", "failed", { env }, "no RSA key");
});

test("finds keys of two kinds, and of two instances", async () => {
  await expect("key-kinds", "failed", { env: { CLERK_SECRET_KEY: "sk_live_abcdefghijklmnop" } }, "different instances");
  const env = { CLERK_SECRET_KEY: clerk.variables.CLERK_SECRET_KEY, CLERK_API_URL: clerk.url };
  await expect("secret-key", "failed", { env }, "OF_OTHER_INSTANCE", "both keys of one instance");
  await expect("secret-key", "ok", { env: clerk.variables });
});

test("finds a secret key that Clerk refuses, and a Clerk that does not answer", async () => {
  const failing = (status: number): Situation => {
    clerk.state.failing = { "/v1/jwks": status };
    return { env: clerk.variables };
  };
  await expect("secret-key", "failed", { env: { CLERK_SECRET_KEY: "sk_test_abcdefghijklmnop" } }, "revoked");
  await expect("secret-key", "failed", failing(500), "CLERK_UNAVAILABLE", "status.clerk.com");
  await expect("secret-key", "skipped", failing(429), "rate limit");
});

test("finds what is wrong with the deployed webhook", async () => {
  const fault = (name: string, ...texts: string[]) => expect("webhook", "failed", { fetch: webhookIs(name) }, ...texts);
  await fault("webhook-other-secret", "deployed signing secret differs", "supabase secrets set");
  await fault("webhook-no-secret", "deployed CLERK_WEBHOOK_SECRET is not set", "supabase secrets set");
  await fault("webhook-malformed", "deployed CLERK_DELETE_MODE is malformed", "supabase secrets set");
  await fault("webhook-verify-jwt", "deployed with verify_jwt", "verify_jwt = false");
  await fault("webhook-broken", "does not start", "log");
  await fault("webhook-nowhere", "not deployed", "supabase functions deploy");
});

test("finds what the deployed functions lack", async () => {
  const healthIs = (name: string): Fetch => (url, init) =>
    fetch(url.replace("/functions/v1/health", `/functions/v1/${name}`), init);
  const fault = (name: string, ...texts: string[]) => expect("health", "failed", { fetch: healthIs(name) }, ...texts);
  await fault(
    "health-no-secret",
    "missing or malformed: CLERK_WEBHOOK_SECRET",
    "supabase secrets set CLERK_WEBHOOK_SECRET=…",
  );
  await fault("health-no-keys", "faults in: jwks", "other checks");
  await fault("health-other-instance", "deployed CLERK_INSTANCE_ID is not", "secrets unset CLERK_INSTANCE_ID");
  await fault("health-nowhere", "HTTP 404", "supabase functions deploy");
  const shouting = answering(
    "/functions/v1/health",
    () => Response.json({ parts: { variables: { status: "failed", names: [CANARY, "LEAK=1", 7] } } }, { status: 503 }),
  );
  await expect("health", "failed", { fetch: shouting }, "faults in: variables");
});

test("finds that the clock of this machine is off", async () => {
  await expect("webhook", "failed", { now: () => Date.now() + 600_000 }, "this machine's clock");
});

test("finds a project that does not answer, or answers otherwise", async () => {
  const checks = await examine({ url: NOWHERE, env: { SUPABASE_URL: NOWHERE }, token: await forge(stack) });
  for (const name of ["webhook", "migrations", "third-party-auth"]) assertEquals(checks[name]?.status, "failed", name);
  assertStringIncludes(checks.webhook!.detail, "connection was refused");
  assertEquals([checks["row-level-security"]?.status, checks.policies?.status], ["skipped", "skipped"]);
  const answers = (answer: () => Response) => answering("/rest/v1/rpc/clerk_diagnosis", answer);
  await expect("migrations", "failed", {
    fetch: answers(() => Response.json({ code: CANARY, message: CANARY }, { status: 500 })),
  }, "HTTP 500");
  await expect("migrations", "failed", { fetch: answers(() => new Response(CANARY)) }, "HTTP 200");
});

test("prints nothing of what fails, whatever the network throws, and no credentials of a URL", async () => {
  const message = Object.values(variables).join(" ") + " leak";
  const throwing: Fetch = () => Promise.reject(new TypeError("fetch failed", { cause: new Error(message) }));
  const checks = await examine({ fetch: throwing });
  for (const name of ["signing-keys", "secret-key", "webhook", "migrations"]) {
    assertEquals(checks[name]?.status === "ok", false, name);
  }
  const url = stack.url.replace("//", "//user:leak@");
  await examine({ url, env: { SUPABASE_URL: url }, token: await forge(stack) });
  assertThrows(() => assertNoSecret(`a key: ${stack.keys.secret}`, secretsOf(variables)), Error);
});

test("reads supabase/config.toml as it is on the disk", async () => {
  const folder = await Deno.makeTempDir({ prefix: "doctor-" });
  const root = new URL(`file://${folder}/`);
  await Deno.mkdir(`${folder}/supabase/functions/profile`, { recursive: true });
  await Deno.writeTextFile(`${folder}/supabase/functions/profile/index.ts`, "");
  const states = async (config: string) => {
    await Deno.writeTextFile(`${folder}/supabase/config.toml`, config);
    const checks = await examine({ options: { local: true }, installation: { readProject: () => readProject(root) } });
    return [checks["verify-jwt"]?.status, checks["third-party-domain"]?.status];
  };
  try {
    const third = (domain: string) => `[auth.third_party.clerk]\nenabled = true\ndomain = "${domain}"\n`;
    const off = "[functions.profile]\nverify_jwt = false\n";
    assertEquals(await states(off), ["ok", "skipped"]);
    assertEquals(await states(""), ["failed", "skipped"]);
    assertEquals(await states(off + third("https://example.clerk.accounts.dev")), ["ok", "failed"]);
    assertEquals(await states(off + third("example.clerk.accounts.dev").replace("true", "false")), ["ok", "skipped"]);
    assertEquals(await states("secret = leak"), ["failed", "skipped"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("says so where a service key is refused", async () => {
  const env = { SUPABASE_SECRET_KEYS: '{"default":"sb_secret_abcdefghijklmnop"}' };
  await expect("migrations", "failed", { env }, "refuses SUPABASE_SECRET_KEY", "Settings → API keys");
});

test("stores nothing of the examples that it sends", async () => {
  const rows = () => stack.database.query("select * from public.users where first_name in ('John', 'Jane', 'Example')");
  const ledger = () => stack.database.query("select message_id from clerk.messages where message_id ~ '^msg_doctor'");
  await expect("webhook-examples", "ok", {}, "Send Example");
  assertEquals([await rows(), await ledger()], [[], []]);
});

test("finds a webhook that does not ignore Clerk's examples, and sends it nothing that it could store", async () => {
  const sent: Array<{ type: string; data: Record<string, unknown> }> = [];
  const elder: Fetch = (url, init) => {
    const event = url.endsWith("/clerk-webhook") ? JSON.parse(String(init?.body)) : undefined;
    if (event === undefined || event.type === "doctor.probe") return fetch(url, init);
    sent.push(event);
    return Promise.resolve(Response.json({ code: "CHANGE_INVALID" }, { status: 422 }));
  };
  await expect("webhook-examples", "failed", { fetch: elder }, "user.created with HTTP 422", "functions deploy");
  assertEquals(sent.map(({ type, data }) => [type, data.id]), [["user.created", undefined]]);
  await expect("webhook-examples", "skipped", { fetch: webhookIs("webhook-other-secret") }, "the check `webhook`");
});

test("finds a webhook that stores what is to be ignored", async () => {
  let asked = 0;
  const fetch = answering("/rest/v1/rpc/clerk_status", () =>
    Response.json({
      last_day: [{ type: "user.created", messages: 7 * asked }, { type: "doctor.probe", messages: asked++ }],
    }));
  await expect("webhook", "failed", { fetch }, "stored an event");
});

test("takes a user's own messages during the probe for no fault", async () => {
  let asked = 0;
  const fetch = answering(
    "/rest/v1/rpc/clerk_status",
    () =>
      Response.json({ last_day: [{ type: "session.created", messages: ++asked }, { type: "unknown", messages: 3 }] }),
  );
  await expect("webhook", "ok", { fetch }, "did not store the probe");
});

/** A fault in the database, and how to take it back. */
const PLANTED: Array<{ check: string; plant: string; undo: string; texts: string[] }> = [
  {
    check: "migrations",
    plant: "alter function public.clerk_diagnosis() rename to clerk_diagnosed",
    undo: "alter function public.clerk_diagnosed() rename to clerk_diagnosis",
    texts: ["not all migrations are applied", "supabase db push"],
  },
  {
    check: "migrations",
    plant: "delete from supabase_migrations.schema_migrations where version = '20261123000300'",
    undo: "insert into supabase_migrations.schema_migrations (version) values ('20261123000300')",
    texts: ["20261123000300_create_clerk_schema", "supabase db push --include-all"],
  },
  {
    check: "row-level-security",
    plant: "alter table public.resumes disable row level security; create table clerk.planted (id integer)",
    undo: "alter table public.resumes enable row level security; drop table clerk.planted",
    texts: ["clerk.planted, public.resumes", "enable row level security"],
  },
  {
    check: "policies",
    plant: "create policy planted on public.resumes for select using (user_id = (select auth.uid()))",
    undo: "drop policy planted on public.resumes",
    texts: ["public.resumes planted: auth.uid()", "as text"],
  },
  {
    check: "policies",
    plant: "create policy planted on public.users for insert with check ((auth.jwt() ->> 'sub') = clerk_user_id)",
    undo: "drop policy planted on public.users",
    texts: ["public.users planted: bare auth.jwt()", "(select auth.jwt())"],
  },
  {
    check: "policies",
    plant:
      "create policy planted on public.projects for select using (organization_id = public.caller_organization_id())",
    undo: "drop policy planted on public.projects",
    texts: ["public.projects planted: bare helper", "(select public.caller_organization_id())"],
  },
  {
    check: "policies",
    plant: "create schema storage; create table storage.objects (owner uuid); " +
      "create policy planted on storage.objects for select using (owner = auth.uid())",
    undo: "drop schema storage cascade",
    texts: ["storage.objects planted: auth.uid()", "in other buckets too"],
  },
  {
    check: "organization-columns",
    plant: "create table public.planted (organization_id uuid references public.organizations (id))",
    undo: "drop table public.planted",
    texts: ["public.planted.organization_id may be null; public.planted.organization_id has no index", "not null"],
  },
  {
    check: "organization-events",
    plant: "insert into clerk.messages (message_id, type, received_at, outcome) " +
      "values ('msg_planted', 'user.created', now() - interval '9 hours', 'created'); " +
      "insert into clerk.organizations (organization_id, created_at) values ('org_planted', now() - interval '5 hours')",
    undo: "delete from clerk.messages where message_id = 'msg_planted'; " +
      "delete from clerk.organizations where organization_id = 'org_planted'",
    texts: ["organizations created since the ledger began: 1", "Subscribe the endpoint in Clerk to organization.*"],
  },
  {
    check: "client-rights",
    plant: "grant update on table public.users to authenticated",
    undo: "revoke update on table public.users from authenticated",
    texts: ["authenticated update", "revoke insert, update"],
  },
  {
    check: "client-rights",
    plant: "grant update (metadata), insert (email) on table public.users to anon",
    undo: "revoke update (metadata), insert (email) on table public.users from anon",
    texts: ["anon insert(email), anon update(metadata)"],
  },
  {
    check: "references",
    plant: "create table public.accounts (user_id uuid constraint account_of references public.users (id))",
    undo: "drop table public.accounts",
    texts: ["public.accounts account_of (no action)", "on delete cascade"],
  },
  {
    check: "users-constraints",
    plant: "create unique index one_name on public.users (lower(username))",
    undo: "drop index public.one_name",
    texts: ["public.one_name", "drop index public.one_name"],
  },
  {
    check: "replica-identity",
    plant: "create publication planted for table public.users; alter table public.users replica identity nothing",
    undo: "drop publication planted; alter table public.users replica identity default",
    texts: ["planted", "replica identity default"],
  },
];

for (const { check, plant, undo, texts } of PLANTED) {
  test(`finds in the database: ${plant}`, async () => {
    await stack.database.script(plant);
    try {
      await expect(check, "failed", {}, ...texts);
    } finally {
      await stack.database.script(undo);
    }
    await expect(check, "ok", {});
  });
}

test("compares the own columns with public.users", async () => {
  const names = ["banned", "email", "phone_number", "shout"];
  const installation = { readOwnColumns: () => Promise.resolve({ names }) };
  await stack.database.script(`
    alter table public.users add column banned boolean, add column shout text generated always as (upper(username)) stored`);
  try {
    await expect(
      "own-columns",
      "failed",
      { installation },
      "email (the bundle writes it), phone_number (no such column), shout (PostgreSQL writes it)",
      "in a migration",
    );
    const fitting = { readOwnColumns: () => Promise.resolve({ names: ["banned"] }) };
    await expect("own-columns", "ok", { installation: fitting }, "public.users has banned");
  } finally {
    await stack.database.script("alter table public.users drop column banned, drop column shout");
  }
  const fault = { readOwnColumns: () => Promise.resolve({ fault: "cannot be loaded (SyntaxError)" }) };
  await expect("own-columns", "failed", { installation: fault }, "cannot be loaded (SyntaxError)");
});

test("skips the migrations where the Supabase CLI keeps no list of them", async () => {
  await stack.database.script("alter table supabase_migrations.schema_migrations rename to elsewhere");
  try {
    await expect("migrations", "skipped", {}, "no list");
  } finally {
    await stack.database.script("alter table supabase_migrations.elsewhere rename to schema_migrations");
  }
});

test("finds what is wrong with a token that is passed to it", async () => {
  const fault = async (code: string, text: string, claims: Record<string, unknown>, header = {}, env = {}) =>
    await expect("session-token", "failed", { env, token: await forge(stack, claims, header) }, code, text);
  await fault("ROLE_CLAIM_MISSING", "Integrations → Supabase", { role: undefined });
  await fault("TOKEN_EXPIRED", "getToken()", { exp: 1_700_000_000 });
  await fault("TOKEN_ISSUER_INVALID", "CLERK_PUBLISHABLE_KEY", { iss: "https://leak.example.com" });
  await fault("TOKEN_NOT_A_SESSION", "without a template", {}, { cat: "cl_B7d4PD222AAA" });
  await fault("SESSION_PENDING", "must finish a task", { sts: "pending" });
  await fault("TOKEN_NOT_YET_VALID", "clock", { nbf: 4_000_000_000 });
  await fault("TOKEN_PARTY_NOT_AUTHORIZED", "CLERK_AUTHORIZED_PARTIES", {}, {}, {
    CLERK_AUTHORIZED_PARTIES: "https://only.example.com",
  });
  await expect("session-token", "failed", { token: "no-token-at-all" }, "TOKEN_MALFORMED", "getToken()");
  const foreign = await clerk.issuer.sign({ sub: "user_ada" });
  await expect("session-token", "failed", { token: foreign }, "TOKEN_KEY_UNKNOWN", "CLERK_PUBLISHABLE_KEY");
  await expect("third-party-auth", "skipped", { token: foreign }, "no valid session token");
});

test("mints a token of a live session, for which nobody has to be impersonated", async () => {
  clerk.requests.length = 0;
  await expect("session-token", "ok", { env: clerk.variables }, "live session");
  assertEquals(clerk.requests.filter((line) => /users|sessions/.test(line)), [
    "GET /v1/users?limit=10&order_by=-last_sign_in_at",
    "GET /v1/sessions?user_id=user_eve&status=active",
    "GET /v1/sessions?user_id=user_ada&status=active",
    "POST /v1/sessions/sess_ada/tokens",
  ]);
});

test("takes no azp for no fault of a token that it minted itself", async () => {
  const strict = { CLERK_REQUIRE_AZP: "true", CLERK_AUTHORIZED_PARTIES: "https://app.example.com" };
  await expect("session-token", "ok", { env: { ...clerk.variables, ...strict } });
});

test("finds that the live session's token has no role", async () => {
  clerk.state.claims = { role: undefined };
  await expect("session-token", "failed", { env: clerk.variables }, "ROLE_CLAIM_MISSING", "Integrations → Supabase");
});

test("says so where there is no live session, or Clerk does not tell", async () => {
  const env = clerk.variables;
  const skips = (text: string) => expect("session-token", "skipped", { env }, text, "--token");
  clerk.state.sessions = [];
  await skips("no user is signed in");
  clerk.state = { ...goodState(), users: [] };
  await skips("no user is signed in");
  for (const path of ["/v1/users", "/v1/sessions", "/v1/sessions/sess_ada/tokens"]) {
    clerk.state = { ...goodState(), failing: { [path]: 422 } };
    await skips("HTTP 422");
  }
  await expect("session-token", "skipped", { env: { ...env, CLERK_API_URL: NOWHERE } }, "connection was refused");
});

test("finds that the Data API does not trust the Clerk instance", async () => {
  await expect(
    "third-party-auth",
    "failed",
    { env: clerk.variables },
    "does not trust this Clerk instance (HTTP 401 PGRST301)",
    "Third-Party Auth",
  );
});

test("tells what else the Data API may have against a token", async () => {
  const token = await forge(stack);
  const fault = (status: number, body: unknown, ...texts: string[]) =>
    expect(
      "third-party-auth",
      "failed",
      { token, fetch: answering("/rest/v1/users", () => Response.json(body, { status })) },
      ...texts,
    );
  await fault(401, { message: CANARY }, "does not trust", "SUPABASE_PUBLISHABLE_KEY");
  await fault(401, { code: "42501", message: CANARY }, "no role", "Integrations → Supabase");
  await fault(404, { code: "PGRST205", message: CANARY }, "HTTP 404 PGRST205", "the check `migrations`");
});

test("is one line for a check that fails by itself, and the others go on", async () => {
  const checks = await examine({ installation: { readMigrations: () => Promise.reject(new TypeError("leak")) } });
  assertEquals(checks.migrations?.status, "failed");
  assertStringIncludes(checks.migrations!.detail, "TypeError");
  assertEquals(checks["signing-keys"]?.status, "ok");
});

/** The command as people run it. */
async function run(args: string[], env: Record<string, string>) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "clerk", "doctor", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...variables, ...env },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out!, err: err! };
}

test("ends with 0 where all is well, and prints JSON", async () => {
  const token = await forge(stack);
  const { code, out, err } = await run(["--json", "--token", token], {});
  const report = JSON.parse(out);
  assertEquals([code, report.ok, report.project], [0, true, stack.url], out + err);
  assertEquals(Object.fromEntries(report.checks.map((one: CheckResult) => [one.name, one.status])), ALL_GOOD);
  // Deno echoes the task with its arguments: the token is the caller's own there.
  assertNoSecret(out, [token, ...secretsOf(variables)]);
});

test("exits with 1 for a fault, and prints its fix, without any secret", async () => {
  const env = { ...variables, CLERK_WEBHOOK_SECRET: OTHER_SECRET };
  const { code, out, err } = await run([], env);
  assertEquals(code, 1, out + err);
  assertEquals(out.split("\n")[0], `Project ${stack.url} (on this machine), with the files of this repository`);
  assertStringIncludes(out, "ok       migrations");
  assertStringIncludes(out, "failed   webhook ");
  assertStringIncludes(out, "         → supabase secrets set CLERK_WEBHOOK_SECRET=whsec_…");
  assertStringIncludes(out, "1 failed");
  assertNoSecret(out + err, secretsOf(env));
});

test("--local and --help need no project", async () => {
  const nowhere = { SUPABASE_URL: "", SUPABASE_SECRET_KEYS: "", SUPABASE_PUBLISHABLE_KEYS: "" };
  const { code, out } = await run(["--local", "--json"], nowhere);
  assertEquals(JSON.parse(out).project, null);
  assertEquals(JSON.parse(out).checks.map((one: CheckResult) => one.name), Object.keys(ALL_GOOD).slice(0, 6));
  assertEquals(code, JSON.parse(out).ok ? 0 : 1);
  const help = await run(["--help"], nowhere);
  assertEquals(help.code, 0);
  for (const option of ["--json", "--token", "--local"]) assertStringIncludes(help.out, option);
  assertEquals((await run(["--local", "--token", "x"], nowhere)).code, 2);
});

test("'s stack and Clerk end", async () => {
  await clerk.close();
  await stack.stop();
});
