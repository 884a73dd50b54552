/** Runs `deno task dev` in a fresh copy of the project, as a newcomer does. Most tests share one running stack. */
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { findApps } from "../../dev/apps/apps.ts";
import { ProjectError } from "../../project/errors.ts";
import { PortTakenError } from "../../project/listen.ts";
import { startStack } from "../../dev/stack.ts";
import { checkOut } from "../../project/checkout.ts";
import {
  type Dev,
  FREE_PORTS,
  interrupt,
  paste,
  processesOf,
  readsProfile,
  ready,
  start,
  valueOf,
} from "../helpers/stack/dev.ts";
import { documentedCode } from "../helpers/project/documented.ts";
import { eventually } from "../../project/eventually.ts";
import { testsOf } from "../helpers/shared_test.ts";

const folder = await checkOut();
const FUNCTIONS = `${folder}/supabase/functions`;
const CONFIG = `${folder}/supabase/config.toml`;

let running: Promise<Dev> | undefined;

/** The keys that the shared stack printed before it was stopped. */
let printed: Set<string> | undefined;

/** Returns the keys in the output, without Clerk's publishable key, which contains the port. */
const keysIn = (output: string) => new Set(output.match(/\b(sk_test_|whsec_|sb_secret_|sb_publishable_)[\w+/=]+/g));

/** Returns the shared stack, which runs the project with the changes that README.md and docs/setup.md describe. */
function sharedDev(): Promise<Dev> {
  return running ??= startShared();
}

async function startShared(): Promise<Dev> {
  await removeExamples();
  await addWhoami();
  await Deno.writeTextFile(
    `${folder}/supabase/migrations/20270101000000_create_notes.sql`,
    await documentedCode("docs/row-level-security.md", "create table public.notes"),
  );
  await Deno.writeTextFile(`${folder}/examples/react/.env.local`, "MINE=1\nVITE_SUPABASE_URL=old\n");
  const dev = start(folder, [...FREE_PORTS, "--write-env", "examples/react", "--write-env", "examples/hono"]);
  await ready(dev);
  return dev;
}

async function addWhoami(): Promise<void> {
  const path = `${FUNCTIONS}/whoami`;
  await Deno.mkdir(path);
  const [handler, index] = await Promise.all([
    documentedCode("README.md", "export function createWhoamiHandler"),
    documentedCode("README.md", "// supabase/functions/whoami/index.ts"),
  ]);
  await Deno.writeTextFile(`${path}/handler.ts`, handler);
  await Deno.writeTextFile(`${path}/index.ts`, index);
  await Deno.writeTextFile(`${path}/deno.json`, '{ "importMap": "../../../import_map.json" }');
  await Deno.writeTextFile(CONFIG, "\n[functions.whoami]\nverify_jwt = false\n", { append: true });
}

/** Removes the examples as docs/setup.md describes. */
async function removeExamples(): Promise<void> {
  const setup = await Deno.readTextFile(`${folder}/docs/setup.md`);
  const paths = [...setup.matchAll(/`(supabase\/(?:functions\/\w+\/|migrations\/\w+\.sql))`/g)].map(([, path]) =>
    path!
  );
  assertEquals(paths.length, 5);
  for (const path of paths) await Deno.remove(`${folder}/${path}`, { recursive: true });
  await edit(CONFIG, (text) => text.replaceAll(/\[functions\.(hello|resumes|projects)\]\nverify_jwt = false\n/g, ""));
  await edit(`${FUNCTIONS}/openapi/functions.ts`, (text) => text.replaceAll(/^.*(hello|resumes|projects).*\n/gim, ""));
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const text = await Deno.readTextFile(file);
  const changed = change(text);
  assert(changed !== text, `${file} was not changed`);
  await Deno.writeTextFile(file, changed);
}

/** Calls a function of the shared `dev` without a token. */
async function call(name: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const url = valueOf((await sharedDev()).output(), "Project URL");
  const response = await fetch(`${url}/functions/v1/${name}`);
  return { status: response.status, body: await response.json() };
}

