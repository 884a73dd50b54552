/**
 * The verifier of session tokens, its keys, and the import of a caller's user.
 *
 * @module
 */
import type { Mutation, NamedTest } from "../mutation.ts";

const TOKEN = "supabase/functions/_clerk-supabase/auth/token.ts";
const AUTHENTICATE = "supabase/functions/_clerk-supabase/auth/authenticate.ts";
const SIGNATURE = "supabase/functions/_clerk-supabase/auth/signature.ts";
const TOKENS_KEPT = "supabase/functions/_clerk-supabase/auth/verified_tokens.ts";
const KEYS = "supabase/functions/_clerk-supabase/auth/token_keys.ts";
const FINDER = "supabase/functions/_clerk-supabase/auth/key_finder.ts";
const JWKS = "supabase/functions/_clerk-supabase/auth/jwks.ts";
const REMEMBER = "supabase/functions/_clerk-supabase/clerk/remember.ts";

const verifier = (criterion: string): NamedTest => ({
  file: "tests/unit/_clerk-supabase/auth/token_test.ts",
  name: `createTokenVerifier() ${criterion}`,
});
const repeated = (criterion: string): NamedTest => ({
  file: "tests/unit/_clerk-supabase/auth/verified_tokens_test.ts",
  name: `a remembered token ${criterion}`,
});
const keyStore = (criterion: string): NamedTest => ({
  file: "tests/unit/_clerk-supabase/auth/jwks_test.ts",
  name: `createKeyStore() ${criterion}`,
});
const profile: NamedTest = {
  file: "tests/e2e/profile_test.ts",
  name: "profile refuses every token that is not a session token of this instance",
};
const kinds = verifier("refuses other tokens of the same issuer and key");
const parties = verifier("checks the party if both sides name one");
const skew = verifier("allows 5 s of skew and not one second more");
const states = verifier("distinguishes a pending session and a missing role from a bad token");

