import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { base64url, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { createTokenVerifier } from "../../../../supabase/functions/_clerk-supabase/auth/token.ts";
import type { TokenConfig } from "../../../../supabase/functions/_clerk-supabase/config.ts";
import { ApiError, type ErrorCode } from "../../../../supabase/functions/_clerk-supabase/errors.ts";
import { type Claims, sessionClaims } from "../../../../dev/clerk/issuer.ts";
import { issuerWith } from "../../../helpers/clerk/issuers.ts";

const NOW = 1_800_000_000;
const clerk = await issuerWith("first");
const impostor = await issuerWith("second");

function verifier(config: Partial<TokenConfig> = {}, now = NOW) {
  const defaults = {
    issuers: [clerk.issuer],
    jwksUrl: undefined,
    jwtKey: undefined,
    authorizedParties: [],
    requireAzp: false,
  };
  const fetch = () => Promise.resolve(Response.json(clerk.jwks));
  return createTokenVerifier({ ...defaults, ...config }, fetch, () => now * 1000);
}

const claims = (overrides: Claims = {}) => sessionClaims(clerk.issuer, NOW, overrides);

async function assertRefused(token: string, code: ErrorCode, verify = verifier()): Promise<void> {
  assertEquals((await assertRejects(() => verify(token), ApiError)).code, code);
}

Deno.test("createTokenVerifier() returns the caller", async () => {
  const token = await clerk.sign(claims());
  const session = await verifier()(token);
  assertEquals([session.userId, session.sessionId, session.token, session.actor], [
    "user_ada",
    "sess_1",
    token,
    undefined,
  ]);
  assertEquals(session.claims.v, 2);
});

Deno.test("createTokenVerifier() accepts every kind of session token", async () => {
  const good: Array<[Claims, Record<string, unknown>]> = [
    [{ v: undefined, org_id: "org_1" }, { cat: undefined }],
    [{ azp: undefined }, { typ: undefined }],
    [{ sts: undefined }, { cat: "cl_I7d4PD111III" }],
    [{ nbf: undefined, iat: undefined }, {}],
  ];
  for (const [overrides, header] of good) await verifier()(await clerk.sign(claims(overrides), header));
});

Deno.test("createTokenVerifier() returns the actor of an impersonation", async () => {
  const act = { iss: "https://dashboard.clerk.com", sid: "sess_admin", sub: "user_admin" };
  assertEquals((await verifier()(await clerk.sign(claims({ act })))).actor, act);
});

Deno.test("createTokenVerifier() returns the active organization from claims of either version", async () => {
  const acme = { id: "org_acme", role: "org:admin", permissions: ["org:invoices:create"] };
  const org = { org_id: "org_acme", org_role: "org:admin", org_permissions: acme.permissions };
  const o = { id: "org_acme", slg: "acme", rol: "admin", per: "read,create", fpm: "2" };
  const session = async (given: Claims) => (await verifier()(await clerk.sign(claims(given)))).organization;
  assertEquals(await session({ o, fea: "o:invoices" }), acme);
  assertEquals(await session({ v: undefined, ...org }), acme);
  assertEquals([await session({}), await session(org)], [undefined, undefined], "version 2 without o has none");
});

Deno.test("createTokenVerifier() refuses other tokens of the same issuer and key", async () => {
  const other: Array<[Claims, Record<string, unknown>]> = [
    [{ sub: "mch_1" }, { cat: "cl_B7d4PD333AAA" }],
    [{ sub: "mch_1" }, {}],
    [{}, { cat: "cl_B7d4PD222AAA" }],
    [{}, { cat: "cl_B7d4PD333AAA" }],
    [{}, { cat: "unknown" }],
    [{}, { typ: "at+jwt" }],
    [{}, { typ: "application/at+jwt" }],
    [{ sid: undefined }, {}],
    [{ sid: "" }, {}],
    [{ sid: 7 }, {}],
  ];
  for (const [overrides, header] of other) {
    await assertRefused(await clerk.sign(claims(overrides), header), "TOKEN_NOT_A_SESSION");
  }
});

Deno.test("createTokenVerifier() refuses every algorithm but RS256, before it asks for a key", async () => {
  const unsigned = (header: unknown) =>
    [header, claims()].map((part) => base64url.encode(JSON.stringify(part))).join(".") + ".";
  for (const alg of ["none", "None", "RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256"]) {
    await assertRefused(unsigned({ alg, kid: clerk.kid }), "TOKEN_ALGORITHM_NOT_ALLOWED");
  }
  for (const secret of [clerk.pem, JSON.stringify(clerk.jwks.keys[0])]) {
    const token = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: clerk.kid })
      .sign(new TextEncoder().encode(secret));
    await assertRefused(token, "TOKEN_ALGORITHM_NOT_ALLOWED");
  }
});

