import { assertEquals } from "@std/assert";
import { checkHealth } from "../../../../cli/doctor/deployed.ts";
import { VERSION } from "../../../../supabase/functions/_clerk-supabase/version.ts";
import { envOf } from "../../../helpers/stack/platform.ts";

const url = "https://example.supabase.co";
const unused = () => Promise.reject(new TypeError("The check health does not read files"));
const WELL = "the deployed functions have their variables, database and signing keys";

function check(version: unknown) {
  return checkHealth({
    target: { url, local: false, env: envOf({ SUPABASE_URL: url, SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"}' }) },
    fetch: () => Promise.resolve(Response.json({ status: "ok", version, parts: {} })),
    now: Date.now,
    readProject: unused,
    readMigrations: unused,
    readOwnColumns: unused,
  });
}

Deno.test("checkHealth() names the deployed version if it differs", async () => {
  const other = await check("9.8.7");
  assertEquals([other.status, other.detail], ["ok", `${WELL}; their version is 9.8.7, this one is ${VERSION}`]);
});

Deno.test("checkHealth() ignores the same version, a missing one, and text that is not a version", async () => {
  for (const version of [VERSION, undefined, "9.8", "whsec_secret", 7]) {
    assertEquals((await check(version)).detail, WELL, String(version));
  }
});
