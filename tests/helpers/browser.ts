/**
 * Tests that need Chromium.
 *
 * @module
 */
import { assert } from "@std/assert";
import { EXECUTABLE } from "../../tools/browser/chromium.ts";

const NO_CHROMIUM = `${EXECUTABLE} is not there, for example by apt-get install chromium`;

const installed = await Deno.stat(EXECUTABLE).then(() => true, () => false);
const skip = !installed && !Deno.env.has("CI");
// deno-lint-ignore no-console -- whoever runs the tests has to know what did not run
if (skip) console.log(`tests/browser does not run: ${NO_CHROMIUM}`);

/**
 * Makes a `test` function for a file. Its tests share a browser, and what else the file starts.
 *
 * @param prefix What every test's name begins with.
 * @returns Registers a test.
 */
export function browserTestsOf(prefix: string) {
  return (name: string, run: () => Promise<void>): void => {
    Deno.test({
      name: skip ? `${prefix}${name} (does not run: ${NO_CHROMIUM})` : `${prefix}${name}`,
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