Deno.test("createTokenVerifier() refuses another key under the same kid, and a key inside the token", async () => {
  await assertRefused(await impostor.sign(claims()), "TOKEN_SIGNATURE_INVALID");
  await assertRefused(await impostor.sign(claims(), { jwk: impostor.jwks.keys[0] }), "TOKEN_SIGNATURE_INVALID");
  for (const name of ["jku", "x5u"]) {
    await assertRefused(await impostor.sign(claims(), { [name]: "https://evil.example" }), "TOKEN_SIGNATURE_INVALID");
  }
  await assertRefused(await impostor.sign(claims(), { kid: "ins_other" }), "TOKEN_KEY_UNKNOWN");
});

Deno.test("createTokenVerifier() refuses a token that was changed, shortened or lengthened", async () => {
  const token = await clerk.sign(claims());
  const [header, payload, signature] = token.split(".") as [string, string, string];
  const forged = base64url.encode(JSON.stringify(claims({ sub: "user_eve" })));
  await assertRefused(`${header}.${forged}.${signature}`, "TOKEN_SIGNATURE_INVALID");
  await assertRefused(`${header}.${payload}.`, "TOKEN_SIGNATURE_INVALID");
  for (const bad of ["", "a", "a.b", "a.b.c", `${header}.${payload}`, `${token}.x`, token.replace(/^./, "!")]) {
    await assertRefused(bad, "TOKEN_MALFORMED");
  }
  await assertRefused(await clerk.sign(claims({ padding: "x".repeat(8_000) })), "TOKEN_MALFORMED");
  const critical = new SignJWT(claims()).setProtectedHeader({ alg: "RS256", kid: clerk.kid, crit: ["x"], x: 1 });
  await assertRefused(await critical.sign(clerk.privateKey, { crit: { x: true } }), "TOKEN_MALFORMED");
});

Deno.test("createTokenVerifier() refuses a token with any character changed", async () => {
  const token = await clerk.sign(claims());
  const verify = verifier();
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const [index, character] of [...token].entries()) {
    // A character with different upper bits, because the lower bits of a part's last character may be unused.
    const other = alphabet[(alphabet.indexOf(character) + 32) % 64];
    const changed = token.slice(0, index) + other + token.slice(index + 1);
    const error = await assertRejects(() => verify(changed), ApiError);
    assertEquals(error.status, 401, `character ${index}: ${error.code}`);
  }
});

Deno.test("createTokenVerifier() does not use another issuer's key, even under the same kid", async () => {
  const other = await issuerWith("second", { issuer: "https://other.clerk.accounts.dev", kid: clerk.kid });
  const theirs = sessionClaims(other.issuer, NOW);
  await assertRefused(await other.sign(theirs), "TOKEN_SIGNATURE_INVALID");
  const config = {
    issuers: [other.issuer],
    jwksUrl: undefined,
    jwtKey: undefined,
    authorizedParties: [],
    requireAzp: false,
  };
  const verifyTheirs = createTokenVerifier(config, () => Promise.resolve(Response.json(other.jwks)), () => NOW * 1000);
  await verifyTheirs(await other.sign(theirs));
  await assertRefused(await clerk.sign(claims({ iss: other.issuer })), "TOKEN_SIGNATURE_INVALID", verifyTheirs);
});

