/**
 * Tokens whose signature was verified a moment ago. A page calls the functions several times with the same token, and
 * verifying the signature would take half of each call's CPU time.
 *
 * @module
 */
import type { VerifiedToken } from "./signature.ts";

/** Remembers verified tokens in this process's memory alone. */
export interface VerifiedTokens {
  /**
   * Returns the header and the key of a token that is remembered, character by character the same, and a copy of its
   * claims.
   */
  recall: (token: string) => VerifiedToken | undefined;
  remember: (token: string, verified: VerifiedToken) => void;
  forget: (token: string) => void;
}

/** The most tokens. */
export const MOST_TOKENS = 1_000;
/** The most characters of tokens and their claims: a token has at most 8 Ki, and usually less than one. */
export const MOST_CHARACTERS = 2 * 1024 * 1024;

/** The claims are kept as text: each caller gets an object of its own, which it may change. */
interface Kept {
  claims: string;
  protectedHeader: VerifiedToken["protectedHeader"];
  key: VerifiedToken["key"];
}

/**
 * Creates an empty memory. It decides nothing: times, party and session are checked at each use, and so is whether the key
 * is still in force.
 *
 * @returns The memory. When it is full, the older half of it makes room.
 */
export function createVerifiedTokens(): VerifiedTokens {
  // Two halves, of which the older is dropped as a whole: to look for the oldest token would cost more than to keep one.
  let newer = new Map<string, Kept>();
  let older = new Map<string, Kept>();
  let characters = 0;

  function remember(token: string, { payload, protectedHeader, key }: VerifiedToken): void {
    const claims = JSON.stringify(payload);
    const size = token.length + claims.length;
    if (newer.size >= MOST_TOKENS / 2 || characters + size > MOST_CHARACTERS / 2) {
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
