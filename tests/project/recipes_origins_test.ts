/** docs/recipes/origins.md: its values, read by the functions' configuration. */
import { assertEquals, assertThrows } from "@std/assert";
import { ApiError } from "../../supabase/functions/_clerk-supabase/errors.ts";
import { readCallerConfig } from "../../supabase/functions/_clerk-supabase/config.ts";
import { createOriginTest } from "../../supabase/functions/_clerk-supabase/formats/origins.ts";
import { documentedCode } from "../helpers/project/documented.ts";

const page = "docs/recipes/origins.md";

/** Reads the token configuration with lines such as `NAME=value` from the page. */
function readTokenConfig(...lines: string[]) {
  const variables = new Map([
    ["CLERK_PUBLISHABLE_KEY", `pk_live_${btoa("clerk.example.com$")}`],
    ["SUPABASE_URL", "https://example.supabase.co"],
    ["SUPABASE_PUBLISHABLE_KEYS", '{"default":"sb_publishable_x"}'],
    ...lines.map((line) => line.trim().split("=", 2) as [string, string]),
  ]);
  return readCallerConfig((name) => variables.get(name)).token;
}

Deno.test("the preview pattern allows only the team's deployments", async () => {
  const { authorizedParties } = readTokenConfig(await documentedCode(page, "my-app-*"));
  const isAllowed = createOriginTest(authorizedParties);
  const origins = [
    "https://app.example.com",
    "https://my-app-git-main-my-team.vercel.app",
    "https://my-app-evil.vercel.app",
    "https://evil-my-app-x-my-team.vercel.app",
    "https://x.vercel.app",
  ];
  assertEquals(origins.map(isAllowed), [true, true, false, false, false]);
});

Deno.test("a pattern that matches names anyone can register is refused", () => {
  const { code } = assertThrows(() => readTokenConfig("CLERK_AUTHORIZED_PARTIES=https://*.vercel.app"), ApiError);
  assertEquals(code, "CONFIG_INVALID");
});

Deno.test("satellites are several parties, and a proxy is an issuer with its own keys", async () => {
  const { authorizedParties } = readTokenConfig(await documentedCode(page, "app.example.org"));
  assertEquals(authorizedParties, ["https://app.example.com", "https://app.example.org"]);
  const { issuers } = readTokenConfig(await documentedCode(page, "CLERK_ISSUER="));
  assertEquals(issuers, ["https://clerk.example.com", "https://app.example.com/__clerk"]);
});