Deno.test("createTokenVerifier() refuses any issuer but its own", async () => {
  const { issuer } = clerk;
  for (const iss of [`${issuer}/`, `${issuer}.evil.example`, issuer.slice(0, -1), "https://evil.example"]) {
    await assertRefused(await clerk.sign(claims({ iss })), "TOKEN_ISSUER_INVALID");
  }
  await assertRefused(await clerk.sign(claims({ iss: undefined })), "TOKEN_ISSUER_INVALID");
});

Deno.test("createTokenVerifier() accepts each of several issuers by that issuer's own keys", async () => {
  const proxied = await issuerWith("second", { issuer: "https://example.com/__clerk", kid: clerk.kid });
  const asked: string[] = [];
  const verify = createTokenVerifier(
    {
      issuers: [clerk.issuer, proxied.issuer],
      jwksUrl: undefined,
      jwtKey: undefined,
      authorizedParties: [],
      requireAzp: false,
    },
    (url) => {
      asked.push(url);
      return Promise.resolve(Response.json(url.startsWith(proxied.issuer) ? proxied.jwks : clerk.jwks));
    },
    () => NOW * 1000,
  );
  const theirs = (overrides: Claims = {}) => sessionClaims(proxied.issuer, NOW, overrides);
  await verify(await clerk.sign(claims()));
  assertEquals(asked, [`${clerk.issuer}/.well-known/jwks.json`]);
  await verify(await proxied.sign(theirs()));
  assertEquals(asked.length, 2);
  await assertRefused(await clerk.sign(theirs()), "TOKEN_SIGNATURE_INVALID", verify);
  await assertRefused(await proxied.sign(claims()), "TOKEN_SIGNATURE_INVALID", verify);
  for (const iss of [`${proxied.issuer}/`, "https://example.com", `${proxied.issuer}.evil.example`, undefined, 7]) {
    await assertRefused(await clerk.sign(claims({ iss })), "TOKEN_ISSUER_INVALID", verify);
  }
  const list = await clerk.sign(claims({ iss: [clerk.issuer, proxied.issuer] }));
  await assertRefused(list, "TOKEN_ISSUER_INVALID", verify);
  for (const bad of ["", "a.b.c", "a"]) await assertRefused(bad, "TOKEN_MALFORMED", verify);
});

Deno.test("createTokenVerifier() fetches one key set for several issuers if jwksUrl is set", async () => {
  const asked: string[] = [];
  const verify = createTokenVerifier(
    {
      issuers: ["https://example.com/__clerk", clerk.issuer],
      jwksUrl: "https://keys.example/jwks",
      jwtKey: undefined,
      authorizedParties: [],
      requireAzp: false,
    },
    (url) => {
      asked.push(url);
      return Promise.resolve(Response.json(clerk.jwks));
    },
    () => NOW * 1000,
  );
  await verify(await clerk.sign(claims()));
  await verify(await clerk.sign(claims({ iss: "https://example.com/__clerk" })));
  assertEquals(asked, ["https://keys.example/jwks"]);
});

Deno.test("createTokenVerifier() allows 5 s of skew and not one second more", async () => {
  const expiring = await clerk.sign(claims({ exp: NOW }));
  await verifier({}, NOW + 4)(expiring);
  await assertRefused(expiring, "TOKEN_EXPIRED", verifier({}, NOW + 5));
  const early = await clerk.sign(claims({ nbf: NOW + 5, iat: undefined }));
  await verifier()(early);
  await assertRefused(early, "TOKEN_NOT_YET_VALID", verifier({}, NOW - 1));
  const future = await clerk.sign(claims({ iat: NOW + 5, nbf: undefined }));
  await verifier()(future);
  await assertRefused(future, "TOKEN_ISSUED_IN_FUTURE", verifier({}, NOW - 1));
});

Deno.test("createTokenVerifier() refuses claims that are missing or of the wrong type", async () => {
  const bad = [{ exp: undefined }, { sub: undefined }, { exp: "soon" }, { nbf: "now" }, { iat: "now" }];
  for (const overrides of bad) {
    await assertRefused(await clerk.sign(claims(overrides)), "TOKEN_CLAIM_INVALID");
  }
});

