/**
 * Registers tests that share a resource which outlives each of them: a stack, a database, a server.
 *
 * @module
 */

/**
 * Returns a `test` function for a file. It disables Deno's sanitizers, because they would report the shared resource as
 * a leak, and because PGlite sets its own exit code.
 *
 * @param prefix The start of every test's name.
 * @param before Runs before every test.
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
