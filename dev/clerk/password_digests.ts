/**
 * Parses and checks password digests imported from an earlier system.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash, pbkdf2Sync, scryptSync, timingSafeEqual } from "node:crypto";
import { invalidParameter, notSimulated } from "./errors.ts";

/** A digest passed to `createUser()`. */
export interface PasswordDigest {
  digest: string;
  hasher: string;
}

/** The values of `password_hasher` that Clerk accepts. */
const HASHERS = [
  ...["argon2", "argon2i", "argon2id", "awscognito", "bcrypt", "bcrypt_sha256_django", "ldap_ssha", "md5"],
  ...["md5_phpass", "pbkdf2_sha1", "pbkdf2_sha256", "pbkdf2_sha256_django", "pbkdf2_sha512", "pbkdf2_sha512_hex"],
  ...["phpass", "scrypt_firebase", "scrypt_werkzeug", "sha256", "sha512_symfony"],
];

/** Memory limit of scrypt. Werkzeug's parameters need 32 MiB. */
const SCRYPT_MEMORY_BYTES = 64 * 1024 * 1024;

/** Checks of a password against a digest, by hasher. */
const CHECKS: Record<string, (password: string, digest: string) => boolean> = {
  md5: (password, digest) => isSame(createHash("md5").update(password).digest(), Buffer.from(digest, "hex")),
  sha256: (password, digest) => isSame(createHash("sha256").update(password).digest(), Buffer.from(digest, "hex")),
  pbkdf2_sha256_django: (password, digest) => {
    const [, iterations = "", salt = "", hash = ""] = digest.split("$");
    const expected = Buffer.from(hash, "base64");
    return isSame(pbkdf2Sync(password, salt, Number(iterations), expected.length, "sha256"), expected);
  },
  scrypt_werkzeug: (password, digest) => {
    const [method = "", salt = "", hash = ""] = digest.split("$");
    const [, N, r, p] = method.split(":").map(Number);
    const expected = Buffer.from(hash, "hex");
    return isSame(
      scryptSync(password, salt, expected.length, { N: N!, r: r!, p: p!, maxmem: SCRYPT_MEMORY_BYTES }),
      expected,
    );
  },
};

/**
 * Validates a digest and its hasher.
 *
 * @param digest The hash.
 * @param hasher The kind of digest.
 * @returns The digest to store.
 * @throws {ClerkError} 422 if Clerk does not know the hasher.
 */
export function readDigest(digest: string, hasher: string | undefined): PasswordDigest {
  if (hasher === undefined) {
    throw invalidParameter("password_hasher", "password_hasher is required", "form_param_missing");
  }
  if (HASHERS.includes(hasher)) return { digest, hasher };
  throw invalidParameter(
    "password_hasher",
    `password_hasher must be one of ${HASHERS.join(", ")}`,
    "form_param_value_invalid",
  );
}

/**
 * Returns whether a password matches a digest.
 *
 * @param password The password.
 * @param kept The digest.
 * @returns Whether they match.
 * @throws {ClerkError} 501 if the simulator can store this kind of digest but not check it.
 */
export function matchesDigest(password: string, { digest, hasher }: PasswordDigest): boolean {
  const check = CHECKS[hasher];
  if (!check) {
    throw notSimulated(`The simulator cannot check passwords with a digest of ${hasher}`, { param: "password" });
  }
  return check(password, digest);
}

function isSame(actual: Uint8Array, expected: Uint8Array): boolean {
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