Deno.test("createTokenVerifier() checks the party if both sides name one", async () => {
  const listed = verifier({ authorizedParties: ["https://app.example.com"] });
  await listed(await clerk.sign(claims()));
  await listed(await clerk.sign(claims({ azp: undefined })));
  for (const azp of ["https://evil.example", "https://app.example.com.evil.example"]) {
    await assertRefused(await clerk.sign(claims({ azp })), "TOKEN_PARTY_NOT_AUTHORIZED", listed);
  }
  for (const azp of [["https://app.example.com"], null, 7, {}, [""], false]) {
    await assertRefused(await clerk.sign(claims({ azp })), "TOKEN_CLAIM_INVALID", listed);
  }
  await assertRefused(await clerk.sign(claims({ azp: " " })), "TOKEN_PARTY_NOT_AUTHORIZED", listed);
  const strict = verifier({ authorizedParties: ["https://app.example.com"], requireAzp: true });
  await strict(await clerk.sign(claims()));
  await assertRefused(await clerk.sign(claims({ azp: undefined })), "TOKEN_PARTY_NOT_AUTHORIZED", strict);
});

Deno.test("createTokenVerifier() accepts parties that match a pattern, and no lookalikes", async () => {
  const verify = verifier({ authorizedParties: ["https://*-my-team.vercel.app"] });
  await verify(await clerk.sign(claims({ azp: "https://app-git-main-my-team.vercel.app" })));
  for (
    const azp of [
      "https://evil.com/-my-team.vercel.app",
      "https://a.b-my-team.vercel.app.evil.com",
      "https://a.b-my-team.vercel.app",
      "https://*-my-team.vercel.app",
      "https://app.example.com",
    ]
  ) await assertRefused(await clerk.sign(claims({ azp })), "TOKEN_PARTY_NOT_AUTHORIZED", verify);
});

Deno.test("createTokenVerifier() treats an empty azp as absent", async () => {
  const token = await clerk.sign(claims({ azp: "" }));
  await verifier()(token);
  await verifier({ authorizedParties: ["https://app.example.com"] })(token);
  const strict = verifier({ authorizedParties: ["https://app.example.com"], requireAzp: true });
  await assertRefused(token, "TOKEN_PARTY_NOT_AUTHORIZED", strict);
});

Deno.test("createTokenVerifier() refuses an act that is not an object", async () => {
  for (const act of [null, "user_admin", "", 7, 0, true, false, [], [{ sub: "user_admin" }]]) {
    await assertRefused(await clerk.sign(claims({ act })), "TOKEN_CLAIM_INVALID");
  }
});