/** Creates a user at the simulator; returns a client with the user's token. */
async function signUp(output: string, email: string) {
  const [url, key] = [valueOf(output, "Project URL"), valueOf(output, "Publishable key")];
  const clerk = valueOf(output, "Clerk simulator");
  const authorization = `Bearer ${/sk_test_\w+/.exec(output)![0]}`;
  const created = await fetch(`${clerk}/v1/users`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ email_address: [email] }),
  });
  assertEquals(created.status, 200, await created.text());
  const token = await (await fetch(`${clerk}/dev/token?email=${email}`, { method: "POST" })).text();
  const client = createClient(url, key, { accessToken: () => Promise.resolve(token) });
  // The profile creates the row, even if the webhook has not arrived.
  const { data } = await client.functions.invoke("profile", { method: "GET" });
  return { client, userId: data.clerk_user_id };
}

testsOf("")("dev --write-env writes .env.local of the apps that it names, and tells what else they need", async () => {
  const dev = await sharedDev();
  await dev.says("Hono also needs");
  const output = dev.output();
  const url = valueOf(output, "Project URL");
  const react = await Deno.readTextFile(`${folder}/examples/react/.env.local`);
  assertStringIncludes(react, `MINE=1\nVITE_SUPABASE_URL=${url}\n`);
  const hono = `${folder}/examples/hono/.env.local`;
  assertStringIncludes(await Deno.readTextFile(hono), `CLERK_SECRET_KEY=${/sk_test_\w+/.exec(output)![0]}\n`);
  assertEquals((await Deno.stat(hono)).mode! & 0o777, 0o600);
});

testsOf("")("dev --write-env refuses a folder without an app of a known framework", async () => {
  await assertRejects(() => findApps(folder, ["docs"]), ProjectError, "docs has no package.json");
  await Deno.writeTextFile(`${folder}/docs/package.json`, "{}");
  await assertRejects(() => findApps(folder, ["docs"]), ProjectError, "has none of @clerk/nextjs, @clerk/react");
  assertEquals(await findApps(`${folder}/docs`, []), []);
  const [app] = await findApps(`${folder}/examples/nextjs`, []);
  assertEquals([app?.framework.name, app?.isWritten], ["Next.js", false]);
});

testsOf("")("README: a new function and a table of the adopter's own work as written", async () => {
  const output = (await sharedDev()).output();
  const [grace, eve] = [await signUp(output, "grace@example.com"), await signUp(output, "eve@example.com")];
  const whoami = (client: typeof grace.client) => client.functions.invoke("whoami", { method: "GET" });
  const guest = createClient(valueOf(output, "Project URL"), valueOf(output, "Publishable key"), {
    accessToken: () => Promise.resolve(null),
  });

  assertEquals((await whoami(grace.client)).data, { userId: grace.userId });
  const rejected = await whoami(guest);
  assertEquals((await rejected.response!.json()).code, "TOKEN_MISSING");

  assertEquals((await grace.client.from("notes").insert({ body: "mine" })).error, null);
  assertEquals((await grace.client.from("notes").select("body")).data, [{ body: "mine" }]);
  assertEquals((await eve.client.from("notes").select("body")).data, []);
  assertEquals((await eve.client.from("notes").delete().eq("body", "mine").select()).data, []);
  assertEquals((await guest.from("notes").select("body")).error?.code, "42501");
  const { id } = (await grace.client.from("users").select("id").single()).data!;
  assertEquals((await eve.client.from("notes").insert({ body: "forged", user_id: id })).error?.code, "42501");
});

testsOf("")("docs/setup.md: the bundle runs without its examples", async () => {
  const paths = (await call("openapi")).body.paths as Record<string, unknown>;
  assertEquals("/profile" in paths, true);
  for (const name of ["hello", "resumes", "projects"]) {
    assertEquals(`/${name}` in paths, false);
    const { status, body } = await call(name);
    assertEquals([status, body.code], [404, "NOT_FOUND"]);
  }
});

const test = testsOf("deno task dev ");

/** Waits until the functions run with their original source and variables. */
async function runsUnchanged(): Promise<void> {
  await eventually(async () => assertEquals((await call("profile")).body.title, "Token missing"));
}

