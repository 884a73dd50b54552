import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  readCorsOrigins,
  readProfileConfig,
  readTokenConfig,
  readWebhookConfig,
} from "../../../supabase/functions/_clerk-supabase/config.ts";
import { ApiError } from "../../../supabase/functions/_clerk-supabase/errors.ts";
import { issuerWith } from "../../helpers/clerk/issuers.ts";
import { envOf } from "../../helpers/stack/platform.ts";

const KEY = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const WEBHOOK = {
  CLERK_WEBHOOK_SECRET: `whsec_${KEY}`,
  SUPABASE_URL: "http://kong:8000",
  SUPABASE_SERVICE_ROLE_KEY: "service",
};
const PROFILE = {
  CLERK_PUBLISHABLE_KEY: "pk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk",
  SUPABASE_URL: "https://project.supabase.co/",
  SUPABASE_ANON_KEY: "anon",
};

const webhook = (overrides: Record<string, string> = {}) => readWebhookConfig(envOf({ ...WEBHOOK, ...overrides }));
const profile = (overrides: Record<string, string> = {}) => readProfileConfig(envOf({ ...PROFILE, ...overrides }));

function assertNames(name: string, code: string, run: () => unknown, hidden?: string): void {
  const error = assertThrows(run, ApiError);
  assertEquals(error.code, code);
  assertStringIncludes(error.message, name);
  if (hidden) assertEquals(error.message.includes(hidden), false, error.message);
}

Deno.test("readWebhookConfig() needs the secret, the URL and the service key, and names a missing one", () => {
  for (const name of Object.keys(WEBHOOK)) {
    const named = name.replace("SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SERVICE_ROLE_KEY");
    assertNames(named, "CONFIG_MISSING", () => webhook({ [name]: "" }));
    assertNames(named, "CONFIG_MISSING", () => webhook({ [name]: "  " }));
  }
  assertEquals(webhook(), {
    secrets: [`whsec_${KEY}`],
    deleteMode: "hard",
    organizationDeleteMode: "hard",
    keepEvents: [],
    instanceId: undefined,
    jwksUrls: [],
    service: { url: "http://kong:8000", key: "service" },
  });
});

Deno.test("readWebhookConfig() reads which events to keep, and names the variable if a pattern is malformed", () => {
  const given = "subscription.*, subscriptionItem.*\n email.created,email.created";
  assertEquals(webhook({ CLERK_KEEP_EVENTS: given }).keepEvents, [
    "subscription.*",
    "subscriptionItem.*",
    "email.created",
  ]);
  for (const value of ["*", "subscription*", "email.created;sms.created", "subscription.*.x"]) {
    assertNames("CLERK_KEEP_EVENTS", "CONFIG_INVALID", () => webhook({ CLERK_KEEP_EVENTS: value }));
  }
});

Deno.test("readWebhookConfig() reads several secrets under both names", () => {
  const other = btoa("a secret of 24 bytes or more");
  const given = { CLERK_WEBHOOK_SECRET: `whsec_${KEY}, whsec_${other}`, CLERK_WEBHOOK_SIGNING_SECRET: `whsec_${KEY}` };
  assertEquals(webhook(given).secrets, [`whsec_${KEY}`, `whsec_${other}`]);
  assertEquals(webhook({ CLERK_WEBHOOK_SECRET: "", CLERK_WEBHOOK_SIGNING_SECRET: KEY }).secrets, [KEY]);
});

Deno.test("readWebhookConfig() refuses placeholders and short secrets, and does not repeat them", () => {
  for (const secret of ["whsec_changeme", "whsec_", `whsec_${btoa("23 bytes are too few...")}`, "whsec_not base64!"]) {
    assertNames("CLERK_WEBHOOK_SECRET", "CONFIG_INVALID", () => webhook({ CLERK_WEBHOOK_SECRET: secret }), "changeme");
  }
  assertNames(
    "CLERK_WEBHOOK_SIGNING_SECRET",
    "CONFIG_INVALID",
    () => webhook({ CLERK_WEBHOOK_SIGNING_SECRET: "whsec_x" }),
  );
});

Deno.test("readWebhookConfig() finds the address of the instance's keys in any of three variables", () => {
  assertEquals(
    webhook({ CLERK_PUBLISHABLE_KEY: PROFILE.CLERK_PUBLISHABLE_KEY }).jwksUrls,
    ["https://example.accounts.dev/.well-known/jwks.json"],
  );
  assertEquals(webhook({ CLERK_JWKS_URL: "https://keys.example/jwks" }).jwksUrls, ["https://keys.example/jwks"]);
  assertEquals(webhook({ CLERK_ISSUER: "http://127.0.0.1:9/" }).jwksUrls, ["http://127.0.0.1:9/.well-known/jwks.json"]);
});