Deno.test("createTokenVerifier() names the token of a JWT template in its error", async () => {
  const template = new SignJWT({ iss: clerk.issuer, sub: "user_ada", role: "authenticated", aud: "authenticated" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" }).setExpirationTime(NOW + 60);
  const token = await template.sign(new TextEncoder().encode("the project's JWT secret"));
  const error = await assertRejects(() => verifier()(token), ApiError);
  assertEquals([error.status, error.code], [401, "TOKEN_ALGORITHM_NOT_ALLOWED"]);
  assertStringIncludes(error.message, "made from a JWT template; call getToken() without one");
});

Deno.test("createTokenVerifier() names a token of another kind in its error, with its code", async () => {
  const kinds: Array<[token: string, code: ErrorCode, kind: string]> = [
    [await clerk.sign(claims({ sub: "mch_1", sid: undefined })), "TOKEN_NOT_A_SESSION", "machine token"],
    [await clerk.sign(claims(), { typ: "at+jwt" }), "TOKEN_NOT_A_SESSION", "OAuth access token"],
    [await clerk.sign(claims({ sid: undefined })), "TOKEN_NOT_A_SESSION", "JWT template"],
    ["oat_1234", "TOKEN_MALFORMED", "OAuth access token"],
    ["sb_secret_1234", "TOKEN_MALFORMED", "key of the Supabase project"],
    [await impostor.sign(claims(), { kid: "ins_other" }), "TOKEN_KEY_UNKNOWN", "another instance"],
    ["abc", "TOKEN_MALFORMED", "not a JWT"],
  ];
  for (const [token, code, kind] of kinds) {
    const error = await assertRejects(() => verifier()(token), ApiError);
    assertEquals(error.code, code);
    assertStringIncludes(error.message, kind);
  }
});

Deno.test("createTokenVerifier() tries each of several keys that are published under one kid", async () => {
  const [twin, stranger] = [await issuerWith("second"), await issuerWith("third")];
  const published = { keys: [...twin.jwks.keys, ...clerk.jwks.keys] };
  const fetch = () => Promise.resolve(Response.json(published));
  const config = { issuers: [clerk.issuer], jwksUrl: undefined, jwtKey: undefined, authorizedParties: [] };
  const verify = createTokenVerifier({ ...config, requireAzp: false }, fetch, () => NOW * 1000);
  await verify(await clerk.sign(claims()));
  await verify(await twin.sign(claims()));
  await assertRefused(await stranger.sign(claims()), "TOKEN_SIGNATURE_INVALID", verify);
  await assertRefused(await twin.sign(claims({ exp: NOW - 60 })), "TOKEN_EXPIRED", verify);
  await assertRefused(await clerk.sign(claims(), { kid: undefined }), "TOKEN_KEY_UNKNOWN", verify);
});

Deno.test("createTokenVerifier() finds the good key among unusable ones with the same kid", async () => {
  const [good] = clerk.jwks.keys;
  const short = await issuerWith("second");
  const unusable = [
    { ...good, n: "A".repeat(342) },
    { ...good, n: `${"A".repeat(172)}${short.jwks.keys[0]!.n!.slice(0, 171)}` },
    { ...good, e: "AA" },
    { ...good, e: "no number" },
    { ...good, use: "enc" },
    { ...good, d: "AQAB" },
    { kty: "oct", kid: good!.kid, alg: "HS256", k: "c2VjcmV0" },
    { kty: "EC", kid: good!.kid, alg: "ES256" },
  ];
  for (const key of unusable) {
    for (const keys of [[key, good], [good, key]]) {
      const fetch = () => Promise.resolve(Response.json({ keys }));
      const config = { issuers: [clerk.issuer], jwksUrl: undefined, jwtKey: undefined, authorizedParties: [] };
      const verify = createTokenVerifier({ ...config, requireAzp: false }, fetch, () => NOW * 1000);
      await verify(await clerk.sign(claims()));
      await assertRefused(await short.sign(claims()), "TOKEN_SIGNATURE_INVALID", verify);
    }
  }
});

Deno.test("createTokenVerifier() distinguishes a pending session and a missing role from a bad token", async () => {
  for (const sts of ["pending", "", null, "new"]) {
    await assertRefused(await clerk.sign(claims({ sts })), "SESSION_PENDING");
  }
  await assertRefused(await clerk.sign(claims({ role: undefined })), "ROLE_CLAIM_MISSING");
  await assertRefused(await clerk.sign(claims({ role: "service_role" })), "ROLE_CLAIM_MISSING");
});

Deno.test("createTokenVerifier() names CLERK_JWT_KEY if the pinned key is invalid or unsafe", async () => {
  const { publicKey } = await generateKeyPair("ES256", { extractable: true });
  const garbage = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----";
  const parameters = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 1024,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const { publicKey: short } = await crypto.subtle.generateKey(parameters, true, ["sign", "verify"]);
  for (const jwtKey of [garbage, await exportSPKI(publicKey), await exportSPKI(short)]) {
    await assertRefused(await clerk.sign(claims()), "CONFIG_INVALID", verifier({ jwtKey }));
  }
});

Deno.test("createTokenVerifier() with a pinned key uses no network", async () => {
  const { issuer, pem } = clerk;
  const config = { issuers: [issuer], jwksUrl: undefined, jwtKey: pem, authorizedParties: [], requireAzp: false };
  let requests = 0;
  const fetch = () => {
    requests++;
    return Promise.resolve(Response.json(clerk.jwks));
  };
  const verify = createTokenVerifier(config, fetch, () => NOW * 1000);
  await verify(await clerk.sign(claims()));
  await assertRefused(await impostor.sign(claims()), "TOKEN_SIGNATURE_INVALID", verify);
  assertEquals(requests, 0);
});
