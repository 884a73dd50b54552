import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { errors, type JWTHeaderParameters } from "jose";
import { createKeyStore } from "../../../../supabase/functions/_clerk-supabase/auth/jwks.ts";
import { createKeyFinder } from "../../../../supabase/functions/_clerk-supabase/auth/key_finder.ts";
import { createTokenVerifier } from "../../../../supabase/functions/_clerk-supabase/auth/token.ts";
import { ApiError } from "../../../../supabase/functions/_clerk-supabase/errors.ts";
import { sessionClaims } from "../../../../dev/clerk/issuer.ts";
import { issuerWith } from "../../../helpers/clerk/issuers.ts";
import { manualTimers } from "../../../helpers/timers.ts";

const URL_OF_KEYS = "https://example.clerk.accounts.dev/.well-known/jwks.json";
const first = await issuerWith("first", { kid: "ins_a" });
const second = await issuerWith("second", { kid: "ins_b" });
const MINUTE = 60_000;

function setUp(answer: () => Response | Promise<Response>) {
  const network = { answer, fetches: 0, init: undefined as RequestInit | undefined };
  const clock = { now: 1_800_000_000_000 };
  const fetch = async (_: string, init?: RequestInit) => {
    network.fetches++;
    network.init = init;
    await Promise.resolve();
    return network.answer();
  };
  const store = createKeyStore(URL_OF_KEYS, fetch, () => clock.now);
  const findKey = createKeyFinder(store);
  const find = (kid: string) => findKey({ alg: "RS256", kid } as JWTHeaderParameters, {} as never);
  return { network, clock, store, find, fetch };
}

const serving = (issuer: typeof first) => () => Response.json(issuer.jwks);
const down = () => Promise.reject(new TypeError("network"));

Deno.test("createKeyStore() fetches on first use, and once for a burst", async () => {
  const { network, find } = setUp(serving(first));
  assertEquals(network.fetches, 0);
  await Promise.all(Array.from({ length: 100 }, () => find("ins_a")));
  assertEquals([network.fetches, network.init?.redirect], [1, "error"]);
});

Deno.test("createKeyStore() fetches once per cool-down during a storm of unknown keys", async () => {
  const { network, clock, find } = setUp(serving(first));
  await find("ins_a");
  clock.now += 30_000;
  for (let request = 0; request < 100; request++) {
    await assertRejects(async () => await find("ins_unknown"), errors.JWKSNoMatchingKey);
  }
  assertEquals(network.fetches, 2);
});

Deno.test("createKeyStore() finds a new key after the cool-down", async () => {
  const { network, clock, find } = setUp(serving(first));
  await find("ins_a");
  network.answer = serving(second);
  clock.now += 29_999;
  await assertRejects(async () => await find("ins_b"), errors.JWKSNoMatchingKey);
  clock.now += 1;
  const [found] = await Promise.allSettled([find("ins_b")]);
  assertEquals([found.status, network.fetches], ["fulfilled", 2]);
});

Deno.test("createKeyStore() keeps its keys through an outage, and fetches again later", async () => {
  const { network, clock, find } = setUp(serving(first));
  await find("ins_a");
  network.answer = down;
  clock.now += 24 * 60 * MINUTE;
  for (let request = 0; request < 10; request++) await find("ins_a");
  assertEquals(network.fetches, 2);
  network.answer = serving(second);
  clock.now += 30_000;
  await find("ins_b");
});

Deno.test("createKeyStore() refreshes keys in the background after 10 minutes", async () => {
  const { network, clock, find } = setUp(serving(first));
  await find("ins_a");
  clock.now += 10 * MINUTE;
  await find("ins_a");
  assertEquals(network.fetches, 1);
  clock.now += 1;
  await find("ins_a");
  assertEquals(network.fetches, 2);
});

Deno.test("createKeyStore() reports an unknown key as an outage if Clerk cannot be reached", async () => {
  const { network, clock, find } = setUp(serving(first));
  await find("ins_a");
  network.answer = down;
  clock.now += 30_000;
  const error = await assertRejects(async () => await find("ins_b"), ApiError);
  assertEquals([error.code, error.headers["retry-after"]], ["JWKS_UNAVAILABLE", "5"]);
});

Deno.test("createKeyStore() without keys is unavailable, and fetches at most once a second", async () => {
  const { network, clock, find, store } = setUp(down);
  for (let request = 0; request < 10; request++) {
    assertEquals((await assertRejects(async () => await find("ins_a"), ApiError)).code, "JWKS_UNAVAILABLE");
  }
  assertEquals([network.fetches, await store.ids()], [1, []]);
  network.answer = serving(first);
  clock.now += 1_000;
  await find("ins_a");
});