/** Mutations of the verification of callers. */
export const TOKENS: Mutation[] = [
  {
    id: "token-algorithm",
    file: SIGNATURE,
    find: `algorithms: ["RS256"],`,
    replace: `algorithms: ["RS256", "HS256"],`,
    test: verifier("refuses every algorithm but RS256, before it asks for a key"),
  },
  {
    id: "token-key-of-its-own",
    file: SIGNATURE,
    find: "return await jwtVerify(token, keys.find, options);",
    replace: `const find: JWTVerifyGetKey = async (header, jws) =>
      header?.jwk ? (await import("jose")).EmbeddedJWK(header, jws) : await keys.find(header, jws);
    return await jwtVerify(token, find, options);`,
    test: verifier("refuses another key under the same kid, and a key inside the token"),
  },
  {
    id: "token-signature",
    file: SIGNATURE,
    find: "return await jwtVerify(token, keys.find, options);",
    replace: `await jwtVerify(token, keys.find, options).catch(() => {});
    return { payload: decodeJwt(token), protectedHeader: decodeProtectedHeader(token) } as JWTVerifyResult;`,
    test: profile,
  },
  {
    id: "token-issuer",
    file: SIGNATURE,
    find: "          issuer,\n          clockTolerance",
    replace: "          clockTolerance",
    test: verifier("refuses any issuer but its own"),
  },
  {
    id: "token-category",
    file: TOKEN,
    find: " || !SESSION_CATEGORIES.includes(header.cat as string | undefined)",
    replace: "",
    test: kinds,
  },
  {
    id: "token-session-id",
    file: TOKEN,
    find: ` &&
    typeof payload.sid === "string" && payload.sid !== "";`,
    replace: ";",
    test: kinds,
  },
  { id: "token-type", file: TOKEN, find: "if (!typed || ", replace: "if (", test: kinds },
  {
    id: "token-user",
    file: TOKEN,
    find: ` && payload.sub.startsWith("user_")`,
    replace: "",
    test: kinds,
  },
  {
    id: "token-party",
    file: TOKEN,
    find: "if (authorizedParties.length > 0 && !isAuthorized(azp)) {",
    replace: "if (false) {",
    test: parties,
  },
  {
    id: "token-party-required",
    file: TOKEN,
    find: `if (requireAzp) throw refuse("TOKEN_PARTY_NOT_AUTHORIZED", "it has no azp claim");`,
    replace: "",
    test: parties,
  },
  {
    id: "token-skew",
    file: SIGNATURE,
    find: "const SKEW_SECONDS = 5;",
    replace: "const SKEW_SECONDS = 6;",
    test: skew,
  },
  {
    id: "token-issued-in-future",
    file: TOKEN,
    find: `if (iat > now + SKEW_SECONDS) throw refuse("TOKEN_ISSUED_IN_FUTURE", "it was issued in the future");`,
    replace: "",
    test: skew,
  },
  {
    id: "token-pending",
    file: TOKEN,
    find: `if (sts !== undefined && sts !== "active") {`,
    replace: `if (sts === "pending") {`,
    test: states,
  },
  { id: "token-role", file: TOKEN, find: `if (role !== "authenticated") {`, replace: "if (!role) {", test: states },
  {
    id: "token-actor",
    file: TOKEN,
    find: "actor: isObject(claims.act) ? claims.act : undefined,",
    replace: "actor: undefined,",
    test: verifier("returns the actor of an impersonation"),
  },
  {
    id: "token-pinned-key",
    file: KEYS,
    find: "if (config.jwtKey !== undefined) {",
    replace: "if (false) {",
    test: verifier("with a pinned key uses no network"),
  },
  {
    id: "remembered-expiry",
    file: TOKEN,
    find: `if (typeof exp !== "number" || exp <= now - SKEW_SECONDS) throw refuse("TOKEN_EXPIRED", "it has expired");`,
    replace: "",
    test: repeated("is refused from the second of its expiry"),
  },
  {
    id: "remembered-not-before",
    file: TOKEN,
    find:
      `if (nbf !== undefined && nbf > now + SKEW_SECONDS) throw refuse("TOKEN_NOT_YET_VALID", "it is not valid yet");`,
    replace: "",
    test: repeated("is refused while it is not valid yet, if the clock is set back"),
  },
  {
    id: "remembered-key",
    file: SIGNATURE,
    find: "return await find().catch(() => undefined) === key;",
    replace: "return true;",
    test: repeated("is refused once its key is revoked"),
  },
  {
    id: "remembered-claims",
    file: TOKENS_KEPT,
    find: "payload: JSON.parse(known.claims)",
    replace: "payload: (known as unknown as VerifiedToken).payload ??= JSON.parse(known.claims)",
    test: repeated("gives each caller its own copy of the claims"),
  },
  {
    id: "remembered-bound",
    file: TOKENS_KEPT,
    find: "newer.size >= MAX_TOKENS / 2 || ",
    replace: "",
    test: {
      file: "tests/unit/_clerk-supabase/auth/verified_tokens_test.ts",
      name: "createVerifiedTokens() keeps at most 1,000 of 10,000 tokens, the newest",
    },
  },
  {
    id: "guest",
    file: AUTHENTICATE,
    find:
      `if (token === undefined) throw new ApiError("TOKEN_MALFORMED", "Cannot authenticate: expected Bearer and one token");`,
    replace: "if (token === undefined) return undefined;",
    test: {
      file: "tests/unit/_clerk-supabase/auth/authenticate_test.ts",
      name: "optionalUser() never treats an invalid token as a guest",
    },
  },
  {
    id: "guest-expired",
    file: AUTHENTICATE,
    find: "return await verify(token);",
    replace: "return await verify(token).catch(() => undefined);",
    test: {
      file: "tests/unit/_clerk-supabase/auth/authenticate_test.ts",
      name: "optionalUser() never treats an invalid token as a guest",
    },
  },
  {
    id: "keys-cool-down",
    file: JWKS,
    find: "const COOL_DOWN_MS = 30_000;",
    replace: "const COOL_DOWN_MS = 0;",
    test: keyStore("fetches once per cool-down during a storm of unknown keys"),
  },
  {
    id: "keys-rotated",
    file: FINDER,
    find: "if (await store.refresh(used)) return await setOf(await store.current())(header, token);",
    replace: "",
    test: keyStore("finds a new key after the cool-down"),
  },
  {
    id: "keys-refreshed",
    file: JWKS,
    find: "else if (age > FRESH_MS) refresh();",
    replace: "",
    test: keyStore("refreshes keys in the background after 10 minutes"),
  },
  {
    id: "import-memory",
    file: REMEMBER,
    find: "const MEMORY_MS = 10_000;",
    replace: "const MEMORY_MS = 0;",
    test: {
      file: "tests/unit/profile/import_user_test.ts",
      name: "createImportUser() remembers a failure for 10 s",
    },
  },
  {
    id: "import-stampede",
    file: REMEMBER,
    find: "if (known && known.until > now()) return known.result;",
    replace: "",
    test: {
      file: "tests/e2e/profile_test.ts",
      name: "profile imports a user whose webhook has not arrived once, even for concurrent requests",
    },
  },
];
