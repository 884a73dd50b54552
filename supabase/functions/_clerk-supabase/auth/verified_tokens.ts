/**
 * Remembers tokens with a verified signature. A page calls the functions several times with the same token, and
 * verifying the signature would take half of each call's CPU time.
 *
 * @module
 */
import type { VerifiedToken } from "./signature.ts";

/** A memory of verified tokens, for this process only. */
export interface VerifiedTokens {
  /**
   * Returns the header and the key of a remembered token, and a copy of its claims. The token must be the same in every
   * character.
   */
  recall: (token: string) => VerifiedToken | undefined;
  remember: (token: string, verified: VerifiedToken) => void;
  forget: (token: string) => void;
}

/** Upper limit of remembered tokens. */
export const MAX_TOKENS = 1_000;
/** Upper limit of the characters of all tokens and claims. A token has at most 8 Ki, and usually less than 1 Ki. */
export const MAX_CHARACTERS = 2 * 1024 * 1024;

/** The claims are kept as text, so that each caller gets its own object, which it may change. */
interface Kept {
  claims: string;
  protectedHeader: VerifiedToken["protectedHeader"];
  key: VerifiedToken["key"];
}

/** Returns the claims as text; undefined if they have a number that JSON cannot hold, such as 1e400. */
function exactJson(payload: VerifiedToken["payload"]): string | undefined {
  let isExact = true;
  const text = JSON.stringify(payload, (_, value) => {
    if (typeof value === "number" && !Number.isFinite(value)) isExact = false;
    return value;
  });
  return isExact ? text : undefined;
}

/**
 * Creates an empty memory. It replaces only the check of the signature: times, party, session and the validity of the
 * key are checked at each use.
 *
 * @returns The memory. When it is full, it drops its older half.
 */
export function createVerifiedTokens(): VerifiedTokens {
  // Dropping a whole half is cheaper than finding the oldest token.
  let newer = new Map<string, Kept>();
  let older = new Map<string, Kept>();
  let characters = 0;

  function remember(token: string, { payload, protectedHeader, key }: VerifiedToken): void {
    const claims = exactJson(payload);
    if (claims === undefined) return;
    const size = token.length + claims.length;
    if (newer.size >= MAX_TOKENS / 2 || characters + size > MAX_CHARACTERS / 2) {
      older = newer;
      newer = new Map();
      characters = 0;
    }
    newer.set(token, { claims, protectedHeader: Object.freeze({ ...protectedHeader }), key });
    characters += size;
  }

  function recall(token: string): VerifiedToken | undefined {
    const known = newer.get(token) ?? older.get(token);
    return known && { payload: JSON.parse(known.claims), protectedHeader: known.protectedHeader, key: known.key };
  }

  function forget(token: string): void {
    newer.delete(token);
    older.delete(token);
  }

  return { recall, remember, forget };
}
