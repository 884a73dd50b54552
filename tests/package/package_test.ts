/**
 * The npm package from its tarball, in a project made by `supabase init` that has tables, functions and an import map of
 * its own. The tests follow each other, as a user's commands do.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openPglite } from "../../project/database/pglite.ts";
import { readPlatform } from "../../project/database/database.ts";
import { serveWire } from "../../project/database/wire.ts";
import { runCommand, runSupabase } from "../../project/supabase_cli.ts";
import { closeBrowser, EXECUTABLE, withPage } from "../../tools/browser/chromium.ts";
import { open, signUp } from "../../tools/browser/demo_page.ts";
import { PROJECT_REF, startManagementApi } from "../../tools/deploy/management_api.ts";
import { SECRETS } from "../helpers/project/deploy.ts";
import { fingerprints, installPackage } from "../helpers/project/installed.ts";
import {
  type Dev,
  FREE_PORTS,
  interrupt,
  paste,
  processesOf,
  ready,
  startCommand,
  valueOf,
} from "../helpers/stack/dev.ts";
import { testsOf } from "../helpers/shared_test.ts";

const test = testsOf("npx clerk-supabase ");

const { folder, packageFolder, npx, env, remove } = await installPackage();
const installed = await fingerprints(packageFolder);

const OWN: Record<string, string> = {
  ".gitignore": "node_modules\n",
  "supabase/migrations/20250101000000_create_notes.sql":
    "create table public.notes (id integer primary key, body text not null);\n" +
    "alter table public.notes enable row level security;\n" +
    "grant select on table public.notes to service_role;\n" +
    "insert into public.notes values (1, 'from before');\n",
  "supabase/functions/greet/index.ts":
    'import { GREETING } from "@/greeting.ts";\nimport { decodeJwt } from "jose";\n' +
    "Deno.serve(() => new Response(`${GREETING}, ${typeof decodeJwt}`));\n",
  "supabase/functions/greet/deno.json":
    '{\n  // Ours.\n  "imports": { "@/": "../_shared/", "jose": "npm:jose@6.2.17" },\n}\n',
  "supabase/functions/_shared/greeting.ts": 'export const GREETING = "Hello from the adopter";\n',
};

async function git(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand("git", { folder }, args);
  assertEquals(code, 0, stderr);
  return stdout;
}

async function makeProject(): Promise<void> {
  await git("init", "--quiet");
  const init = await runSupabase({ folder }, ["init", "--yes"]);
  assertEquals(init.code, 0, init.stderr);
  for (const [path, text] of Object.entries(OWN)) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  await Deno.mkdir(`${folder}/src/pages`, { recursive: true });
  await git("add", "--all");
  await git("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message", "Start");
}

await makeProject();

test("dev tells a project without the bundle how to add it", async () => {
  const { code, stdout, stderr } = await npx(["dev", ...FREE_PORTS]);
  assertEquals([code, stdout], [1, ""]);
  assertEquals(
    stderr,
    "Cannot start: this project has no function clerk-webhook. Add the bundle first: npx clerk-supabase add <folder>\n",
  );
});

test("add . adds the bundle to the project of the current folder, and prints nothing else", async () => {
  const { code, stdout, stderr } = await npx(["add", "."]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^Added the bundle to \.: \d+ written, 0 deleted\.$/m);
  assertMatch(stdout, /^Next:\n {2}npx clerk-supabase dev +#/m);
  const [page] = /\S+\/add-to-a-project\.md/.exec(stdout)!;
  assertEquals(page, "node_modules/clerk-supabase/docs/add-to-a-project.md");
  assert((await Deno.stat(`${folder}/${page}`)).isFile);
  // A relative path counts from the current folder; without one, the command finds the project upwards.
  for (const named of [["../.."], ["--project", "../.."], []]) {
    const again = await npx(["add", ...named], `${folder}/src/pages`);
    assertEquals([again.code, again.stdout], [0, "There is nothing new for ../...\n"], again.stderr);
  }
});

test("dev runs the project's functions and migrations, and a sign-up in the browser makes the row", async () => {
  const dev = startCommand(["npx", "clerk-supabase", "dev", ...FREE_PORTS], `${folder}/src`, env);
  const output = await ready(dev);
  try {
    assert(!/\bTask\b|JSR|stand-ins/.test(output), output);
    const url = valueOf(output, "Project URL");
    const key = valueOf(output, "Secret key");
    assertEquals(await getText(`${url}/functions/v1/greet`, key), "Hello from the adopter, function");
    assertEquals(await getText(`${url}/rest/v1/notes?select=body`, key), '[{"body":"from before"}]');
    await signUpAsAda(output);
    assertEquals(await getText(`${url}/rest/v1/users?select=email`, key), '[{"email":"ada@example.com"}]');
    const status = await npx(["status"], `${folder}/src/pages`);
    assertMatch(status.stdout, /^Users +1 live, 0 deleted$/m, status.stderr);
    assertStringIncludes(status.stdout, "no backfill yet: npx clerk-supabase backfill");
  } finally {
    await stop(dev);
  }
});

async function getText(url: string, key: string): Promise<string> {
  return await (await fetch(url, { headers: { apikey: key } })).text();
}

async function signUpAsAda(output: string): Promise<void> {
  const hasChromium = await Deno.stat(EXECUTABLE).then(() => true, () => false);
  if (!hasChromium && !Deno.env.has("CI")) {
    // deno-lint-ignore no-console -- the reader must see what did not run
    console.log(`No browser signs up: ${EXECUTABLE} is not there. The pasted commands do.`);
    return void await paste(output);
  }
  try {
    await withPage(async (page) => {
      await open(page, valueOf(output, "Project URL"));
      await signUp(page, { name: "Ada", email: "ada@example.com" });
    });
  } finally {
    await closeBrowser();
  }
}

async function stop(dev: Dev): Promise<void> {
  await interrupt(dev);
  assertEquals(await processesOf(dev), []);
}

test("deploy --dry-run bundles the added functions, and leaves the project's own as they are", async () => {
  const api = startManagementApi();
  const database = await openPglite();
  await database.script(await readPlatform("platform.sql"));
  const server = serveWire(database);
  const [profile, secrets] = [`${folder}/../profile.yaml`, `${folder}/../production.env`];
  await Deno.writeTextFile(profile, api.profile);
  await Deno.writeTextFile(secrets, Object.entries(SECRETS).map(([name, value]) => `${name}=${value}\n`).join(""));
  try {
    const { code, stdout, stderr } = await runCommand("npx", {
      folder: `${folder}/src`,
      env: { ...env, SUPABASE_PROFILE: profile, SUPABASE_ACCESS_TOKEN: api.accessToken },
    }, [
      ...["clerk-supabase", "deploy", "--dry-run", "--project-ref", PROJECT_REF, "--url", "http://127.0.0.1:1"],
      ...["--secrets-file", "../../production.env", "--db-url", `${server.url}?sslmode=disable`],
    ]);
    assertEquals(code, 0, stderr);
    const names = ["clerk-reconcile", "clerk-webhook", "health", "openapi", "organization", "profile"];
    assertStringIncludes(stdout, `Would deploy as single files: ${names.join(", ")}.`);
    assertStringIncludes(stdout, "Would deploy from their sources: greet.");
    assertStringIncludes(stdout, "  20250101000000_create_notes.sql\n");
    assertStringIncludes(stdout, "Nothing is changed.");
    assertEquals(api.requests.filter(({ method }) => method !== "GET"), []);
  } finally {
    server.close();
    await Promise.all([database.close(), api.close()]);
    await Promise.all([profile, secrets].map((path) => Deno.remove(path)));
  }
});

test("types writes types of the project's own tables, to a path that counts from the current folder", async () => {
  // A folder that does not exist yet is created.
  const file = "../../types/database.ts";
  const { code, stderr } = await npx(["types", file], `${folder}/src`);
  assertEquals([code, stderr], [0, `Wrote ${file}.\n`]);
  const types = await Deno.readTextFile(`${folder}/src/${file}`);
  await Deno.remove(`${folder}/../types`, { recursive: true });
  for (const table of ["notes", "users", "organizations"]) assertMatch(types, new RegExp(`^ +"?${table}"?: \\{$`, "m"));
});

test("remove . leaves what was committed as it was, and migrations", async () => {
  const { code, stderr } = await npx(["remove", "."]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(await git("status", "--porcelain", "--untracked-files=no"), "");
  const others = (await git("ls-files", "--others", "--exclude-standard")).trim().split("\n");
  assertEquals(others.filter((path) => !path.startsWith("supabase/migrations/")), []);
  assertMatch(others.at(-1)!, /_remove_clerk_supabase\.sql$/);
});

test("changes nothing in its own folder", async () => {
  assertEquals(await fingerprints(packageFolder), installed);
  await remove();
});
