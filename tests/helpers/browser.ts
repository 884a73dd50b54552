/**
 * Registers tests that need Chromium.
 *
 * @module
 */
import { assert } from "@std/assert";
import { EXECUTABLE } from "../../tools/browser/chromium.ts";

const NO_CHROMIUM = `${EXECUTABLE} is missing; install it, for example with apt-get install chromium`;

const installed = await Deno.stat(EXECUTABLE).then(() => true, () => false);
const skip = !installed && !Deno.env.has("CI");
// deno-lint-ignore no-console -- reports skipped tests to the developer
if (skip) console.log(`Skipping tests/browser: ${NO_CHROMIUM}`);

/**
 * Returns a `test` function for a file whose tests share a browser and other resources.
 *
 * @param prefix The start of every test's name.
 * @returns Registers a test.
 */
export function browserTestsOf(prefix: string) {
  return (name: string, run: () => Promise<void>): void => {
    Deno.test({
      name: skip ? `${prefix}${name} (skipped: ${NO_CHROMIUM})` : `${prefix}${name}`,
      ignore: skip,
      sanitizeOps: false,
      sanitizeResources: false,
      sanitizeExit: false,
      fn: () => {
        assert(installed, `Cannot run ${name}: ${NO_CHROMIUM}`);
        return run();
      },
    });
  };
}