Deno.test("readWebhookConfig() reads the delete mode, and refuses any other word", () => {
  const { deleteMode, organizationDeleteMode } = webhook({ CLERK_DELETE_MODE: "soft" });
  assertEquals([deleteMode, organizationDeleteMode], ["soft", "soft"]);
  const own = webhook({ CLERK_ORGANIZATION_DELETE_MODE: "soft" });
  assertEquals([own.deleteMode, own.organizationDeleteMode], ["hard", "soft"]);
  assertNames(
    "CLERK_ORGANIZATION_DELETE_MODE",
    "CONFIG_INVALID",
    () => webhook({ CLERK_ORGANIZATION_DELETE_MODE: "x" }),
  );
  assertNames("CLERK_DELETE_MODE", "CONFIG_INVALID", () => webhook({ CLERK_DELETE_MODE: "Soft" }));
});

Deno.test("readWebhookConfig() refuses a malformed instance id, which would drop every event", () => {
  assertEquals(webhook({ CLERK_INSTANCE_ID: "ins_2abC" }).instanceId, "ins_2abC");
  for (const id of ["prod", '"ins_x"', "ins_a, ins_b", "app_123", "ins_"]) {
    assertNames("CLERK_INSTANCE_ID", "CONFIG_INVALID", () => webhook({ CLERK_INSTANCE_ID: id }));
  }
});

Deno.test("readWebhookConfig() does not read variables that only other functions need", () => {
  const read = new Set<string>();
  readWebhookConfig((name) => {
    read.add(name);
    return envOf(WEBHOOK)(name);
  });
  for (const name of ["CLERK_SECRET_KEY", "CLERK_JWT_KEY", "CLERK_REQUIRE_AZP", "SUPABASE_ANON_KEY"]) {
    assertEquals(read.has(name), false, name);
  }
});

Deno.test("readProfileConfig() needs no service key and no secret key", () => {
  assertEquals(profile(), {
    token: {
      issuers: ["https://example.accounts.dev"],
      jwksUrl: undefined,
      jwtKey: undefined,
      authorizedParties: [],
      requireAzp: false,
    },
    caller: { url: "https://project.supabase.co", key: "anon" },
    lazyCreate: undefined,
  });
  for (const name of Object.keys(PROFILE)) assertNames(name, "CONFIG_MISSING", () => profile({ [name]: "" }));
});

Deno.test("readProfileConfig() allows creating missing rows if both keys are configured", () => {
  assertEquals(profile({ CLERK_SECRET_KEY: "sk_test_x" }).lazyCreate, undefined);
  assertEquals(profile({ SUPABASE_SERVICE_ROLE_KEY: "service" }).lazyCreate, undefined);
  assertEquals(profile({ CLERK_SECRET_KEY: "sk_test_x", SUPABASE_SERVICE_ROLE_KEY: "service" }).lazyCreate, {
    clerk: { url: "https://api.clerk.com", secretKey: "sk_test_x" },
    service: { url: "https://project.supabase.co", key: "service" },
  });
  const bad = { CLERK_SECRET_KEY: "pk_test_x", SUPABASE_SERVICE_ROLE_KEY: "service" };
  assertNames("CLERK_SECRET_KEY", "CONFIG_INVALID", () => profile(bad), "pk_test_x");
});

Deno.test("Supabase's new keys come before the legacy ones: the default, else the first by name", () => {
  const key = (json: string) => profile({ SUPABASE_PUBLISHABLE_KEYS: json }).caller.key;
  assertEquals(key('{"a":"sb_publishable_a","default":"sb_publishable_d"}'), "sb_publishable_d");
  assertEquals(key('{"web":"sb_publishable_w","app":"sb_publishable_a"}'), "sb_publishable_a");
  assertEquals([key(""), key("{}")], ["anon", "anon"]);
  for (const bad of ["sb_publishable_x", "[]", '{"default":7}', "null"]) {
    assertNames("SUPABASE_PUBLISHABLE_KEYS", "CONFIG_INVALID", () => key(bad));
  }
});

