/**
 * Chromium, driven as a person would.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Browser, chromium, type Page } from "playwright-core";

/** What a test may look at beside the page. */
export interface Visit {
  /** What the page complained of. At the end of the test there may be nothing left in it. */
  errors: string[];
  /** The origins that the page asked anything of. */
  origins: Set<string>;
}

const EXECUTABLE = "/usr/bin/chromium";

const NO_CHROMIUM = `${EXECUTABLE} is not there, for example by apt-get install chromium`;

/** Without these, Chromium would ask its maker's hosts for news. */
const ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  // clerk-js takes a browser that says it is driven for one that is offline, and passes over what fails.
  "--disable-blink-features=AutomationControlled",
];

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

let browser: Promise<Browser> | undefined;

/** Runs a test with a page of its own, whose cookies are nobody else's; a page that complained fails the test. */
export async function withPage(run: (page: Page, visit: Visit) => Promise<void>): Promise<void> {
  browser ??= chromium.launch({ executablePath: EXECUTABLE, headless: true, args: ARGUMENTS });
  const context = await (await browser).newContext();
  const visit: Visit = { errors: [], origins: new Set() };
  try {
    const page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && visit.errors.push(message.text()));
    page.on("pageerror", (error) => visit.errors.push(String(error)));
    page.on("request", (request) => visit.origins.add(new URL(request.url()).origin));
    await run(page, visit);
    assertEquals(visit.errors, []);
  } finally {
    await context.close();
  }
}

/** Ends the browser, at the end of a file. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}