Deno.test("createKeyStore() rejects a response that is not a key set or is too long", async () => {
  const bad = [
    () => new Response("<html>"),
    () => Response.json({ keys: [] }),
    () => Response.json({ keys: "none" }),
    () => Response.json({ keys: [null] }),
    () => Response.json({ keys: [{}] }),
    () => Response.json({ keys: [{ ...first.jwks.keys[0], n: undefined }] }),
    () => Response.json({ keys: [{ ...first.jwks.keys[0], n: first.jwks.keys[0]!.n!.slice(0, 171) }] }),
    // A short modulus or an empty one, with leading zeros.
    () =>
      Response.json({ keys: [{ ...first.jwks.keys[0], n: "A".repeat(172) + first.jwks.keys[0]!.n!.slice(0, 171) }] }),
    () => Response.json({ keys: [{ ...first.jwks.keys[0], n: "A".repeat(342) }] }),
    () => Response.json({ keys: [{ ...first.jwks.keys[0], n: `f${first.jwks.keys[0]!.n!.slice(1)}` }] }),
    () => Response.json({ keys: [{ ...first.jwks.keys[0], n: "not base64url ".repeat(30) }] }),
    () => Response.json({ keys: [{ ...first.jwks.keys[0], d: "AQAB" }] }),
    () => Response.json({ keys: [{ ...first.jwks.keys[0], kid: 7 }] }),
    () => Response.json({ keys: [{ ...first.jwks.keys[0], use: "enc" }] }),
    () => Response.json({ keys: [{ ...first.jwks.keys[0], alg: "RS512" }] }),
    () => Response.json(first.jwks, { status: 500 }),
    () => Response.json({ ...first.jwks, padding: "x".repeat(70_000) }),
  ];
  for (const answer of bad) {
    const { find } = setUp(answer);
    assertEquals((await assertRejects(async () => await find("ins_a"), ApiError)).code, "JWKS_UNAVAILABLE");
  }
});

Deno.test("createKeyStore() keeps its keys if a response has no signing key", async () => {
  const { network, clock, find } = setUp(serving(first));
  await find("ins_a");
  network.answer = () => Response.json({ keys: [{ kty: "EC", kid: "ins_a" }] });
  clock.now += 24 * 60 * MINUTE;
  await find("ins_a");
  assertEquals(network.fetches, 2);
});

Deno.test("createKeyStore() gives up on a slow response after 3 s", async () => {
  const timers = manualTimers();
  const store = createKeyStore(
    URL_OF_KEYS,
    (_, init) => {
      const { promise, reject } = Promise.withResolvers<Response>();
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      return promise;
    },
    Date.now,
    timers.after,
  );
  const ids = store.ids();
  assertEquals(timers.startedMs(), [3_000]);
  timers.fire(3_000);
  assertEquals(await ids, []);
});

Deno.test("createTokenVerifier() notices a rotated key that kept its id", async () => {
  const renewed = await issuerWith("third", { kid: "ins_a" });
  const { network, clock, fetch } = setUp(serving(first));
  const config = {
    issuers: [first.issuer],
    jwksUrl: URL_OF_KEYS,
    jwtKey: undefined,
    authorizedParties: [],
    requireAzp: false,
  };
  const verify = createTokenVerifier(config, fetch, () => clock.now);
  const claims = () => sessionClaims(first.issuer, clock.now / 1000);
  await verify(await first.sign(claims()));
  network.answer = serving(renewed);
  clock.now += 30_000;
  await verify(await renewed.sign(claims()));
  await assertRejects(async () => await verify(await first.sign(claims())), ApiError);
  assertEquals(network.fetches, 2);
});

Deno.test("createTokenVerifier() accepts every request of a burst after a key was rotated under its id", async () => {
  const renewed = await issuerWith("third", { kid: "ins_a" });
  const { network, clock, fetch } = setUp(serving(first));
  const config = {
    issuers: [first.issuer],
    jwksUrl: URL_OF_KEYS,
    jwtKey: undefined,
    authorizedParties: [],
    requireAzp: false,
  };
  const verify = createTokenVerifier(config, fetch, () => clock.now);
  await verify(await first.sign(sessionClaims(first.issuer, clock.now / 1000)));
  network.answer = serving(renewed);
  clock.now += 30_000;
  const signed = Array.from({ length: 50 }, (_, index) =>
    renewed.sign(
      sessionClaims(first.issuer, clock.now / 1000, { jti: String(index) }),
    ));
  const results = await Promise.allSettled((await Promise.all(signed)).map((token) => verify(token)));
  assertEquals(results.filter(({ status }) => status === "rejected").length, 0);
  assertEquals(network.fetches, 2);
});

Deno.test("createKeyStore() reports a refresh to every caller that used the replaced keys", async () => {
  const { network, clock, store } = setUp(serving(first));
  const used = await store.current();
  clock.now += 30_000;
  assertEquals([await store.refresh(used), await store.refresh(used)], [true, true]);
  assertEquals([await store.refresh(store.held()), await store.refresh(), network.fetches], [false, false, 2]);
});

Deno.test("createKeyStore() blames Clerk for an outage, and our variables for an address without keys", async () => {
  const refusal = async (answer: () => Promise<Response>) => {
    const find = createKeyFinder(createKeyStore(URL_OF_KEYS, answer, Date.now));
    const { status, code, headers, message } = await assertRejects(
      async () => await find({ alg: "RS256", kid: "ins_a" }, { payload: "", signature: "" }),
      ApiError,
    );
    assertEquals([status, code, headers["retry-after"]], [503, "JWKS_UNAVAILABLE", "5"]);
    return message;
  };
  const outages = [500, 502, 503, 504, 429, 408].map((status) => () => Promise.resolve(new Response("", { status })));
  for (const answer of [...outages, () => Promise.reject(new TypeError("network"))]) {
    const message = await refusal(answer);
    assertStringIncludes(message, "Clerk's signing keys cannot be fetched");
    assertEquals(message.includes("CLERK_"), false, message);
  }
  const wrong = [
    () => Promise.resolve(new Response("Not found", { status: 404 })),
    () => Promise.resolve(new Response("<!doctype html>", { headers: { "content-type": "text/html" } })),
    () => Promise.resolve(Response.json({ keys: [] })),
  ];
  for (const answer of wrong) assertStringIncludes(await refusal(answer), "Check CLERK_PUBLISHABLE_KEY");
});
