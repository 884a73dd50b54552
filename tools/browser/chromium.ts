/**
 * Drives Chromium as a user would.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type Browser, chromium, type Page } from "playwright-core";

/** Observations of a visit in addition to the page. */
export interface Visit {
  /** Errors of the page. The visit fails if any are left at its end. */
  errors: string[];
  /** The origins that the page sent requests to. */
  origins: Set<string>;
}

/** The path of Chromium on Debian. */
export const EXECUTABLE = "/usr/bin/chromium";

/** Flags that prevent requests to the hosts of Chromium's maker. */
const ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  // clerk-js treats an automated browser as offline, and ignores failed requests.
  "--disable-blink-features=AutomationControlled",
];

let browser: Promise<Browser> | undefined;

/**
 * Opens a page with its own cookies.
 *
 * @param run A function that uses the page.
 * @throws {AssertionError} If the page has reported errors.
 */
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

/** Closes the browser. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}
