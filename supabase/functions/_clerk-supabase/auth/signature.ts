/**
 * Verifies that Clerk signed a token: signature, issuer and times, by jose and the issuer's keys.
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

/** Clock skew allowed in both directions: Clerk's own default. */
export const SKEW_SECONDS = 5;

/** A token with a verified signature, and its key; the key is undefined if several keys had to be tried. */
export type VerifiedToken = Pick<JWTVerifyResult, "payload" | "protectedHeader"> & {
  key: ResolvedKey["key"] | undefined;
};

/** The check of signatures. */
export interface SignatureCheck {
  /** Verifies a token. Throws jose's errors or `JWKS_UNAVAILABLE`. */
  verify: (token: string) => Promise<VerifiedToken>;
  /** Returns whether the token's issuer still publishes the key that verified the token, under the same id. */
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
          clockTolerance: SKEW_SECONDS,
          currentDate: new Date(now()),
          requiredClaims: ["exp", "sub"],
        });
      return await retryOnBadSignature(verify, keys);
    },
    isInForce: async ({ payload: { iss }, protectedHeader, key }) => {
      if (key === undefined || iss === undefined || !config.issuers.includes(iss)) return false;
      // An error of the finder is ignored here: verifying the token again reports it.
      const find = async () => await keysOf(iss).find(protectedHeader, { payload: "", signature: "" });
      return await find().catch(() => undefined) === key;
    },
  };
}

/** An issuer may publish several keys under one id, so each of them is tried. A token without an id is refused. */
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
 * Returns the issuer that the token claims. The claim is not verified yet: the signature is then checked with this
 * issuer's keys, and `iss` is compared with this issuer. An unknown issuer is replaced by the first configured one.
 */
function claimedIssuer(token: string, issuers: readonly string[]): string {
  const first = issuers[0]!;
  if (issuers.length === 1) return first;
  const { iss } = decodeJwt(token);
  return issuers.find((issuer) => issuer === iss) ?? first;
}

/**
 * A rotated key may keep its id. The signature then matches only the key that is published now. Of several requests at
 * the rotation, one fetches the keys, and all verify again.
 */
async function retryOnBadSignature<T>(verify: () => Promise<T>, keys: TokenKeys): Promise<T> {
  const used = keys.held();
  try {
    return await verify();
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed && await keys.refresh(used)) return await verify();
    throw error;
  }
}
