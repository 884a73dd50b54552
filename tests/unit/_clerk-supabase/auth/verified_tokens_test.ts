/** The memory of verified tokens, and attempts to have an invalid token accepted because of it. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { base64url, CompactSign } from "jose";
import { createTokenVerifier, type VerifyToken } from "../../../../supabase/functions/_clerk-supabase/auth/token.ts";
import {
  createVerifiedTokens,
  MAX_CHARACTERS,
  MAX_TOKENS,
} from "../../../../supabase/functions/_clerk-supabase/auth/verified_tokens.ts";
import type { TokenConfig } from "../../../../supabase/functions/_clerk-supabase/config.ts";
import { ApiError, type ErrorCode } from "../../../../supabase/functions/_clerk-supabase/errors.ts";
import { type Claims, type Issuer, sessionClaims } from "../../../../dev/clerk/issuer.ts";
import { issuerWith } from "../../../helpers/clerk/issuers.ts";

const NOW = 1_800_000_000;
const MINUTE = 60;
const clerk = await issuerWith("first", { kid: "ins_a" });
/** Another key with the same id. */
const renewed = await issuerWith("second", { kid: "ins_a" });
const other = await issuerWith("third", { kid: "ins_b" });

interface Setting {
  verify: VerifyToken;
  clock: { now: number };
  network: { answer: () => Response | Promise<Response>; fetches: number };
  /** Returns the number of signatures verified since the last call. */
  signatures: () => number;
}

const serving = (...issuers: Issuer[]) => () => Response.json({ keys: issuers.flatMap(({ jwks }) => jwks.keys) });

function setUp(config: Partial<TokenConfig> = {}): Setting {
  const clock = { now: NOW };
  const network: Setting["network"] = { answer: serving(clerk), fetches: 0 };
  const fetch = () => {
    network.fetches++;
    return Promise.resolve(network.answer());
  };
  const defaults = {
    issuers: [clerk.issuer],
    jwksUrl: undefined,
    jwtKey: undefined,
    authorizedParties: [],
    requireAzp: false,
  };
  const verify = createTokenVerifier({ ...defaults, ...config }, fetch, () => clock.now * 1000);
  let seen = verifications;
  const signatures = () => {
    const since = verifications - seen;
    seen = verifications;
    return since;
  };
  return { verify, clock, network, signatures };
}

/** Counts verifications in Web Crypto. The tests here run one after the other, so no other use is counted. */
let verifications = 0;
const subtleVerify = crypto.subtle.verify.bind(crypto.subtle);
crypto.subtle.verify = (...given: Parameters<typeof subtleVerify>) => {
  verifications++;
  return subtleVerify(...given);
};

/** Claims of a token that stays valid longer than a rotation, unless overridden. */
const sign = (overrides: Claims = {}, by = clerk) =>
  by.sign(sessionClaims(clerk.issuer, NOW, { exp: NOW + 24 * 60 * MINUTE, ...overrides }));

async function assertRefused(verify: VerifyToken, token: string, code: ErrorCode): Promise<void> {
  assertEquals((await assertRejects(() => verify(token), ApiError)).code, code);
}

Deno.test("a remembered token needs no second verification of its signature", async () => {
  const { verify, signatures, network } = setUp();
  const token = await sign({ act: { sub: "user_admin" }, o: { id: "org_acme", rol: "admin" } });
  const first = await verify(token);
  assertEquals(signatures(), 1);
  for (let use = 0; use < 3; use++) assertEquals(await verify(token), first);
  assertEquals([signatures(), network.fetches], [0, 1]);
});

Deno.test("a remembered token needs no second verification by a pinned key", async () => {
  const { verify, signatures } = setUp({ jwtKey: clerk.pem });
  const token = await sign();
  await verify(token);
  await verify(token);
  assertEquals(signatures(), 1);
});

Deno.test("a remembered token does not vouch for the same claims, signed by another key", async () => {
  const { verify } = setUp();
  await verify(await sign());
  for (const by of [renewed, other]) {
    const forged = await sign({}, by);
    for (let use = 0; use < 2; use++) {
      await assertRefused(verify, forged, by === renewed ? "TOKEN_SIGNATURE_INVALID" : "TOKEN_KEY_UNKNOWN");
    }
  }
});

