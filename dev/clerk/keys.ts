/**
 * The simulator's identity: instance id, signing key and secrets.
 *
 * @module
 */
import { exportJWK, generateKeyPair, importJWK, type JSONWebKeySet, type JWK } from "jose";

/** The kind of an instance, as in its keys: development (`test`) or production (`live`). */
export type InstanceKind = "test" | "live";

/** The identity of a Clerk instance. It can be saved to a file. */
export interface Instance {
  /** `ins_…`, which is also the `kid` of its first signing key. */
  id: string;
  /** The `kid` of the signing key if it is not the first one. */
  keyId?: string;
  /** The RS256 key that signs session tokens. */
  privateJwk: JWK;
  /** `sk_test_…` or `sk_live_…`, for the Backend API. */
  secretKey: string;
  /** `whsec_…`, which signs webhooks. */
  webhookSecret: string;
}

/**
 * Creates an instance with a new id and new secrets.
 *
 * @param kind Development or production.
 * @param privateJwk The signing key; a new one if undefined.
 * @returns The instance.
 */
export async function createInstance(kind: InstanceKind, privateJwk?: JWK): Promise<Instance> {
  return {
    id: createId("ins"),
    privateJwk: privateJwk ?? await createKey(),
    secretKey: `sk_${kind}_${randomText(40)}`,
    webhookSecret: `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24))))}`,
  };
}

async function createKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return await exportJWK(privateKey);
}

/**
 * Replaces an instance's signing key. A verifier that has refreshed the keys rejects tokens of the old key.
 *
 * @param instance The instance.
 * @returns The instance with the new key.
 */
export async function rotateKey(instance: Instance): Promise<Instance> {
  return { ...instance, privateJwk: await createKey(), keyId: createId("ins") };
}

/**
 * Returns the `kid` of the signing key.
 *
 * @param instance The instance.
 * @returns The `kid`.
 */
export function keyIdOf({ id, keyId }: Instance): string {
  return keyId ?? id;
}

/**
 * Returns the kind of an instance, as its secret key says.
 *
 * @param instance The instance.
 * @returns Development or production.
 */
export function kindOf({ secretKey }: Instance): InstanceKind {
  return secretKey.startsWith("sk_live_") ? "live" : "test";
}

/**
 * Returns the public half of the signing key.
 *
 * @param instance The instance.
 * @returns The JWKS.
 */
export function publicKeys(instance: Instance): JSONWebKeySet {
  const { n, e } = instance.privateJwk;
  return { keys: [{ kty: "RSA", use: "sig", alg: "RS256", kid: keyIdOf(instance), n: n!, e: e! }] };
}

/**
 * Imports the private signing key.
 *
 * @param instance The instance.
 * @returns A key for `SignJWT`.
 */
export function signingKey({ privateJwk }: Instance): Promise<CryptoKey | Uint8Array> {
  return importJWK(privateJwk, "RS256");
}

/**
 * Returns the publishable key, which encodes the host of the Frontend API.
 *
 * @param kind Development or production.
 * @param host A host name with a dot, and its port.
 * @returns `pk_test_…` or `pk_live_…`
 */
export function publishableKey(kind: InstanceKind, host: string): string {
  return `pk_${kind}_${btoa(`${host}$`).replace(/=+$/, "")}`;
}

/**
 * Returns an id in Clerk's format: a prefix and 27 characters that sort by the second of creation.
 *
 * @param prefix Such as `user`.
 * @param now The time in milliseconds.
 * @param rest The last 20 characters.
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
