/**
 * Whether Clerk signed a token: signature, issuer and times, by jose and the issuer's keys.
 *
 * @module
 */
import { decodeProtectedHeader } from "jose/decode/protected_header";
import * as errors from "jose/errors";
import { decodeJwt } from "jose/jwt/decode";
import { jwtVerify } from "jose/jwt/verify";
import type { JWTVerifyOptions, JWTVerifyResult, ResolvedKey } from "jose";
import type { TokenConfig } from "../config.ts";
import type { Fetch } from "../http/bounded_fetch.ts";
import { createTokenKeys, type TokenKeys } from "./token_keys.ts";

/** Clock skew allowed both ways, in seconds: Clerk's own default. */
export const SKEW = 5;

/** A token whose signature was verified, and the key that did; undefined if several keys had to be tried. */
export type VerifiedToken = Pick<JWTVerifyResult, "payload" | "protectedHeader"> & {
  key: ResolvedKey["key"] | undefined;
};

/** The check of signatures. */
export interface SignatureCheck {
  /** Verifies a token, or throws what jose throws, or `JWKS_UNAVAILABLE`. */
  verify: (token: string) => Promise<VerifiedToken>;
  /** Returns whether the key that verified a token is still the one that the token's issuer publishes under its id. */
  isInForce: (verified: VerifiedToken) => Promise<boolean>;
}

/**
 * Creates the check. Keep one per process: it keeps the signing keys.
 *
 * @param config Issuers and keys.
 * @param fetch The network.
 * @param now The clock, in milliseconds.
 * @returns The check.
 */
export function createSignatureCheck(config: TokenConfig, fetch: Fetch, now: () => number): SignatureCheck {
  const keysOf = createTokenKeys(config, fetch, now);
  return {
    verify: async (token) => {
      const issuer = claimedIssuer(token, config.issuers);
      const keys = keysOf(issuer);
      const verify = () =>
        verifySignature(token, keys, {
          algorithms: ["RS256"],
          issuer,
          clockTolerance: SKEW,
          currentDate: new Date(now()),
          requiredClaims: ["exp", "sub"],
        });
      return await retryOnBadSignature(verify, keys);
    },
    isInForce: async ({ payload: { iss }, protectedHeader, key }) => {
      if (key === undefined || iss === undefined || !config.issuers.includes(iss)) return false;
      // What the finder throws, verifying the token again tells.
      const find = async () => await keysOf(iss).find(protectedHeader, { payload: "", signature: "" });
      return await find().catch(() => undefined) === key;
    },
  };
}

/** Several keys may be published under one id, so each of them is tried; a token without an id names none. */
async function verifySignature(token: string, keys: TokenKeys, options: JWTVerifyOptions): Promise<VerifiedToken> {
  try {
    return await jwtVerify(token, keys.find, options);
  } catch (error) {
    const isAmbiguous = error instanceof errors.JWKSMultipleMatchingKeys;
    if (!isAmbiguous || typeof decodeProtectedHeader(token).kid !== "string") throw error;
    for await (const key of error) {
      const verified = await jwtVerify(token, key, options).catch(unlessOtherKey);
      if (verified) return { ...verified, key: undefined };
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

function unlessOtherKey(error: unknown): undefined {
  if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
}

/**
 * Reads whose token this claims to be, which nothing vouches for yet: the signature is then checked against this
 * issuer's keys, and `iss` again against this issuer. A token of anyone else is compared with the first issuer.
 */
function claimedIssuer(token: string, issuers: readonly string[]): string {
  const first = issuers[0]!;
  if (issuers.length === 1) return first;
  const { iss } = decodeJwt(token);
  return issuers.find((issuer) => issuer === iss) ?? first;
}

/** A rotated key may keep its id: the signature then fits only the key that is published now. */
async function retryOnBadSignature<T>(verify: () => Promise<T>, keys: TokenKeys): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed && await keys.refresh()) return await verify();
    throw error;
  }
}
