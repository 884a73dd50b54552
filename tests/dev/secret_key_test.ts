/** The local stack's secret key is random, and no page of another site can use it. */
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { createGateway } from "../../dev/gateway/gateway.ts";
import { createSecretKey, readSecretKey } from "../../dev/gateway/secret_key.ts";
import { ProjectError } from "../../project/errors.ts";

const URL_OF_STACK = "http://127.0.0.1:54321";
const keys = { publishable: "sb_publishable_local_development", secret: createSecretKey() };

/** Calls the gateway, whose services answer 200. */
function call(path: string, headers: Record<string, string>, at = URL_OF_STACK): Promise<Response> {
  const answer = () => Promise.resolve(new Response("done"));
  const gateway = createGateway({
    url: URL_OF_STACK,
    keys,
    dataApi: answer,
    workers: { fetch: answer },
    functions: new Map([["health", {
      name: "health",
      entrypoint: new URL("file:///health.ts"),
      verifyJwt: false,
      settings: {},
    }]]),
    demo: () => Promise.resolve(undefined),
    read: () => Promise.resolve([]),
    readCaller: () => Promise.resolve(undefined),
  });
  return gateway(new Request(at + path, { method: "PATCH", headers }));
}

const CARRIERS: Record<string, (key: string) => [string, Record<string, string>]> = {
  "the header apikey": (key) => ["", { apikey: key }],
  "the header authorization": (key) => ["", { apikey: keys.publishable, authorization: `Bearer ${key}` }],
  "the query": (key) => [`?apikey=${key}`, {}],
};

for (const [carrier, carry] of Object.entries(CARRIERS)) {
  for (const path of ["/rest/v1/users", "/functions/v1/health"]) {
    const [query, headers] = carry(keys.secret);
    const foreign = [
      [{ origin: "https://evil.example" }, URL_OF_STACK],
      [{ origin: "null" }, URL_OF_STACK],
      [{ "sec-fetch-site": "cross-site" }, URL_OF_STACK],
      [{}, "http://evil.example:54321"],
    ] as const;

    Deno.test(`the gateway refuses the secret key in ${carrier} of another site's page at ${path}`, async () => {
      for (const [from, at] of foreign) {
        const response = await call(path + query, { ...headers, ...from }, at);
        assertEquals([response.status, (await response.json()).code], [401, "UNAUTHORIZED_SECRET_KEY"]);
      }
    });

    Deno.test(`the gateway accepts the secret key in ${carrier} of a program at ${path}`, async () => {
      for (const at of [URL_OF_STACK, "http://localhost:54321", "http://[::1]:54321", "http://192.0.2.7:54321"]) {
        assertEquals((await call(path + query, headers, at)).status, 200, at);
      }
    });
  }
}

Deno.test("the gateway accepts the publishable key from any page", async () => {
  const headers = { apikey: keys.publishable, origin: "https://app.example", "sec-fetch-site": "cross-site" };
  assertEquals((await call("/rest/v1/users", headers)).status, 200);
});

Deno.test("the secret key is random, and saved in a private file until it is renewed", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = new URL(`file://${folder}/state/secret-key`);
    const key = await readSecretKey(file, false);
    assertMatch(key, /^sb_secret_[A-Za-z0-9]{32}$/);
    assert(key !== createSecretKey());
    assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
    assertEquals(await readSecretKey(file, false), key);
    const renewed = await readSecretKey(file, true);
    assert(renewed !== key);
    assertEquals(await readSecretKey(file, false), renewed);
    await Deno.writeTextFile(file, "");
    const { message } = await assertRejects(() => readSecretKey(file, false), ProjectError);
    assertStringIncludes(message, "--renew-keys");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
