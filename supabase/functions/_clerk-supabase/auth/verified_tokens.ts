/**
 * Tokens whose signature was verified a moment ago. A page calls the functions several times with the same token, and
 * the signature is the dearest part of each call.
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

/** The most tokens, and the most characters of tokens and claims: a token is at most 8 KiB, and usually 1 KiB. */
export const MOST_TOKENS = 1_000;
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
 * @returns The memory. When it is full, the oldest token makes room.
 */
export function createVerifiedTokens(): VerifiedTokens {
  const kept = new Map<string, Kept>();
  let characters = 0;

  function forget(token: string): void {
    const known = kept.get(token);
    if (known === undefined) return;
    characters -= token.length + known.claims.length;
    kept.delete(token);
  }

  function recall(token: string): VerifiedToken | undefined {
    const known = kept.get(token);
    return known && { payload: JSON.parse(known.claims), protectedHeader: known.protectedHeader, key: known.key };
  }

  function remember(token: string, { payload, protectedHeader, key }: VerifiedToken): void {
    forget(token);
    const claims = JSON.stringify(payload);
    kept.set(token, { claims, protectedHeader: Object.freeze({ ...protectedHeader }), key });
    characters += token.length + claims.length;
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_TOKENS && characters <= MOST_CHARACTERS) break;
      forget(oldest);
    }
  }

  return { recall, remember, forget };
}
