import { assertEquals } from "@std/assert";
import { checkHealth } from "../../../../cli/doctor/deployed.ts";
import { VERSION } from "../../../../supabase/functions/_clerk-supabase/version.ts";
import { envOf } from "../../../helpers/stack/platform.ts";

const url = "https://example.supabase.co";
const unused = () => Promise.reject(new TypeError("The check health reads no file"));
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

Deno.test("checkHealth() says which version is deployed where it is another one", async () => {
  const other = await check("9.8.7");
  assertEquals([other.status, other.detail], ["ok", `${WELL}; they are of version 9.8.7, and this is ${VERSION}`]);
});

Deno.test("checkHealth() says nothing of the same version, of none, and of what is no version", async () => {
  for (const version of [VERSION, undefined, "9.8", "whsec_secret", 7]) {
    assertEquals((await check(version)).detail, WELL, String(version));
  }
});
