/**
 * A Clerk instance as a verifier sees it: real keys, and tokens of any shape.
 *
 * @module
 */
import { exportJWK, exportSPKI, generateKeyPair, type JSONWebKeySet, type JWTPayload, SignJWT } from "jose";

/** Claims of any shape: tests sign what no issuer would. What is undefined is left out. */
export type Claims = Record<string, unknown>;

/** An instance that can sign anything. */
export interface Issuer {
  issuer: string;
  kid: string;
  jwks: JSONWebKeySet;
  /** The public key as PEM. */
  pem: string;
  privateKey: CryptoKey;
  /** Signs claims; what is undefined is left out. */
  sign: (claims: Claims, header?: Record<string, unknown>) => Promise<string>;
}

/** Makes an instance with a key of its own. */
export async function createIssuer(
  { issuer = "https://example.clerk.accounts.dev", kid = "ins_test" } = {},
): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...await exportJWK(publicKey), kid, alg: "RS256", use: "sig" };
  return {
    issuer,
    kid,
    jwks: { keys: [jwk] },
    pem: await exportSPKI(publicKey),
    privateKey,
    sign: (claims, header = {}) =>
      new SignJWT(withoutUndefined(claims))
        .setProtectedHeader({ alg: "RS256", kid, typ: "JWT", cat: "cl_B7d4PD111AAA", ...header })
        .sign(privateKey),
  };
}

/** Claims of a good session token, version 2, issued at `now` (seconds). */
export function sessionClaims(issuer: string, now: number, overrides: Claims = {}): Claims {
  return {
    azp: "https://app.example.com",
    exp: now + 60,
    fva: [0, -1],
    iat: now,
    iss: issuer,
    jti: "jti",
    nbf: now - 10,
    role: "authenticated",
    sid: "sess_1",
    sts: "active",
    sub: "user_ada",
    v: 2,
    ...overrides,
  };
}

function withoutUndefined(claims: Claims): JWTPayload {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}