Deno.test("a remembered token does not vouch for one with any character changed", async () => {
  const { verify } = setUp();
  const token = await sign();
  await verify(token);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const [index, character] of [...token].entries()) {
    const replacement = alphabet[(alphabet.indexOf(character) + 32) % 64];
    const changed = token.slice(0, index) + replacement + token.slice(index + 1);
    assertEquals((await assertRejects(() => verify(changed), ApiError)).status, 401, `character ${index}`);
  }
});

Deno.test("a remembered token does not vouch for another spelling of the same bytes", async () => {
  const { verify, signatures } = setUp();
  const token = await sign();
  await verify(token);
  signatures();
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  // In the base64 of 256 bytes, four bits of the last character are unused.
  const last = alphabet.indexOf(token.at(-1)!);
  const spellings = Array.from({ length: 15 }, (_, bits) => token.slice(0, -1) + alphabet[last ^ (bits + 1)]);
  for (const spelling of [...spellings, `${token}=`, `${token}==`, `${token} `, `${token}\n`]) {
    const verified = await verify(spelling).then(() => true, () => false);
    // It must either be refused or have its own signature verified.
    assert(signatures() === 1 || !verified, spelling.slice(-4));
  }
});

Deno.test("a remembered token is refused from the second of its expiry", async () => {
  const { verify, clock, signatures } = setUp();
  const token = await sign({ exp: NOW + 60 });
  await verify(token);
  clock.now = NOW + 64;
  await verify(token);
  clock.now = NOW + 64.999;
  await verify(token);
  assertEquals(signatures(), 1);
  clock.now = NOW + 65;
  await assertRefused(verify, token, "TOKEN_EXPIRED");
  await assertRefused(verify, token, "TOKEN_EXPIRED");
});

Deno.test("a remembered token is refused while it is not valid yet, if the clock is set back", async () => {
  const { verify, clock } = setUp();
  for (
    const [claims, code] of [
      [{ nbf: NOW + 5, iat: undefined }, "TOKEN_NOT_YET_VALID"],
      [{ nbf: undefined, iat: NOW + 5 }, "TOKEN_ISSUED_IN_FUTURE"],
    ] as const
  ) {
    const token = await sign(claims);
    clock.now = NOW;
    await verify(token);
    clock.now = NOW - 1;
    await assertRefused(verify, token, code);
    clock.now = NOW;
    await verify(token);
  }
});

Deno.test("a remembered token is refused once its key is revoked", async () => {
  const { verify, clock, network } = setUp();
  const token = await sign();
  await verify(token);
  network.answer = serving(other);
  // Keys older than an hour are fetched again before use.
  clock.now += 61 * MINUTE;
  await assertRefused(verify, token, "TOKEN_KEY_UNKNOWN");
  await verify(await sign({}, other));
});

Deno.test("a remembered token is refused once another key has the id of its key", async () => {
  const { verify, clock, network } = setUp();
  const token = await sign();
  await verify(token);
  network.answer = serving(renewed);
  clock.now += 61 * MINUTE;
  await assertRefused(verify, token, "TOKEN_SIGNATURE_INVALID");
  await verify(await sign({}, renewed));
});

Deno.test("a remembered token is refused if its key is gone after another token's unknown key caused a fetch", async () => {
  const { verify, clock, network } = setUp();
  const token = await sign();
  await verify(token);
  network.answer = serving(other);
  clock.now += 30;
  await verify(await sign({}, other));
  await assertRefused(verify, token, "TOKEN_KEY_UNKNOWN");
});

Deno.test("a remembered token is verified again after its keys were fetched again, even if they are the same", async () => {
  const { verify, clock, signatures, network } = setUp();
  const token = await sign();
  await verify(token);
  clock.now += 61 * MINUTE;
  await verify(token);
  await verify(token);
  assertEquals([signatures(), network.fetches], [2, 2]);
});

Deno.test("a remembered token is accepted through an outage of Clerk, as its keys are", async () => {
  const { verify, clock, signatures, network } = setUp();
  const token = await sign();
  await verify(token);
  network.answer = () => new Response("", { status: 503 });
  clock.now += 61 * MINUTE;
  await verify(token);
  assertEquals([signatures(), network.fetches], [1, 2]);
});

Deno.test("a remembered token is verified each time if several keys have the id of its key", async () => {
  const { verify, signatures, network } = setUp();
  network.answer = serving(renewed, clerk);
  const token = await sign();
  await verify(token);
  const first = signatures();
  await verify(token);
  assertEquals([first, signatures()], [2, 2]);
});

