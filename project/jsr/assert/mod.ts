/**
 * Stand-in for `@std/assert` if JSR does not answer: only the symbols in use here.
 *
 * @module
 */
import { AssertionError, deepStrictEqual } from "node:assert";

export { AssertionError };

/** Fails unless the value is truthy. */
export function assert(value: unknown, message = "Expected a truthy value"): asserts value {
  if (!value) throw new AssertionError({ message });
}

/** Fails unless both values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  // A message, not an error: creating an error compares and prints both values even if they are equal.
  deepStrictEqual(actual, expected, message);
}

/** Fails unless the text contains the part. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  if (actual.includes(expected)) return;
  assert(false, message ?? `Expected ${JSON.stringify(actual)} to include ${JSON.stringify(expected)}`);
}

/** Fails unless the text matches. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  if (!expected.test(actual)) assert(false, message ?? `Expected ${JSON.stringify(actual)} to match ${expected}`);
}

// deno-lint-ignore no-explicit-any -- any constructor, as in the original
type ErrorClass<E extends Error> = new (...args: any[]) => E;

/** Fails unless the function throws an error of the class with the text in its message; returns the error. */
export function assertThrows<E extends Error>(run: () => unknown, ErrorType: ErrorClass<E>, msgIncludes = ""): E {
  try {
    run();
  } catch (error) {
    assert(error instanceof ErrorType, `Expected ${ErrorType.name}, got ${error}`);
    assertStringIncludes(error.message, msgIncludes);
    return error;
  }
  throw new AssertionError({ message: `Expected ${ErrorType.name}, nothing was thrown` });
}

/** Fails unless the promise rejects with an error of the class with the text in its message; returns the error. */
export async function assertRejects<E extends Error>(
  run: () => Promise<unknown>,
  ErrorType: ErrorClass<E>,
  msgIncludes = "",
): Promise<E> {
  try {
    await run();
  } catch (error) {
    assert(error instanceof ErrorType, `Expected ${ErrorType.name}, got ${error}`);
    assertStringIncludes(error.message, msgIncludes);
    return error;
  }
  throw new AssertionError({ message: `Expected ${ErrorType.name}, nothing was rejected` });
}
