import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkConfigFile } from "../../../../cli/doctor/config_file.ts";
import type { CheckResult } from "../../../../cli/doctor/report.ts";
import { ProjectError } from "../../../../project/errors.ts";
import type { ProjectConfig } from "../../../../project/project.ts";
import { envOf } from "../../../helpers/stack/platform.ts";

const KEY = `pk_test_${btoa("example.clerk.accounts.dev$")}`;
const SIMULATOR = `pk_test_${btoa("127.0.0.1:54350$")}`;

interface Project {
  functions?: Record<string, boolean>;
  clerkDomain?: string;
}

async function check(
  { functions = { "clerk-webhook": false, profile: false }, clerkDomain }: Project,
  { key = KEY, local = false } = {},
): Promise<{ verifyJwt: CheckResult; domain: CheckResult }> {
  const project: ProjectConfig = {
    root: new URL("file:///project/"),
    apiPort: 54321,
    clerkDomain,
    remotes: [],
    secrets: {},
    functions: new Map(
      Object.entries(functions).map(([name, verifyJwt]) => [
        name,
        { name, verifyJwt, entrypoint: new URL("file:///index.ts"), settings: {} },
      ]),
    ),
  };
  const [verifyJwt, domain] = await checkConfigFile({
    target: { url: "https://abc.supabase.co", local, env: envOf({ CLERK_PUBLISHABLE_KEY: key }) },
    readProject: () => Promise.resolve(project),
    readMigrations: () => Promise.resolve([]),
    readOwnColumns: () => Promise.resolve({ names: [] }),
    fetch: () => Promise.reject(new Error("No network here")),
    now: () => 0,
  });
  return { verifyJwt: verifyJwt!, domain: domain! };
}

Deno.test("checkConfigFile() fails for a function of the bundle with verify_jwt, and ignores the adopter's own", async () => {
  assertEquals((await check({})).verifyJwt.status, "ok");
  const own = (await check({ functions: { profile: false, theirs: true } })).verifyJwt;
  assertEquals(own.status, "ok");
  assertStringIncludes(own.detail, "theirs");
  const wrong = (await check({ functions: { "clerk-webhook": true, hello: false, profile: true } })).verifyJwt;
  assertEquals(wrong.status, "failed");
  assertStringIncludes(wrong.detail, "clerk-webhook, profile");
  assertStringIncludes(wrong.fix!, "[functions.profile] verify_jwt = false");
});

Deno.test("checkConfigFile() compares the third-party domain with the publishable key's host", async () => {
  const good = (await check({ clerkDomain: "example.clerk.accounts.dev" })).domain;
  assertEquals([good.name, good.status], ["third-party-domain", "ok"]);
  const other = (await check({ clerkDomain: "other.clerk.accounts.dev" })).domain;
  assertEquals(other.status, "failed");
  assertStringIncludes(other.fix!, 'domain = "example.clerk.accounts.dev"');
  assertEquals((await check({})).domain.status, "skipped");
  const enabled = { clerkDomain: "example.clerk.accounts.dev" };
  assertEquals((await check(enabled, { key: "" })).domain.status, "skipped");
  assertEquals((await check(enabled, { key: SIMULATOR, local: true })).domain.status, "skipped");
  assertEquals((await check(enabled, { key: SIMULATOR })).domain.status, "failed");
});

Deno.test("checkConfigFile() refuses a domain that the Supabase CLI refuses", async () => {
  for (
    const clerkDomain of ["", "https://example.clerk.accounts.dev", "example.com", "clerk.com", "clerk.Example.com"]
  ) {
    const { domain } = await check({ clerkDomain });
    assertEquals(domain.status, "failed", clerkDomain);
    assertStringIncludes(domain.fix!, "without https://");
  }
  const key = `pk_live_${btoa("clerk.example.com$")}`;
  assertEquals((await check({ clerkDomain: "clerk.example.com" }, { key })).domain.status, "ok");
});

Deno.test("checkConfigFile() reports that the file cannot be read, and does not quote it", async () => {
  const results = await checkConfigFile({
    target: { url: "https://abc.supabase.co", local: false, env: envOf({}) },
    readProject: () => Promise.reject(new ProjectError("Cannot read supabase/config.toml: secret = leak")),
    readMigrations: () => Promise.resolve([]),
    readOwnColumns: () => Promise.resolve({ names: [] }),
    fetch: () => Promise.reject(new Error("No network here")),
    now: () => 0,
  });
  assertEquals(results.map(({ status }) => status), ["failed", "skipped"]);
  assertEquals(JSON.stringify(results).includes("leak"), false);
});
