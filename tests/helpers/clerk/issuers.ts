/**
 * Issuers of unit tests. Tests share a few keys, because an RSA key takes 0.1 s of CPU time.
 *
 * @module
 */
import { createIssuer, createIssuerKeys, type Issuer, type IssuerOptions } from "../../../dev/clerk/issuer.ts";

/** Names a key. Every name stands for another key, and for the same one in the whole process. */
export type KeyName = "first" | "second" | "third";

const keys = new Map<KeyName, ReturnType<typeof createIssuerKeys>>();

/** Returns the key pair of a name. */
export function keysOf(name: KeyName): ReturnType<typeof createIssuerKeys> {
  const known = keys.get(name) ?? createIssuerKeys();
  keys.set(name, known);
  return known;
}

/** Creates an issuer that signs with a key. */
export async function issuerWith(key: KeyName, options: Omit<IssuerOptions, "keys"> = {}): Promise<Issuer> {
  return await createIssuer({ ...options, keys: await keysOf(key) });
}
