/**
 * Checks and hashes passwords. Only a salted hash is kept.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { invalidParameter } from "./errors.ts";
import { matchesDigest, type PasswordDigest } from "./password_digests.ts";

/** A hash of a password by the simulator, in base64. */
interface SaltedHash {
  salt: string;
  hash: string;
}

/** The stored form of a password: the simulator's hash, or an imported digest. */
export type PasswordHash = SaltedHash | PasswordDigest;

/** Clerk's limits, in characters. */
export const PASSWORD_LENGTHS = { min: 8, max: 72 } as const;

/** Slows down guessing from a leaked file while signing in stays fast. */
const ITERATIONS = 100_000;

/**
 * Throws if Clerk would reject the password for its length.
 *
 * @param password The password.
 * @throws {ClerkError} 422 if it is too short or too long.
 */
export function checkPassword(password: unknown): void {
  const { min, max } = PASSWORD_LENGTHS;
  if (typeof password !== "string" || password.length < min) {
    throw invalidParameter(
      "password",
      `Passwords must be ${min} characters or more.`,
      "form_password_length_too_short",
    );
  }
  if (password.length > max) {
    const message = `Passwords must be ${max} characters or fewer.`;
    throw invalidParameter("password", message, "form_password_length_too_long");
  }
}

/**
 * Hashes a password with a new salt.
 *
 * @param password The password.
 * @returns The hash to store.
 */
export async function hashPassword(password: string): Promise<SaltedHash> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return { salt: toText(salt), hash: toText(await derive(password, salt)) };
}

/**
 * Returns whether a password matches the stored one.
 *
 * @param password The password to check.
 * @param kept The stored hash or digest.
 * @returns Whether they match.
 * @throws {ClerkError} 501 if the simulator cannot check this kind of digest.
 */
export async function isPassword(password: string, kept: PasswordHash): Promise<boolean> {
  if ("digest" in kept) return matchesDigest(password, kept);
  return toText(await derive(password, new Uint8Array(Buffer.from(kept.salt, "base64")))) === kept.hash;
}

async function derive(password: string, salt: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(password), "PBKDF2", false, ["deriveBits"]);
  const parameters = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256));
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
