/**
 * A minimal Clerk instance for verifiers: real keys that can sign any token.
 *
 * @module
 */
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type GenerateKeyPairResult,
  type JSONWebKeySet,
  type JWTPayload,
  SignJWT,
} from "jose";

/** Claims of any shape, because tests sign tokens that no issuer would. Undefined claims are left out. */
export type Claims = Record<string, unknown>;

/** An instance that signs any claims. */
export interface Issuer {
  issuer: string;
  kid: string;
  jwks: JSONWebKeySet;
  /** The public key as PEM. */
  pem: string;
  privateKey: CryptoKey;
  /** Signs claims and leaves out undefined ones. */
  sign: (claims: Claims, header?: Record<string, unknown>) => Promise<string>;
}

/** Options of an instance. */
export interface IssuerOptions {
  issuer?: string;
  kid?: string;
  /** Its keys; new ones if undefined. */
  keys?: GenerateKeyPairResult;
}

/** Creates the keys of an instance, which takes 0.1 s of CPU time. */
export function createIssuerKeys(): Promise<GenerateKeyPairResult> {
  return generateKeyPair("RS256", { extractable: true });
}

/** Creates an instance. */
export async function createIssuer(
  { issuer = "https://example.clerk.accounts.dev", kid = "ins_test", keys }: IssuerOptions = {},
): Promise<Issuer> {
  const { publicKey, privateKey } = keys ?? await createIssuerKeys();
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

/** Returns the claims of a valid session token, version 2, issued at `now` (in seconds). */
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