Deno.test("a remembered token is not accepted by verifiers with another issuer, party or key", async () => {
  const token = await sign();
  await setUp().verify(token);
  const settings: Array<[Partial<TokenConfig>, ErrorCode]> = [
    [{ issuers: ["https://other.clerk.accounts.dev"] }, "TOKEN_ISSUER_INVALID"],
    [{ authorizedParties: ["https://other.example.com"] }, "TOKEN_PARTY_NOT_AUTHORIZED"],
    [{ jwtKey: other.pem }, "TOKEN_SIGNATURE_INVALID"],
  ];
  for (const [config, code] of settings) await assertRefused(setUp(config).verify, token, code);
});

Deno.test("a remembered token is verified by its own issuer's keys, one of several", async () => {
  const proxied = await issuerWith("second", { issuer: "https://example.com/__clerk", kid: "ins_a" });
  const { verify, network, signatures } = setUp({ issuers: [clerk.issuer, proxied.issuer] });
  const ours = await sign();
  await verify(ours);
  network.answer = serving(proxied);
  const theirs = await proxied.sign(sessionClaims(proxied.issuer, NOW));
  await verify(theirs);
  await Promise.all([verify(ours), verify(theirs)]);
  assertEquals(signatures(), 2);
  await assertRefused(verify, await proxied.sign(sessionClaims(clerk.issuer, NOW)), "TOKEN_SIGNATURE_INVALID");
});

Deno.test("a refused token is not remembered", async () => {
  const { verify, clock, signatures } = setUp({ authorizedParties: ["https://app.example.com"] });
  const refusals: Array<[Claims, ErrorCode]> = [
    [{ azp: "https://evil.example" }, "TOKEN_PARTY_NOT_AUTHORIZED"],
    [{ sts: "pending" }, "SESSION_PENDING"],
    [{ role: undefined }, "ROLE_CLAIM_MISSING"],
    [{ act: null }, "TOKEN_CLAIM_INVALID"],
    [{ sid: undefined }, "TOKEN_NOT_A_SESSION"],
  ];
  for (const [claims, code] of refusals) {
    const token = await sign(claims);
    for (let use = 0; use < 2; use++) await assertRefused(verify, token, code);
    assertEquals(signatures(), 2, code);
  }
  const early = await sign({ nbf: NOW + 60 });
  await assertRefused(verify, early, "TOKEN_NOT_YET_VALID");
  clock.now += 60;
  await verify(early);
});

Deno.test("a remembered token gives each caller its own copy of the claims", async () => {
  const { verify } = setUp();
  const token = await sign({ o: { id: "org_acme", rol: "admin" }, act: { sub: "user_admin" } });
  const first = await verify(token);
  const kept = structuredClone(first);
  const changed = await verify(token);
  for (const session of [first, changed]) {
    session.claims.sub = "user_eve";
    session.claims.exp = NOW + 1_000_000;
    Object.assign(session.claims.o as object, { id: "org_evil" });
    session.actor!.sub = "user_eve";
    session.userId = "user_eve";
  }
  const next = await verify(token);
  assertEquals(next, kept);
  assert(next.claims !== (await verify(token)).claims);
});

Deno.test("a remembered token cannot change a prototype, and names of a prototype are not tokens", async () => {
  const { verify } = setUp();
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "size"]) {
    await assertRefused(verify, name, "TOKEN_MALFORMED");
  }
  const [header, payload] = [{ alg: "RS256", kid: "ins_a" }, sessionClaims(clerk.issuer, NOW)].map((part) =>
    JSON.stringify(part)
  ) as [string, string];
  const claims = payload.replace("{", '{"__proto__":{"role":"service_role"},');
  const input = [header, claims].map((part) => base64url.encode(part)).join(".");
  const bytes = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", clerk.privateKey, new TextEncoder().encode(input));
  const token = `${input}.${base64url.encode(new Uint8Array(bytes))}`;
  const first = await verify(token);
  const second = await verify(token);
  assertEquals(second, first);
  assert(Object.hasOwn(second.claims, "__proto__"));
  assertEquals(Object.getPrototypeOf(second.claims), Object.prototype);
  assertEquals(({} as Record<string, unknown>).role, undefined);
});

