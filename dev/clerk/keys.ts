/**
 * The simulator's identity: instance, signing key, secrets.
 *
 * @module
 */
import { exportJWK, generateKeyPair, importJWK, type JSONWebKeySet, type JWK } from "jose";

/** Whether an instance is for development or for production, as its keys say. */
export type InstanceKind = "test" | "live";

/** What makes one Clerk instance. It can be written to a file and read again. */
export interface Instance {
  /** `ins_…`, which is also the `kid` of its first signing key. */
  id: string;
  /** The `kid` of the signing key, where it is not the first one. */
  keyId?: string;
  /** The RS256 key that signs session tokens. */
  privateJwk: JWK;
  /** `sk_test_…` or `sk_live_…`, for the Backend API. */
  secretKey: string;
  /** `whsec_…`, which signs webhooks. */
  webhookSecret: string;
}

/**
 * Makes a new instance.
 *
 * @param kind For development or for production.
 * @returns An instance that nobody has seen before.
 */
export async function createInstance(kind: InstanceKind): Promise<Instance> {
  return {
    id: createId("ins"),
    privateJwk: await createKey(),
    secretKey: `sk_${kind}_${randomText(40)}`,
    webhookSecret: `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24))))}`,
  };
}

async function createKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return await exportJWK(privateKey);
}

/**
 * Gives an instance a new signing key. The old one is gone: whoever has refreshed the keys takes no old token.
 *
 * @param instance The instance.
 * @returns The instance with the new key.
 */
export async function rotateKey(instance: Instance): Promise<Instance> {
  return { ...instance, privateJwk: await createKey(), keyId: createId("ins") };
}

/**
 * The name of the signing key.
 *
 * @param instance The instance.
 * @returns Its `kid`.
 */
export function keyIdOf({ id, keyId }: Instance): string {
  return keyId ?? id;
}

/**
 * What an instance is for.
 *
 * @param instance The instance.
 * @returns What its secret key says.
 */
export function kindOf({ secretKey }: Instance): InstanceKind {
  return secretKey.startsWith("sk_live_") ? "live" : "test";
}

/**
 * The published half of the signing key.
 *
 * @param instance The instance.
 * @returns Its JWKS.
 */
export function publicKeys(instance: Instance): JSONWebKeySet {
  const { n, e } = instance.privateJwk;
  return { keys: [{ kty: "RSA", use: "sig", alg: "RS256", kid: keyIdOf(instance), n: n!, e: e! }] };
}

/**
 * The signing key itself.
 *
 * @param instance The instance.
 * @returns A key for `SignJWT`.
 */
export function signingKey({ privateJwk }: Instance): Promise<CryptoKey | Uint8Array> {
  return importJWK(privateJwk, "RS256");
}

/**
 * The publishable key, in which Clerk puts the host of the Frontend API.
 *
 * @param kind For development or for production.
 * @param host A host with a dot in it, and its port.
 * @returns `pk_test_…` or `pk_live_…`
 */
export function publishableKey(kind: InstanceKind, host: string): string {
  return `pk_${kind}_${btoa(`${host}$`).replace(/=+$/, "")}`;
}

/**
 * An id as Clerk makes them: a prefix and 27 characters that sort by the second they were made in.
 *
 * @param prefix Such as `user`.
 * @param now The time in milliseconds.
 * @param rest The last 20 of the characters.
 * @returns The id.
 */
export function createId(prefix: string, now = Date.now(), rest = randomText(20)): string {
  const second = Math.floor(now / 1000).toString(36).padStart(7, "0");
  return `${prefix}_${second}${rest}`;
}

function randomText(length: number): string {
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => alphabet[byte % 62]).join("");
}