test("reloads an edited function without a restart", async () => {
  await runsUnchanged();
  const file = `${FUNCTIONS}/_clerk-supabase/errors.ts`;
  const source = await Deno.readTextFile(file);
  try {
    await edit(file, (text) => `${text.replace('"Token missing"', '"Edited"')}console.log('at the top level');\n`);
    await eventually(async () => assertEquals((await call("profile")).body.title, "Edited"));
    await Deno.writeTextFile(file, "this is not TypeScript");
    await eventually(async () => assertEquals((await call("profile")).body.code, "BOOT_ERROR"));
  } finally {
    await Deno.writeTextFile(file, source);
  }
  await runsUnchanged();
});

test("reports the effect of a changed .env or config.toml while it runs", async () => {
  const dev = await sharedDev();
  const env = `${FUNCTIONS}/.env`;
  await Deno.writeTextFile(env, "CLERK_PUBLISHABLE_KEY=pk_nonsense\n");
  try {
    await dev.says("the functions use that Clerk instance");
    await dev.says("CLERK_PUBLISHABLE_KEY is malformed");
    await dev.says("CLERK_WEBHOOK_SECRET is not set");
    await Deno.writeTextFile(CONFIG, "\n", { append: true });
    await dev.says("restart deno task dev to apply the change. Without --persist, the restart discards all users");
    await eventually(async () => assertEquals((await call("profile")).status, 500));
  } finally {
    await Deno.remove(env);
  }
  await runsUnchanged();
});

test("runs the three printed commands and leaves no process behind", async () => {
  const dev = await sharedDev();
  assertStringIncludes(await paste(dev.output()), '"object":"user"');
  await readsProfile(dev.output());
  await failsLoudly(dev.output());
  const page = await (await fetch(valueOf(dev.output(), "Project URL"))).text();
  assertStringIncludes(page, `<code>${/"password":"([^"]+)"/.exec(dev.output())![1]}</code>`);
  assert((await processesOf(dev)).length > 2, "the stack must run in several processes");
  await stopShared();
  assertEquals(await processesOf(dev), []);
});

/** Stops the shared stack; returns the keys that it printed. */
async function stopShared(): Promise<Set<string>> {
  const dev = await sharedDev();
  await interrupt(dev);
  running = undefined;
  return printed = keysIn(dev.output());
}

/** Runs the printed commands for a user who does not exist: they print no token and fail. */
async function failsLoudly(output: string): Promise<void> {
  const commands = output.replaceAll("ada@example.com", "nobody@example.com").split("\n");
  const [token, profile] = [/^ {2}TOKEN=/, /^ {2}curl .*profile/].map((one) =>
    commands.find((line) => one.test(line))!
  );
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", `${token}\necho "[$TOKEN]"\n${profile!.replace("; echo", "")}`],
  }).output();
  assert(code !== 0);
  assertMatch(
    new TextDecoder().decode(stdout),
    /^No token: create the user first, again after a restart without --persist\n\[\]\n\{.*"TOKEN_/,
  );
  assertMatch(new TextDecoder().decode(stderr), /404[^]*401/);
}

test("--persist keeps users and rows, also with --renew-keys, and names a failing migration", async () => {
  const copy = await checkOut();
  const flags = [...FREE_PORTS, "--persist"];
  // The simulator's value replaces this one, because the file has no publishable key.
  const secret = `whsec_${btoa("another secret of 24 bytes or more")}`;
  await Deno.writeTextFile(`${copy}/supabase/functions/.env`, `CLERK_WEBHOOK_SECRET=${secret}\n`);

  const first = start(copy, flags);
  const output = await ready(first);
  await paste(output);
  await readsProfile(output);
  await first.says("the simulator's values replace CLERK_WEBHOOK_SECRET");
  await first.says('"outcome":"created"');

  const other = start(copy, flags);
  assertEquals((await other.status).code, 1);
  assertStringIncludes(other.output(), "another stack is using it");
  await interrupt(first);

  const migration = `${copy}/supabase/migrations/99999999999999_bad.sql`;
  await Deno.writeTextFile(migration, "create tabel x;");
  const broken = start(copy, flags);
  assertEquals((await broken.status).code, 1);
  assertStringIncludes(broken.output(), "supabase/migrations/99999999999999_bad.sql");
  await Deno.remove(migration);

  const second = start(copy, [...flags, "--renew-keys"]);
  const again = await ready(second);
  for (const key of [/sk_test_\w+/, /sb_secret_\w+/]) {
    const [before, after] = [output, again].map((text) => key.exec(text)![0]);
    assert(after !== before, "--renew-keys must create new keys");
  }
  await readsProfile(again);
  await interrupt(second);
  await Deno.remove(copy, { recursive: true });
});

