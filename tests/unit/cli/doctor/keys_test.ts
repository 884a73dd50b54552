import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkInstanceId, checkIssuer, checkSigningKeys } from "../../../../cli/doctor/keys.ts";
import type { SigningKey } from "../../../../supabase/functions/_clerk-supabase/auth/jwks.ts";
import type { Installation } from "../../../../cli/doctor/installation.ts";
import { checkCandidate } from "../../../../cli/deploy/preflight.ts";
import { envOf } from "../../../helpers/stack/platform.ts";

const HOST = "https://clerk.example.com";
const PROXY = "https://example.com/__clerk";
const JWKS = "/.well-known/jwks.json";
const PROXIED = { CLERK_PUBLISHABLE_KEY: `pk_live_${btoa("clerk.example.com$")}`, CLERK_ISSUER: PROXY };

/** A key set with one key of an instance; the letter stands for the key's content. */
const jwks = (kid: string, letter = "a") => ({ keys: [{ kty: "RSA", kid, n: `w${letter.repeat(341)}`, e: "AQAB" }] });

/** An installation on a network that gives only these answers. */
function installation(
  variables: Record<string, string>,
  answers: Record<string, unknown> = {},
): Installation & { asked: string[] } {
  const asked: string[] = [];
  const unused = () => Promise.reject(new TypeError("No file is read"));
  return {
    asked,
    target: { url: "https://abcdefghijklmnopqrst.supabase.co", local: false, env: envOf(variables) },
    fetch: (url) => {
      asked.push(url);
      return url in answers ? Promise.resolve(Response.json(answers[url])) : Promise.reject(new TypeError("dns error"));
    },
    now: Date.now,
    readProject: unused,
    readMigrations: unused,
    readOwnColumns: unused,
  };
}

async function judge(
  variables: Record<string, string>,
  answers: Record<string, unknown> = {},
  asksClerk = true,
): Promise<{ status: string; text: string; asked: string[] }> {
  const given = installation(variables, answers);
  const { status, detail, fix } = await checkIssuer(given, asksClerk);
  return { status, text: `${detail} → ${fix}`, asked: given.asked };
}

Deno.test("checkIssuer() accepts a proxy that publishes the keys of the publishable key's host", async () => {
  const { status, text } = await judge(PROXIED, { [HOST + JWKS]: jwks("ins_a"), [PROXY + JWKS]: jwks("ins_a") });
  assertEquals(status, "ok");
  assertStringIncludes(text, `${PROXY} has the keys of clerk.example.com`);
});

Deno.test("checkIssuer() refuses an issuer with another instance's keys, even under the same key id", async () => {
  for (const other of [jwks("ins_b", "b"), jwks("ins_a", "b")]) {
    const { status, text } = await judge(PROXIED, { [HOST + JWKS]: jwks("ins_a"), [PROXY + JWKS]: other });
    assertEquals(status, "failed");
    assertStringIncludes(text, `${PROXY} of CLERK_ISSUER has other keys than clerk.example.com`);
    assertStringIncludes(text, "remove CLERK_ISSUER");
  }
});

Deno.test("checkIssuer() checks each of several issuers", async () => {
  const several = { ...PROXIED, CLERK_ISSUER: `${HOST}, ${PROXY}, https://clerk.elsewhere.example` };
  const answers = { [HOST + JWKS]: jwks("ins_a"), [PROXY + JWKS]: jwks("ins_a") };
  assertEquals((await judge(several, answers)).status, "ok");
  const foreign = { ...answers, [`https://clerk.elsewhere.example${JWKS}`]: jwks("ins_b", "b") };
  const { status, text } = await judge(several, foreign);
  assertEquals([status, text.includes(PROXY)], ["failed", false]);
});

Deno.test("checkIssuer() compares with the secret key's instance if the publishable key's host has no keys", async () => {
  const variables = { ...PROXIED, CLERK_SECRET_KEY: "sk_live_x" };
  const backend = "https://api.clerk.com/v1/jwks";
  assertEquals((await judge(variables, { [backend]: jwks("ins_a"), [PROXY + JWKS]: jwks("ins_a") })).status, "ok");
  const foreign = { [backend]: jwks("ins_a"), [PROXY + JWKS]: jwks("ins_b", "b") };
  assertEquals((await judge(variables, foreign)).status, "failed");
});

Deno.test("checkIssuer() compares the keys that CLERK_JWKS_URL names, as the functions do", async () => {
  const variables = { ...PROXIED, CLERK_JWKS_URL: `${HOST}${JWKS}` };
  assertEquals((await judge(variables, { [HOST + JWKS]: jwks("ins_a") })).status, "ok");
});

