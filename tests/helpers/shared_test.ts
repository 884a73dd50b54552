/**
 * Tests that share something which outlives each of them: a stack, a database, a server.
 *
 * @module
 */

/**
 * Makes a `test` function for a file. Deno's sanitizers would take what is shared for a leak, and PGlite sets an exit
 * code of its own.
 *
 * @param prefix What every test's name begins with.
 * @param before What every test begins with.
 * @returns Registers a test.
 */
export function testsOf(prefix: string, before: () => Promise<unknown> = () => Promise.resolve()) {
  return (name: string, run: () => Promise<void>): void => {
    Deno.test({
      name: `${prefix}${name}`,
      sanitizeOps: false,
      sanitizeResources: false,
      sanitizeExit: false,
      fn: () => before().then(run),
    });
  };
}