Deno.test("a remembered token may be used many times at once, from its first use on", async () => {
  const { verify, signatures, network } = setUp();
  const token = await sign();
  const forged = await sign({}, renewed);
  const uses = Array.from({ length: 50 }, (_, use) => use % 5 === 0 ? forged : token);
  const results = await Promise.allSettled(uses.map((one) => verify(one)));
  assertEquals(results.map(({ status }) => status), uses.map((one) => one === token ? "fulfilled" : "rejected"));
  assertEquals(network.fetches, 1);
  signatures();
  await verify(token);
  assertEquals(signatures(), 0);
});

Deno.test("a remembered token is refused if its key was revoked while the token was being verified", async () => {
  const { verify, clock, network } = setUp();
  await verify(await sign());
  const fetching = Promise.withResolvers<Response>();
  network.answer = () => fetching.promise;
  // Keys older than 10 minutes are used once more while new ones are fetched.
  clock.now += 11 * MINUTE;
  const token = await sign({ jti: "verified by a key that is being replaced" });
  const verifying = verify(token);
  fetching.resolve(serving(other)());
  await verifying;
  await verify(await sign({}, other));
  await assertRefused(verify, token, "TOKEN_KEY_UNKNOWN");
});

const verified = (claims: Claims = {}) => ({ payload: claims, protectedHeader: { alg: "RS256" }, key: undefined });

Deno.test("createVerifiedTokens() keeps at most 1,000 of 10,000 tokens, the newest", () => {
  const tokens = createVerifiedTokens();
  const names = Array.from({ length: 10_000 }, (_, index) => `token ${index}`);
  const counts: number[] = [];
  for (const [index, name] of names.entries()) {
    tokens.remember(name, verified({ name }));
    // Around the times when the older half is dropped.
    if (index % 500 < 2 || index % 500 === 499) counts.push(names.filter((one) => tokens.recall(one)).length);
  }
  assertEquals([MAX_TOKENS, Math.max(...counts), Math.min(...counts.slice(4))], [1_000, 1_000, 501]);
  const kept = names.filter((name) => tokens.recall(name) !== undefined);
  assertEquals(kept, names.slice(-kept.length));
  assertEquals(tokens.recall("token 9999")!.payload, { name: "token 9999" });
});

Deno.test("createVerifiedTokens() keeps no more characters than its limit", () => {
  const tokens = createVerifiedTokens();
  const claims = { text: "y".repeat(8 * 1024) };
  const names = Array.from({ length: 1_000 }, (_, index) => `token ${index} `.padEnd(8 * 1024, "x"));
  const size = 8 * 1024 + JSON.stringify(claims).length;
  const most = Math.floor(MAX_CHARACTERS / size);
  for (const [index, name] of names.entries()) {
    tokens.remember(name, verified(claims));
    const kept = names.filter((one) => tokens.recall(one) !== undefined).length;
    assert(kept <= most && kept >= Math.min(index + 1, Math.floor(most / 2)), `${kept} of ${most}`);
  }
  // Remembering and forgetting one token repeatedly does not use up space.
  for (let use = 0; use < 1_000; use++) {
    tokens.remember("token", verified(claims));
    tokens.forget("token");
    assertEquals(tokens.recall("token"), undefined);
  }
});

Deno.test("createVerifiedTokens() hands out headers that cannot be changed", () => {
  const tokens = createVerifiedTokens();
  tokens.remember("token", verified());
  assert(Object.isFrozen(tokens.recall("token")!.protectedHeader));
});

Deno.test("a token with a number that JSON cannot hold gets the same answer each time", async () => {
  const { verify } = setUp();
  for (const [text, by] of [['"exp":1e400', '"exp":1'], ['"extra":-1e400', '"extra":1']] as const) {
    const claims = JSON.stringify(
      sessionClaims(clerk.issuer, NOW, { exp: by.startsWith('"exp"') ? 1 : NOW + 60, extra: 1 }),
    );
    const token = await new CompactSign(new TextEncoder().encode(claims.replace(by, text)))
      .setProtectedHeader({ alg: "RS256", kid: clerk.kid, typ: "JWT", cat: "cl_B7d4PD111AAA" })
      .sign(clerk.privateKey);
    const outcome = () => verify(token).then((session) => session, ({ code }) => code);
    const first = await outcome();
    assertEquals(await outcome(), first);
    assert(typeof first === "object", String(first));
  }
});
