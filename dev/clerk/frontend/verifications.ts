/**
 * Verifies addresses and phone numbers by code.
 *
 * @module
 */
import { ClerkError, invalidParameter } from "../errors.ts";

/** Clerk's limits for a code. */
const LIFETIME_MS = 10 * 60_000;
const MAX_ATTEMPTS = 3;

/** The code of Clerk's test addresses and test numbers. */
const TEST_CODE = "424242";

/** A code and the state of its verification. */
export interface Verification {
  strategy: string;
  code: string;
  status: "unverified" | "verified";
  attempts: number;
  /** Milliseconds. */
  expiresAt: number;
}

/**
 * Returns whether an address or a number is for tests, so that Clerk sends nothing and accepts 424242: such as
 * `ada+clerk_test@example.com`, and numbers from `555 0100` to `555 0199` in any area code.
 *
 * @param to The address, or the number with its country code.
 * @returns Whether it is a test address or number.
 */
export function isForTests(to: string): boolean {
  return to.includes("@") ? /\+clerk_test[^@]*@/.test(to) : /^\+1\d{3}55501\d{2}$/.test(to);
}

/**
 * Starts a verification with a new code.
 *
 * @param strategy `email_code`, or another of Clerk's.
 * @param to The address or the number.
 * @returns The verification; the caller sends the code.
 */
export function beginVerification(strategy: string, to: string): Verification {
  const code = isForTests(to) ? TEST_CODE : createCode();
  return { strategy, code, status: "unverified", attempts: 0, expiresAt: Date.now() + LIFETIME_MS };
}

/**
 * Checks a code and marks the verification as verified.
 *
 * @param verification The verification; undefined if none was started.
 * @param strategy The strategy in the request.
 * @param code The code in the request.
 * @throws {ClerkError} 422 if the code is wrong; 400 if no code was sent, the code expired, or too many attempts
 * failed.
 */
export function requireCode(verification: Verification | undefined, strategy: string, code: string): void {
  if (!verification || verification.strategy !== strategy) {
    throw new ClerkError(
      400,
      "verification_not_sent",
      "You need to send a verification code before attempting to verify.",
    );
  }
  if (verification.status === "verified") {
    throw new ClerkError(400, "verification_already_verified", "This verification has already been verified.");
  }
  if (Date.now() >= verification.expiresAt) {
    throw new ClerkError(400, "verification_expired", "This verification has expired. You must create a new one.");
  }
  if (verification.attempts >= MAX_ATTEMPTS) {
    throw new ClerkError(400, "verification_failed", "Too many failed attempts. You have to send another code.");
  }
  verification.attempts += 1;
  if (code !== verification.code) throw invalidParameter("code", "Incorrect code", "form_code_incorrect");
  verification.status = "verified";
}

/**
 * Returns a verification in Clerk's format, without the code.
 *
 * @param verification The verification; undefined if none was started.
 * @returns The object, or null.
 */
export function verificationResource(verification: Verification | undefined): Record<string, unknown> | null {
  if (!verification) return null;
  const { strategy, status, attempts, expiresAt } = verification;
  return { object: "verification", strategy, status, attempts, expire_at: expiresAt, error: null };
}

function createCode(): string {
  const [number] = crypto.getRandomValues(new Uint32Array(1));
  return String(number! % 1_000_000).padStart(6, "0");
}
