/**
 * Chromium, driven as a person would.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type Browser, chromium, type Page } from "playwright-core";

/** What there is to check beside the page. */
export interface Visit {
  /** What the page complained of. At the end of the visit, there must be nothing left in it. */
  errors: string[];
  /** The origins that the page asked anything of. */
  origins: Set<string>;
}

/** Where Debian installs Chromium. */
export const EXECUTABLE = "/usr/bin/chromium";

/** Without these, Chromium would ask its maker's hosts for news. */
const ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  // clerk-js takes a browser that says it is driven for one that is offline, and passes over what fails.
  "--disable-blink-features=AutomationControlled",
];

let browser: Promise<Browser> | undefined;

/**
 * Opens a page with cookies of its own.
 *
 * @param run What to do on the page.
 * @throws {AssertionError} If the page complained.
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

/** Ends the browser. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}
