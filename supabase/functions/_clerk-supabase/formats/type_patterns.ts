/**
 * Matches event types with the patterns of `CLERK_KEEP_EVENTS`.
 *
 * @module
 */

/** A type such as `email.created`, or a prefix such as `subscription.*`. */
const PATTERN = /^[A-Za-z]\w*(\.[A-Za-z]\w*)*(\.\*)?$/;

/**
 * Returns whether a pattern has a valid form. A lone `*` is refused: kept events may contain personal data, so the
 * adopter has to name them.
 *
 * @param pattern One item of `CLERK_KEEP_EVENTS`.
 * @returns True for a type, or a prefix with `.*`.
 */
export function isTypePattern(pattern: string): boolean {
  return PATTERN.test(pattern);
}

/**
 * Creates the test of an event's type.
 *
 * @param patterns Types and prefixes. If empty, nothing is kept.
 * @returns The test, which is case-sensitive like Clerk's types.
 *
 * @example
 * ```ts
 * import { createTypeTest } from "./type_patterns.ts";
 *
 * const keepsType = createTypeTest(["email.created", "subscription.*"]);
 * if (!keepsType("email.created") || !keepsType("subscription.updated")) throw new Error();
 * if (keepsType("email.updated") || keepsType("subscriptionItem.updated")) throw new Error();
 * ```
 */
export function createTypeTest(patterns: readonly string[]): (type: string) => boolean {
  const types = new Set(patterns);
  const prefixes = patterns.filter((pattern) => pattern.endsWith("*")).map((pattern) => pattern.slice(0, -1));
  return (type) => types.has(type) || prefixes.some((prefix) => type.length > prefix.length && type.startsWith(prefix));
}