Deno.test("readTokenConfig() accepts only https URLs, and http on this machine", () => {
  const issuer = (value: string) => readTokenConfig(envOf({ ...PROFILE, CLERK_ISSUER: value })).issuers.join();
  assertEquals(issuer("https://clerk.example.com/"), "https://clerk.example.com");
  for (const local of ["http://127.0.0.1:54350", "http://localhost:1", "http://[::1]:2"]) {
    assertEquals(issuer(local), local);
  }
  const bad = [
    ...["http://clerk.example.com", "ftp://a.example", "clerk.example.com", "http://127.0.0.1.evil.example"],
    ...[
      "https://user:pass@a.example",
      "https://a.example?x=1",
      "https://a.example#x",
      "javascript:alert(1)",
      "https://a.example/?",
      "https://a.example/#",
    ],
  ];
  for (const value of bad) assertNames("CLERK_ISSUER", "CONFIG_INVALID", () => issuer(value), "pass");
});

Deno.test("readTokenConfig() reads several issuers, each of which must be a URL", () => {
  const read = (value: string) => readTokenConfig(envOf({ ...PROFILE, CLERK_ISSUER: value })).issuers;
  const both = ["https://clerk.example.com", "https://example.com/__clerk"];
  assertEquals(read(both.join(",")), both);
  assertEquals(read(` ${both[0]}/ , ${both[1]}/\n${both[0]}`), both);
  for (const bad of [`${both[0]},http://clerk.example.com`, `${both[0]},clerk.example.com`]) {
    assertNames("CLERK_ISSUER", "CONFIG_INVALID", () => read(bad));
  }
  const env = envOf({ ...WEBHOOK, CLERK_ISSUER: both.join(",") });
  assertEquals(readWebhookConfig(env).jwksUrls, both.map((issuer) => `${issuer}/.well-known/jwks.json`));
});

Deno.test("readTokenConfig() reads keys, parties and the strict mode, and names a malformed variable", async () => {
  const { pem } = await issuerWith("first");
  const given = {
    CLERK_JWT_KEY: pem.trim().replaceAll("\n", "\\n"),
    CLERK_AUTHORIZED_PARTIES: "https://a.example, https://b.example",
    CLERK_REQUIRE_AZP: "true",
  };
  const { jwtKey, authorizedParties, requireAzp } = readTokenConfig(envOf({ ...PROFILE, ...given }));
  assertEquals(jwtKey, pem.trim());
  assertEquals([authorizedParties, requireAzp], [["https://a.example", "https://b.example"], true]);
  assertNames(
    "CLERK_AUTHORIZED_PARTIES",
    "CONFIG_MISSING",
    () => readTokenConfig(envOf({ ...PROFILE, CLERK_REQUIRE_AZP: "true" })),
  );
  for (
    const party of [
      "*",
      "https://*",
      "https://*.com",
      "https://*.vercel.app",
      "a.example",
      "https://*.example",
      "'https://a.example'",
      "https://a.example/x",
    ]
  ) {
    const parties = envOf({ ...PROFILE, CLERK_AUTHORIZED_PARTIES: party });
    assertNames("CLERK_AUTHORIZED_PARTIES", "CONFIG_INVALID", () => readTokenConfig(parties));
  }
  const bad = { CLERK_PUBLISHABLE_KEY: "pk_test_x", CLERK_JWT_KEY: "AAAA", CLERK_REQUIRE_AZP: "yes" };
  for (const [name, value] of Object.entries(bad)) {
    assertNames(name, "CONFIG_INVALID", () => readTokenConfig(envOf({ ...PROFILE, [name]: value })));
  }
});

Deno.test("readTokenConfig() reads origins as browsers write them, and patterns for previews", () => {
  const given = "https://App.example:443/ https://*-my-team.vercel.app,http://localhost:3000/";
  const { authorizedParties } = readTokenConfig(envOf({ ...PROFILE, CLERK_AUTHORIZED_PARTIES: given }));
  assertEquals(authorizedParties, ["https://app.example", "https://*-my-team.vercel.app", "http://localhost:3000"]);
});

Deno.test("readCorsOrigins() defaults to any origin, and refuses other values", () => {
  const origins = (value: string) => readCorsOrigins(envOf({ CORS_ALLOWED_ORIGINS: value }));
  assertEquals(origins(""), ["*"]);
  const several = ["https://a.example", "http://localhost:3000", "capacitor://localhost"];
  assertEquals(origins(several.join(",")), several);
  assertEquals(origins("https://A.example:443/"), ["https://a.example"]);
  assertEquals(origins("*, https://a.example"), ["*", "https://a.example"]);
  for (const bad of ["a.example", "https://*.example", "https://a.example/path", "*,a.example"]) {
    assertNames("CORS_ALLOWED_ORIGINS", "CONFIG_INVALID", () => origins(bad));
  }
});