test("keeps the keys of the last start, and --host serves pages and functions at its address", async () => {
  const before = running || !printed ? await stopShared() : printed;
  const dev = start(folder, [...FREE_PORTS, "--host", "127.0.0.2"]);
  const output = await ready(dev);
  assertEquals(keysIn(output), before);
  assertEquals(before.size, 4);
  const [url, clerk] = [valueOf(output, "Project URL"), valueOf(output, "Clerk simulator")];
  assertEquals([new URL(url).hostname, new URL(clerk).hostname], ["127.0.0.2", "127.0.0.2"]);
  assertEquals((await (await fetch(`${url}/config.json`)).json()).clerk.url, clerk);
  const asked = (origin: string) => fetch(`${clerk}/dev/switches`, { headers: { origin } });
  const statuses = ["http://127.0.0.2:3000", "http://localhost:3000", "http://127.0.0.3:3000"].map(asked);
  assertEquals((await Promise.all(statuses)).map(({ status }) => status), [200, 200, 400]);
  await paste(output);
  await readsProfile(output);
  await interrupt(dev);
});

test("rejects a --host address that this machine does not have", async () => {
  const { code, output } = await end([...FREE_PORTS, "--host", "192.0.2.254"]);
  assertEquals(code, 1);
  assertStringIncludes(output, "Cannot listen on 192.0.2.254: this machine has no such address");
});

/** Runs `deno task dev` until it exits, and checks that no process is left. */
async function end(flags: string[]): Promise<{ code: number; output: string }> {
  const dev = start(folder, flags);
  const { code } = await dev.status;
  assertEquals(await processesOf(dev), []);
  return { code, output: dev.output() };
}

test("names a port that is in use and the flag to change it", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const { port } = taken.addr;
    for (const ports of [{ apiPort: port, clerkPort: 0 }, { apiPort: 0, clerkPort: port }]) {
      const error = await assertRejects(() => startStack({ ...NOTHING, ...ports }), PortTakenError);
      assertStringIncludes(error.message, `127.0.0.1:${port}`);
    }
    const { code, output } = await end(["--port", "0", "--clerk-port", String(port)]);
    assertEquals(code, 1);
    assertStringIncludes(output, `127.0.0.1:${port}: the port is in use. Choose another with --clerk-port\n`);
  } finally {
    taken.close();
  }
});

/** Options of a stack that fails before it uses them. */
const NOTHING = {
  deno: { executable: Deno.execPath(), config: [] },
  rateLimit: true,
  ownVariables: () => Promise.resolve({}),
  print: () => {},
};

test("names an invalid config.toml", async () => {
  const text = await Deno.readTextFile(CONFIG);
  await Deno.writeTextFile(CONFIG, "[api");
  const { code, output } = await end(FREE_PORTS);
  await Deno.writeTextFile(CONFIG, text);
  assertEquals(code, 1);
  assertStringIncludes(output, "supabase/config.toml");
});

test("prints its flags for --help and exits with 1 for an invalid flag", async () => {
  const help = await end(["--help"]);
  assertEquals(help.code, 0);
  assertStringIncludes(help.output, "--persist");
  const wrong = await end(["--port", "eleven"]);
  assertEquals(wrong.code, 1);
  assertStringIncludes(wrong.output, "Cannot use --port eleven: expected a port");
});

test("is stopped and its copy removed", async () => {
  if (running) await interrupt(await running);
  await Deno.remove(folder, { recursive: true });
});