Deno.test("checkIssuer() skips addresses that it cannot compare, and sends requests only if allowed", async () => {
  assertEquals((await judge(PROXIED)).status, "skipped");
  assertEquals((await judge(PROXIED, { [HOST + JWKS]: jwks("ins_a") })).status, "skipped");
  assertEquals((await judge(PROXIED, { [PROXY + JWKS]: jwks("ins_a") })).status, "skipped");
  const { status, asked } = await judge(PROXIED, {}, false);
  assertEquals([status, asked], ["skipped", []]);
  const plain = { CLERK_PUBLISHABLE_KEY: PROXIED.CLERK_PUBLISHABLE_KEY };
  const own = await judge(plain);
  assertEquals([own.status, own.asked], ["ok", []]);
});

Deno.test("checkSigningKeys() passes if one of several addresses publishes keys, and names each fault if none does", async () => {
  const variables = { ...PROXIED, CLERK_ISSUER: `${HOST},${PROXY}` };
  const { check, keys } = await checkSigningKeys(installation(variables, { [HOST + JWKS]: jwks("ins_a") }));
  assertEquals([check.status, keys.map(({ kid }) => kid)], ["ok", ["ins_a"]]);
  assertStringIncludes(check.detail, "clerk.example.com publishes one, example.com publishes none");
  const none = (await checkSigningKeys(installation(variables, { [PROXY + JWKS]: {} }))).check;
  assertEquals(none.status, "failed");
  assertStringIncludes(
    none.detail,
    "clerk.example.com: its host name does not resolve; example.com: it publishes no RSA key",
  );
});

Deno.test("checkInstanceId() finds an id that is not the instance of the signing keys", async () => {
  const judgeId = async (id: string | undefined, kids: string[]) => {
    const keys = kids.flatMap((kid) => jwks(kid).keys as SigningKey[]);
    const variables = id === undefined ? {} : { CLERK_INSTANCE_ID: id };
    return await checkInstanceId(installation(variables), () => Promise.resolve(keys));
  };
  const typo = await judgeId("ins_labx", ["ins_lab"]);
  assertEquals(typo.status, "failed");
  assertStringIncludes(typo.fix!, "Remove CLERK_INSTANCE_ID");
  assertEquals((await judgeId("ins_lab", ["ins_old", "ins_lab"])).status, "ok");
  assertEquals((await judgeId("ins_lab", [])).status, "skipped");
  assertEquals((await judgeId("ins_lab", ["custom"])).status, "skipped");
  assertEquals((await judgeId(undefined, ["ins_lab"])).status, "skipped");
  assertEquals((await judgeId("lab", ["ins_lab"])).status, "skipped");
});

const ROOT = new URL("../../../../", import.meta.url);

/** The failed checks that stop a deployment of these variables. */
async function faultsOf(variables: Record<string, string>, answers: Record<string, unknown> = {}): Promise<string[]> {
  const { fetch, asked } = installation({}, answers);
  const secrets = { CLERK_WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ...variables };
  const url = "https://abcdefghijklmnopqrst.supabase.co";
  const { checks } = await checkCandidate({
    root: ROOT,
    bundle: undefined,
    url,
    secrets,
    names: [],
    fetch,
    now: Date.now,
  });
  assertEquals(asked.filter((one) => !/clerk/.test(one)), []);
  return checks.filter(({ status }) => status === "failed").map(({ name }) => name)
    // Unit tests run without permission to read supabase/config.toml.
    .filter((name) => name !== "verify-jwt");
}

Deno.test("checkCandidate() lets a proxied Clerk be deployed, whether or not its keys can be compared", async () => {
  assertEquals(await faultsOf(PROXIED), []);
  assertEquals(await faultsOf(PROXIED, { [HOST + JWKS]: jwks("ins_a"), [PROXY + JWKS]: jwks("ins_a") }), []);
  const foreign = { [HOST + JWKS]: jwks("ins_a"), [PROXY + JWKS]: jwks("ins_b", "b") };
  assertEquals(await faultsOf(PROXIED, foreign), ["issuer"]);
});

Deno.test("checkCandidate() finds a typo in CLERK_INSTANCE_ID", async () => {
  const plain = { CLERK_PUBLISHABLE_KEY: PROXIED.CLERK_PUBLISHABLE_KEY };
  const answers = { [HOST + JWKS]: jwks("ins_lab") };
  assertEquals(await faultsOf({ ...plain, CLERK_INSTANCE_ID: "ins_labx" }, answers), ["instance-id"]);
  assertEquals(await faultsOf({ ...plain, CLERK_INSTANCE_ID: "ins_lab" }, answers), []);
  assertEquals(await faultsOf({ ...plain, CLERK_INSTANCE_ID: "ins_labx" }), []);
});
